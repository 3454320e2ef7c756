"""The whole application over a store of its own, and people who use it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashapp.accounts import Accounts, logins
from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore.duck import DuckStore

PASSWORD = "correct horse battery staple"
NAVIGATION = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Person:
    """Someone with a browser."""

    client: FlaskClient
    name: str

    def log_in(self, password: str = PASSWORD, next_: str | None = None) -> TestResponse:
        form = self.client.get("/login", query_string={"next": next_} if next_ else {})
        fields = {"username": self.name, "password": password, "csrf_token": csrf(form)}
        if next_:
            fields["next"] = next_
        return self.client.post("/login", data=fields)

    def logged_in(self) -> bool:
        return self.client.get("/_dash-layout").status_code == 200


def csrf(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def entered(app: Flask, name: str) -> FlaskClient:
    """A browser with a login of its own, as after the form."""
    accounts: Accounts = app.extensions["accounts"]
    user = accounts.find(name)
    assert user is not None
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = logins.begin(accounts, user, "127.0.0.1", timedelta(days=1)).get_id()
    return client


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var", timezone="UTC", source_timezone="UTC")


@pytest.fixture
def make_app(settings: Settings) -> Iterator[Callable[..., Flask]]:
    """Applications with other settings; each closed at the end."""
    made: list[Flask] = []

    def make(**changed: object) -> Flask:
        store = DuckStore(None)
        app = create_app(settings.model_copy(update=changed), store)
        app.extensions["accounts"].add("ann", "viewer", PASSWORD)
        app.extensions["accounts"].add("root", "admin", PASSWORD)
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["metricstore"].close()
        app.extensions["accounts"].close()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def accounts(app: Flask) -> Accounts:
    found: Accounts = app.extensions["accounts"]
    return found


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def ann(app: Flask) -> Person:
    """A viewer, not logged in."""
    return Person(app.test_client(), "ann")


@pytest.fixture
def viewer(ann: Person) -> Person:
    """A viewer, logged in."""
    assert ann.log_in().status_code == 302
    return ann


@pytest.fixture
def eve(app: Flask, accounts: Accounts) -> Person:
    """An analyst, logged in."""
    accounts.add("eve", "analyst", PASSWORD)
    found = Person(app.test_client(), "eve")
    found.log_in()
    return found
