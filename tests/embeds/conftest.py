"""An application over three weeks of history, embeds of its charts, and readers without an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashapp.accounts import Accounts
from dashapp.embeds import keeping, links
from dashapp.embeds.model import Embed, Wanted
from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.selection import Selection
from tests.browser.scene import history
from tests.web.conftest import PASSWORD


@dataclass
class Wiki:
    """Who reads the wiki, and who put embeds there."""

    app: Flask
    client: FlaskClient

    @property
    def accounts(self) -> Accounts:
        found: Accounts = self.app.extensions["accounts"]
        return found

    def embed(
        self, name: str = "generations_by_outcome", owner: str | None = None, kind: str = "chart", **wanted: Any
    ) -> Embed:
        words = {"start": "-30d", "tz": "UTC", **wanted.pop("words", {})}
        user = self.accounts.find(owner) if owner else None
        return keeping.create(self.accounts, Wanted(kind, name, words, **wanted), user, Selection(timezone="UTC"))  # type: ignore[arg-type]

    def path(self, embed: Embed, kind: str = "", **words: str) -> str:
        with self.app.test_request_context():
            own = links.url(embed, "", kind=kind)
        return own + "".join(f"&{name}={text}" for name, text in words.items())

    def get(self, embed: Embed, kind: str = "", headers: dict[str, str] | None = None, **words: str) -> TestResponse:
        return self.client.get(self.path(embed, kind, **words), headers=headers)

    def total(self, embed: Embed, **words: str) -> float:
        """All values of the chart together, as its figures tell."""
        found: dict[str, Any] = self.get(embed, ".json", **words).get_json()
        return sum(value or 0 for trace in found[embed.wanted.name]["data"] for value in trace["y"])


@pytest.fixture
def make_wiki(tmp_path: Path) -> Iterator[Callable[..., Wiki]]:
    made: list[Flask] = []

    def make(**changed: Any) -> Wiki:
        store = CachedStore(DuckStore(None))
        store.write(history())
        settings = Settings(data_dir=tmp_path / "var", timezone="UTC", source_timezone="UTC", **changed)
        app = create_app(settings, store)
        app.extensions["accounts"].add("ann", "analyst", PASSWORD)
        made.append(app)
        return Wiki(app, app.test_client(use_cookies=False))

    yield make
    for app in made:
        app.extensions["metricstore"].close()
        app.extensions["accounts"].close()


@pytest.fixture
def wiki(make_wiki: Callable[..., Wiki]) -> Wiki:
    return make_wiki()
