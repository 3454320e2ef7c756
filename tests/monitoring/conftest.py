"""The application's metrics, read as Prometheus reads them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from dashapp.accounts import Accounts
from dashapp.accounts.tokens import create_token
from dashapp.monitoring.counting import counters
from tests.conftest import fail_in_ci_else_skip
from tests.web.conftest import app, make_app, settings  # noqa: F401  fixtures

GET = Path(__file__).parents[1] / "promtool" / "get.sh"
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="session")
def promtool() -> str:
    """Prometheus' own checker."""
    found = subprocess.run(["bash", str(GET)], capture_output=True, text=True, check=False)
    if found.returncode:
        fail_in_ci_else_skip(f"no promtool for the tests: {found.stderr[-500:]}")
    return found.stdout.strip().splitlines()[-1]


def checked(promtool: str, text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)


def series(text: str) -> Series:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    """The sum of all series of that name that have these labels."""
    return sum(number for (own, has), number in series(text).items() if own == name and has.issuperset(labels.items()))


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    """Other tests of this process may have asked for every route there is."""
    counters.cache_clear()


@pytest.fixture
def scraper(app: Flask) -> Callable[..., str]:  # noqa: F811
    """Prometheus with its token: what it reads."""
    secret = token(app, "metrics")

    def scrape(**headers: str) -> str:
        client: FlaskClient = app.test_client()
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {secret}", **headers})
        assert answer.status_code == 200, answer.text
        return answer.text

    return scrape


def token(app: Flask, *scopes: str) -> str:  # noqa: F811
    accounts: Accounts = app.extensions["accounts"]
    user = accounts.find("ann")
    assert user is not None
    return create_token(user, "scrape", accounts=accounts, scopes=scopes or None)
