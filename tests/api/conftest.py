"""The whole application on a store that knows the facts of `facts.py`, asked over HTTP by token."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application for all tests; each gives it a store of its own."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), source_timezone="UTC", timezone="UTC",
                        api_rate="1000000/minute")  # fmt: skip
    nothing = DuckStore(None)
    made = create_app(settings, store=nothing)
    yield made
    nothing.close()
    made.extensions["accounts"].close()


@pytest.fixture(scope="session")
def tokens(served: Flask) -> dict[str, str]:
    """Alice may see everything, Bob LinkedIn alone, Nobody nothing; Root administers."""
    accounts: Accounts = served.extensions["accounts"]
    made = {}
    for name, platforms in (("alice", None), ("bob", ("linkedin",)), ("nobody", ())):
        accounts.add(name, "viewer", PASSWORD)
        accounts.set_platforms(name, platforms)
        user = accounts.find(name)
        assert user is not None
        made[name] = create_token(user, "tests", accounts=accounts)
    made["root"] = create_token(accounts.add("admin", "admin", PASSWORD), "tests", accounts=accounts)
    return made


@pytest.fixture
def failing(duck_store: DuckStore) -> StoreThatFails:
    duck_store.write([*generations(), *log_records()])
    return StoreThatFails(duck_store)


@pytest.fixture
def app(served: Flask, failing: StoreThatFails) -> Iterator[Flask]:
    before = served.extensions["metricstore"]
    served.extensions["metricstore"] = CachedStore(failing)  # type: ignore[arg-type]
    yield served
    served.extensions["metricstore"] = before


@pytest.fixture
def asking(app: Flask, tokens: dict[str, str]) -> Callable[[str], Api]:
    def made(name: str) -> Api:
        return Api(app.test_client(), {"Authorization": f"Bearer {tokens[name]}"}, app.extensions["metricstore"])

    return made


@pytest.fixture
def api(asking: Callable[[str], Api]) -> Api:
    """Someone who may see everything."""
    return asking("alice")


@pytest.fixture
def limited(asking: Callable[[str], Api]) -> Api:
    """Someone who may see LinkedIn alone."""
    return asking("bob")
