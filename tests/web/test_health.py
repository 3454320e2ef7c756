"""What load balancers are told."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashapp import health
from metricstore.errors import StoreUnreachable


def test_a_working_application_is_alive_and_ready(stranger: FlaskClient) -> None:
    assert stranger.get("/healthz").json == {"status": "ok"}
    answer = stranger.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "checks": {"store": "ok", "accounts": "ok"}}


def test_without_its_store_it_is_alive_but_not_ready(
    app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def unreachable() -> Any:
        raise StoreUnreachable("no answer from secret-host:8086")

    monkeypatch.setattr(health, "_KEPT_SECONDS", 0.0)
    monkeypatch.setattr(app.extensions["metricstore"], "info", unreachable)
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "checks": {"store": "failed", "accounts": "ok"}}
    assert "secret-host" not in answer.text
    assert stranger.get("/healthz").status_code == 200
