"""Fixtures every test folder may use. Nothing starts unless a test asks for it."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from metricstore.catalogue import MEASUREMENTS
from metricstore.catalogue.collected import COLLECTED
from metricstore.metrics import METRICS
from metricstore.store import Store
from tests.clickhouse.server import ClickHouseServer, ClickHouseUnavailable, clickhouse_server
from tests.postgres import PostgresServer, PostgresUnavailable, running_postgres
from tests.stores import InfluxServer, InfluxUnavailable, fresh_name, influx_server
from tests.temporary import in_memory

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from metricstore.clickhouse import ClickHouseStore
    from metricstore.duck import DuckStore
    from metricstore.influx import InfluxStore

settings.register_profile("busy machine", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")
SHARED_INFLUXD, SHARED_POSTGRES, SHARED_CLICKHOUSE = (
    f"TESTS_SHARED_{name}" for name in ("INFLUXD", "POSTGRES", "CLICKHOUSE")
)
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


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_once() -> Iterator[None]:
    """Werkzeug compiles two functions for each of the hundred routes of an application, half of the time that making one takes.

    They depend on the route's words and defaults alone, so applications of one run can share them.
    """
    from werkzeug.routing import Rule

    compiled: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", builder)
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each application would compile each of its templates anew."""
    from flask import Flask
    from jinja2 import FileSystemBytecodeCache

    with pytest.MonkeyPatch.context() as patch:
        cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": cache})
        yield


@pytest.fixture(autouse=True)
def declared_lists_stay_as_they_are() -> Iterator[None]:
    """The order of a list is the order of pages and menus: a test that leaves another one fails here, not one that runs later."""
    lists = (MEASUREMENTS, METRICS, COLLECTED)
    before = [list(one) for one in lists]
    yield
    assert [list(one) for one in lists] == before, "this test leaves the declared lists changed"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Iterator[object]:
    """What is imported and collected stays to the end: there is no garbage to look for in it, now or between tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """With several workers (`-n 2`) the servers they share are started here, by the process that hands out the tests.

    Unit tests alone need none.
    """
    in_memory()
    units = all(Path(word).resolve().is_relative_to(Path(__file__).parent / "unit") for word in config.args)
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput") and not units:
        servers = contextlib.ExitStack()
        config.add_cleanup(servers.close)
        with contextlib.suppress(InfluxUnavailable):
            os.environ[SHARED_INFLUXD] = json.dumps(asdict(servers.enter_context(influx_server())))
        with contextlib.suppress(ClickHouseUnavailable):
            os.environ[SHARED_CLICKHOUSE] = json.dumps(asdict(servers.enter_context(clickhouse_server())))
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


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[ClickHouseServer]:
    """ClickHouse's engine behind its HTTP interface, or a real server, one for the whole run."""
    if SHARED_CLICKHOUSE in os.environ:
        yield ClickHouseServer(**json.loads(os.environ[SHARED_CLICKHOUSE]))
        return
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(clickhouse_server())
        except ClickHouseUnavailable as error:
            fail_in_ci_else_skip(f"no ClickHouse for the tests: {error}")
        yield server


@pytest.fixture(scope="session")
def _clickhouse_tables(clickhouse: ClickHouseServer) -> Iterator[str]:
    """A database for the tests of this process: making all tables for each of them would take longer than most tests."""
    with clickhouse.database() as name:
        yield name


@pytest.fixture
def clickhouse_database(clickhouse: ClickHouseServer, _clickhouse_tables: str) -> Iterator[str]:
    """The name of a database without any rows; emptied after the test."""
    yield _clickhouse_tables
    clickhouse.empty(_clickhouse_tables)


@pytest.fixture
def clickhouse_store(clickhouse: ClickHouseServer, clickhouse_database: str) -> Iterator[ClickHouseStore]:
    """A ClickHouseStore on tables without rows."""
    from metricstore.clickhouse import ClickHouseStore

    store = ClickHouseStore(clickhouse.named(clickhouse_database))
    yield store
    store.close()


@pytest.fixture(scope="session")
def empty_duck_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that nothing was written to; making its tables takes longer than copying it."""
    from metricstore.duck import DuckStore

    path = tmp_path_factory.mktemp("empty") / "metrics.duckdb"
    DuckStore(path).close()
    return path


@pytest.fixture
def duck_store(empty_duck_file: Path, tmp_path: Path) -> Iterator[DuckStore]:
    """An empty DuckStore on a file of its own."""
    from metricstore.duck import DuckStore

    store = DuckStore(shutil.copy(empty_duck_file, tmp_path / "metrics.duckdb"))
    yield store
    store.close()


STORES = [
    "duck",
    pytest.param("influx", marks=pytest.mark.influx),
    pytest.param("clickhouse", marks=pytest.mark.clickhouse),
]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Store:
    """Each store in turn: the test runs once on DuckDB, once on a real InfluxDB and once on ClickHouse's engine."""
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


CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    # A page of a test is too short for what its compilers would do beside it: without them a load takes a tenth less processor.
    "--js-flags=--no-opt --no-maglev --no-flush-bytecode",
]


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


SLOWEST = (
    "browser",
    "crash",
    "cli",
    "web",
    "influx",
    "clickhouse",
    "samenumber",
    "newcomer",
    "downloads",
    "replay",
    "contract",
    "api",
    "wikis",
)
"""Folders that come first. Unit tests, whose files are short, come last, so that no worker is left alone with a long file at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow folders first, in each the file with most tests, whatever order they are found in.

    A real browser on a busy machine now and then loses a click between two drawings of a chart. Its tests get a second
    attempt; the summary lists each that needed it under RERUN, to be mended.
    """
    here = Path(__file__).parent

    def folder(item: pytest.Item) -> str:
        return item.path.relative_to(here).parts[0]

    sizes = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[bool, int, int, str]:
        slowness = SLOWEST.index(folder(item)) if folder(item) in SLOWEST else len(SLOWEST)
        return folder(item) == "unit", slowness, -sizes[item.path], str(item.path)

    for item in items:
        if folder(item) == "browser":
            item.add_marker("browser")
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=place)
