"""The whole application on a store that knows the facts of `facts.py`, asked over HTTP by token."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashapp.accounts import Accounts
from dashapp.accounts.tokens import create_token
from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.errors import StoreUnreachable
from metricstore.store import Store
from tests.api.facts import generations, log_records

PASSWORD = "correct horse battery staple"


class StoreThatFails:
    """Passes everything on to a real store, until told to fail."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._error: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if self._error is None or not callable(found) or name == "close":
            return found
        error = self._error

        def failing(*_args: object, **_kwargs: object) -> None:
            raise error

        return failing

    @contextlib.contextmanager
    def unreachable(self) -> Iterator[None]:
        yield from self._failing(StoreUnreachable("no answer from secret-host:8086"))

    @contextlib.contextmanager
    def broken(self) -> Iterator[None]:
        yield from self._failing(RuntimeError("inner detail"))

    def _failing(self, error: Exception) -> Iterator[None]:
        self._error = error
        yield
        self._error = None


@dataclass
class Api:
    """Asks as one user."""

    client: FlaskClient
    headers: dict[str, str]
    store: Store

    def raw(
        self, address: str, query: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> TestResponse:
        return self.client.get(f"/api/v1{address}", query_string=query, headers=self.headers | (headers or {}))

    def get(self, address: str, **query: str) -> dict[str, Any]:
        response = self.raw(address, query)
        assert response.status_code == 200, response.get_data(as_text=True)
        assert response.mimetype == "application/json"
        found: dict[str, Any] = response.get_json()
        return found


@pytest.fixture
def failing(duck_store: DuckStore) -> StoreThatFails:
    duck_store.write([*generations(), *log_records()])
    return StoreThatFails(duck_store)


@pytest.fixture
def app(failing: StoreThatFails, tmp_path: Path) -> Iterator[Flask]:
    settings = Settings(data_dir=tmp_path / "data", source_timezone="UTC", timezone="UTC")
    made = create_app(settings, store=CachedStore(failing))  # type: ignore[arg-type]
    yield made
    made.extensions["accounts"].close()


def _asking(app: Flask, name: str, platforms: tuple[str, ...] | None = None) -> Api:
    accounts: Accounts = app.extensions["accounts"]
    accounts.add(name, "viewer", PASSWORD)
    accounts.set_platforms(name, platforms)
    user = accounts.find(name)
    assert user is not None
    token = create_token(user, "tests", accounts=accounts)
    return Api(app.test_client(), {"Authorization": f"Bearer {token}"}, app.extensions["metricstore"])


@pytest.fixture
def api(app: Flask) -> Api:
    """Someone who may see everything."""
    return _asking(app, "alice")


@pytest.fixture
def limited(app: Flask) -> Api:
    """Someone who may see LinkedIn alone."""
    return _asking(app, "bob", ("linkedin",))
