"""Rollups are kept and checked in the background, and what is wrong with them is said on Data health."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.runner import RunReport
from dashapp import rollup_check
from dashapp.services import make_runner
from dashapp.settings import Settings
from metricstore.caching import CachedStore
from metricstore.clickhouse import ClickHouseStore
from metricstore.clickhouse.connection import Server
from metricstore.duck import DuckStore
from metricstore.rollups import upkeep
from metricstore.rollups.planner import Reason
from questions.source_states import sources
from tests.contract.asking import asked, generation


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(upkeep, "FEWEST_POINTS", 100)
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 0)
    monkeypatch.setattr(rollup_check, "CHECK_SECONDS", 0.0)
    (tmp_path / "project").mkdir()
    return Settings(data_dir=tmp_path / "var", source_dir=tmp_path / "project")


@pytest.fixture
def store(settings: Settings) -> Iterator[DuckStore]:
    with closing(DuckStore(settings.store_path)) as opened:
        opened.write(
            [generation(datetime(2024, 3, 1, tzinfo=UTC) + timedelta(minutes=number)) for number in range(9_000)]
        )
        yield opened


def run(settings: Settings, store: DuckStore) -> RunReport:
    return make_runner(settings, CachedStore(store)).run_once(["rollups"])[0]


def test_rollups_are_made_by_a_run_and_checked(settings: Settings, store: DuckStore) -> None:
    assert store.refused_by_rollups(asked()) is Reason.NOT_KEPT
    report = run(settings, store)
    assert (report.outcome, report.warnings, report.records) == ("ok", (), 24)
    assert store.refused_by_rollups(asked()) is None
    [found] = sources(store, datetime.now(UTC), "UTC")
    assert (found.name, found.look(datetime.now(UTC))) == ("Rollup check", "good")


def test_what_differs_is_a_failure_until_a_check_finds_nothing(
    settings: Settings, store: DuckStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(settings, store)
    expected = store.ask(asked("count", "1d"))
    with store._database.transaction() as connection:
        connection.execute('UPDATE rollups.generation SET "all points" = "all points" + 1')
    failed = run(settings, store)
    assert failed.outcome == "failed"
    assert failed.error is not None
    assert failed.error.startswith("The rollups of Finished posts and threads differed from their points (2024-03-0")
    assert "and 21 more hours" in failed.error
    assert store.ask(asked("count", "1d")).equals(expected), "the points are read"
    [found] = sources(store, datetime.now(UTC), "UTC")
    assert found.trouble(datetime.now(UTC)) is not None
    monkeypatch.setattr(rollup_check, "CHECK_SECONDS", 3_600.0)
    assert run(settings, store).error == failed.error, "it is remembered"
    assert store.refused_by_rollups(asked()) is None, "and they were made anew"
    assert store.ask(asked("count", "1d")).equals(expected)
    monkeypatch.setattr(rollup_check, "CHECK_SECONDS", 0.0)
    assert run(settings, store).outcome == "ok"
    assert sources(store, datetime.now(UTC), "UTC") != []


def test_it_stays_on_data_health_while_there_is_nothing_to_check(
    settings: Settings, store: DuckStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(settings, store)
    monkeypatch.setattr(rollup_check, "CHECK_SECONDS", 3_600.0)
    store.write([generation(datetime(2024, 3, 1, tzinfo=UTC) + timedelta(seconds=1))])
    assert run(settings, store).records == 0
    assert [state.name for state in sources(store, datetime.now(UTC), "UTC")] == ["Rollup check"]


def test_a_failure_stays_where_no_hour_can_be_checked(
    settings: Settings, store: DuckStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(settings, store)
    with store._database.transaction() as connection:
        connection.execute('UPDATE rollups.generation SET "all points" = "all points" + 1')
    failed = run(settings, store)
    assert failed.outcome == "failed"
    with monkeypatch.context() as patch:
        patch.setattr(store.rollups, "work", lambda: iter(()))
        assert run(settings, store).error == failed.error, "all hours are still to be made"
    assert run(settings, store).outcome == "ok"


def test_a_store_that_keeps_none_has_nothing_to_check(settings: Settings, store: DuckStore) -> None:
    del store.rollups
    names = [state.name for state in make_runner(settings, CachedStore(store)).states()]
    assert "backup" in names
    assert "rollups" not in names


def test_clickhouse_keeps_some(settings: Settings) -> None:
    with closing(ClickHouseStore(Server("http://localhost:8123"))) as served:
        assert "rollups" in [state.name for state in make_runner(settings, CachedStore(served)).states()]
