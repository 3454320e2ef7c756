"""Each token has its own allowance, and hears how much of it is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from dashapp.accounts.tokens import create_token
from dashapp.factory import create_app
from dashapp.settings import Settings, SettingsError
from metricstore.duck import DuckStore
from tests.web.conftest import PASSWORD, entered


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    store = DuckStore(None)
    settings = Settings(data_dir=tmp_path / "var", timezone="UTC", source_timezone="UTC", api_rate="3/hour")
    made = create_app(settings, store)
    made.extensions["accounts"].add("ann", "analyst", PASSWORD)
    yield made
    store.close()
    made.extensions["accounts"].close()


def token(app: Flask) -> str:
    accounts = app.extensions["accounts"]
    return create_token(accounts.find("ann"), "rates", accounts=accounts)


def ask(app: Flask, secret: str, address: str = "/api/v1/metrics") -> TestResponse:
    return app.test_client().get(address, headers={"Authorization": f"Bearer {secret}"})


def test_what_is_left_is_told_and_too_much_is_429_with_the_time_to_wait(app: Flask) -> None:
    mine = token(app)
    for left in (2, 1, 0):
        answer = ask(app, mine)
        assert answer.status_code == 200
        assert answer.headers["RateLimit-Limit"] == "3"
        assert answer.headers["RateLimit-Remaining"] == str(left)
        assert 0 < int(answer.headers["RateLimit-Reset"]) <= 3600
    refused = ask(app, mine)
    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    assert refused.json is not None and refused.json["status"] == 429
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert 0 < int(refused.headers["Retry-After"]) <= 3600


def test_tokens_and_logins_are_counted_apart(app: Flask) -> None:
    first, second = token(app), token(app)
    for _ in range(4):
        last = ask(app, first)
    assert last.status_code == 429
    assert ask(app, second).headers["RateLimit-Remaining"] == "2"
    assert entered(app, "ann").get("/api/v1/metrics").status_code == 200


def test_mistakes_and_downloads_count_too_but_pages_do_not(app: Flask) -> None:
    mine = token(app)
    assert ask(app, mine, "/api/v1/nothing").headers["RateLimit-Remaining"] == "2"
    assert ask(app, mine, "/download/chart/posts_by_status.csv?start=-7d").headers["RateLimit-Remaining"] == "1"
    ask(app, mine)
    refused = ask(app, mine, "/download/chart/posts_by_status.csv?start=-7d")
    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    client = entered(app, "ann")
    for _ in range(5):
        page = client.get("/_dash-layout")
        assert page.status_code == 200
        assert "RateLimit-Limit" not in page.headers


def test_a_rate_that_is_none_is_told_when_the_application_starts() -> None:
    with pytest.raises((SettingsError, ValueError), match="rate"):
        Settings(api_rate="as you like")
