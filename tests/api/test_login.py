"""The API under a login session, and under a one-time password."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import PASSWORD


def log_in(client: FlaskClient, name: str) -> None:
    form = client.get("/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token
    told = {"username": name, "password": PASSWORD, "csrf_token": token[1]}
    assert client.post("/login", data=told).status_code in (302, 303)


def test_a_login_session_opens_the_api(app: Flask) -> None:
    app.extensions["accounts"].add("carol", "viewer", PASSWORD)
    client = app.test_client()
    assert client.get("/api/v1/metrics").status_code == 401
    log_in(client, "carol")
    assert client.get("/api/v1/metrics").status_code == 200


def test_whose_password_must_be_changed_gets_403(app: Flask) -> None:
    app.extensions["accounts"].add("dave", "viewer", PASSWORD, must_change=True)
    client = app.test_client()
    log_in(client, "dave")
    response = client.get("/api/v1/metrics")
    assert (response.status_code, response.mimetype) == (403, "application/problem+json")
