"""Fixtures every test folder may use. Nothing starts unless a test asks for it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from metricstore.store import Store
from tests.postgres import PostgresServer, PostgresUnavailable, running_postgres
from tests.stores import InfluxServer, InfluxUnavailable, fresh_name, influx_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from metricstore.duck import DuckStore
    from metricstore.influx import InfluxStore

SHARED_INFLUXD, SHARED_POSTGRES = "TESTS_SHARED_INFLUXD", "TESTS_SHARED_POSTGRES"
"""Where the workers of one run find the servers they share."""
SHARED_DATA = Path(__file__).parents[1].parent / "shared" / "data"


def fail_in_ci_else_skip(reason: str) -> None:
    """What can't run is skipped on a developer's machine, never in continuous integration."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def quick_password_hashes() -> Iterator[None]:
    """Hashing passwords slowly on purpose costs tests seconds and shows nothing; programs that tests start do it as ever."""
    from argon2 import PasswordHasher

    from dashapp.accounts import passwords

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """With several workers (`-n 2`) the servers they share are started here, by the process that hands out the tests."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        servers = contextlib.ExitStack()
        config.add_cleanup(servers.close)
        with contextlib.suppress(InfluxUnavailable):
            os.environ[SHARED_INFLUXD] = json.dumps(asdict(servers.enter_context(influx_server())))
        with contextlib.suppress(PostgresUnavailable):
            os.environ[SHARED_POSTGRES] = json.dumps(asdict(servers.enter_context(running_postgres())))


@pytest.fixture(scope="session")
def influxd() -> Iterator[InfluxServer]:
    """A real InfluxDB 2 server, one for the whole run."""
    if SHARED_INFLUXD in os.environ:
        yield InfluxServer(**json.loads(os.environ[SHARED_INFLUXD]))
        return
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(influx_server())
        except InfluxUnavailable as error:
            fail_in_ci_else_skip(f"no InfluxDB 2 for the tests: {error}")
        yield server


@pytest.fixture
def influx_bucket(influxd: InfluxServer) -> Iterator[str]:
    """The name of a bucket that does not exist yet; removed after the test."""
    name = fresh_name()
    yield name
    influxd.delete_bucket(name)


@pytest.fixture
def influx_store(influxd: InfluxServer, influx_bucket: str) -> Iterator[InfluxStore]:
    """An InfluxStore on a bucket of its own."""
    from metricstore.influx import InfluxStore

    store = InfluxStore(influxd.url, influxd.token, influxd.org, influx_bucket)
    yield store
    store.close()


@pytest.fixture
def duck_store(tmp_path: Path) -> Iterator[DuckStore]:
    """A DuckStore on a file of its own."""
    from metricstore.duck import DuckStore

    store = DuckStore(tmp_path / "metrics.duckdb")
    yield store
    store.close()


@pytest.fixture(params=["duck", pytest.param("influx", marks=pytest.mark.influx)])
def store(request: pytest.FixtureRequest) -> Store:
    """Each store in turn: the test runs once on DuckDB and once on a real InfluxDB."""
    found: Store = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL server, one for the whole run."""
    if SHARED_POSTGRES in os.environ:
        yield PostgresServer(**json.loads(os.environ[SHARED_POSTGRES]))
        return
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running_postgres())
        except PostgresUnavailable as error:
            fail_in_ci_else_skip(f"no PostgreSQL for the tests: {error}")
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """DASHAPP_DATABASE_URL of an empty accounts database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'accounts.sqlite'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


def chromium_path() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real Chromium, one for the whole run."""
    from playwright.sync_api import sync_playwright

    found = chromium_path()
    if found is None:
        pytest.fail("no chromium found; install it or set CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real and recorded files of the observed system, beside the checkout."""
    if not SHARED_DATA.is_dir():
        fail_in_ci_else_skip(f"{SHARED_DATA} is missing: the recorded runs are kept beside the checkout")
    return SHARED_DATA


# What fails fastest comes first; a folder not named here comes after those that are.
ORDER = (
    "unit",
    "docs",
    "api",
    "collectors",
    "receivers",
    "web",
    "monitoring",
    "cli",
    "production",
    "replay",
    "contract",
    "influx",
    "samenumber",
    "crash",
    "fuzz",
    "browser",
    "wikis",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, the browser last, whatever order the folders are found in.

    A real browser on a busy machine now and then loses a click between two drawings of a chart. Its tests get a second
    attempt; the summary lists each that needed it under RERUN, to be mended.
    """
    here = Path(__file__).parent

    def folder(item: pytest.Item) -> str:
        return item.path.relative_to(here).parts[0]

    def place(item: pytest.Item) -> int:
        return ORDER.index(folder(item)) if folder(item) in ORDER else len(ORDER)

    for item in items:
        if folder(item) == "browser":
            item.add_marker("browser")
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=place)
