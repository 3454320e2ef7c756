"""The embedded store's file is closed and opened again after many questions, since DuckDB keeps some bytes of each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metricstore.duck import DuckStore, database
from metricstore.errors import StoreBusy, StoreUnreachable
from metricstore.point import Point
from metricstore.query import Query

NOON = 1_710_072_000_000_000_000
COUNT = Query("ai_retry", "count", datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was opened so far; after every 20 questions it is done again."""
    found: list[Any] = []
    monkeypatch.setattr(database, "ENOUGH_QUESTIONS", 20)
    open_one = database.Database._opened

    def noted(own: database.Database) -> Any:
        found.append(own.path)
        return open_one(own)

    monkeypatch.setattr(database.Database, "_opened", noted)
    return found


def test_after_many_questions_the_file_is_opened_anew_and_nobody_notices(
    tmp_path: Path, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB keeps some bytes of each question until its file is closed."""
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.01)  # each of those that are asked beside another waits so long
    with closing(DuckStore(tmp_path / "metrics.duckdb")) as store:
        store.write([Point("ai_retry", NOON, {}, {"wait_seconds": 1.0})])
        for _ in range(50):
            assert store.ask(COUNT)["value"].tolist() == [1.0]
        assert 3 <= len(opened) <= 4
        with store._database.cursor() as held:
            for _ in range(60):
                store.ask(COUNT)
            assert held.execute("SELECT count(*) FROM ai_retry").fetchall() == [(1,)]
        assert len(opened) <= 4, "not under a question that is being answered"


def test_where_there_is_never_a_moment_without_a_question_new_ones_wait_for_the_others(
    tmp_path: Path, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(DuckStore(tmp_path / "metrics.duckdb")) as store:
        store.write([Point("ai_retry", NOON, {}, {"wait_seconds": 1.0})])
        first, second = store._database.cursor(), store._database.cursor()
        first.__enter__()
        for _ in range(29):
            store.ask(COUNT)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(store.ask, COUNT)
            time.sleep(0.05)
            assert not waiting.done()
            first.__exit__(None, None, None)
            assert waiting.result()["value"].tolist() == [1.0]
        assert len(opened) == 2
        with second:
            monkeypatch.setattr(database, "_WAIT_SECONDS", 0.01)
            for _ in range(60):
                assert store.ask(COUNT)["value"].tolist() == [1.0], "a download that lasts holds nobody up for long"


def test_what_is_in_memory_alone_is_never_put_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "ENOUGH_QUESTIONS", 5)
    with closing(DuckStore(None)) as store:
        store.write([Point("ai_retry", NOON, {}, {"wait_seconds": 1.0})])
        for _ in range(30):
            assert store.ask(COUNT)["value"].tolist() == [1.0]


def test_when_nobody_looks_fewer_questions_are_enough(tmp_path: Path, opened: list[Any]) -> None:
    with closing(DuckStore(tmp_path / "metrics.duckdb")) as store:
        store.write([Point("ai_retry", NOON, {}, {"wait_seconds": 1.0})])
        assert store.ask(COUNT)["value"].tolist() == [1.0]
        store._database.rest()
        assert store.ask(COUNT)["value"].tolist() == [1.0]
        assert len(opened) == 2


@pytest.fixture
def closed(tmp_path: Path, opened: list[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[DuckStore]:
    """One whose file was closed after many questions and could not be opened again at once."""
    with closing(DuckStore(tmp_path / "metrics.duckdb")) as store:
        store.write([Point("ai_retry", NOON, {}, {"wait_seconds": 1.0})])
        with monkeypatch.context() as patch:
            patch.setattr(database.Database, "_connected", refused)
            while store._database._connection is not None:
                store.ask(COUNT)
        yield store


def refused(own: database.Database) -> Any:
    raise StoreBusy("process 7 holds the store")


def test_what_another_program_wrote_meanwhile_is_seen(closed: DuckStore, tmp_path: Path) -> None:
    before = closed.revision("ai_retry")
    assert closed.ask(COUNT)["value"].tolist() == [1.0]
    assert closed.revision("ai_retry") == before, "nobody has written"
    closed._database._answered = 20
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database.Database, "_connected", refused)
        closed.ask(COUNT)
    with duckdb.connect(str(tmp_path / "metrics.duckdb")) as other:
        other.execute("DELETE FROM ai_retry")
    assert closed.ask(COUNT)["value"].tolist() == [0.0]
    assert closed.revision("ai_retry") != before
    assert closed.changed_since("ai_retry", before) is None


def test_a_file_that_is_gone_or_another_one_is_not_taken_for_the_store(closed: DuckStore, tmp_path: Path) -> None:
    path, away = tmp_path / "metrics.duckdb", tmp_path / "away.duckdb"
    path.rename(away)
    with pytest.raises(StoreUnreachable, match="is gone"):
        closed.ask(COUNT)
    assert not path.exists(), "no empty one was made in its place"
    duckdb.connect(str(path)).close()
    with pytest.raises(StoreUnreachable, match="was replaced"):
        closed.ask(COUNT)
    path.unlink()
    away.rename(path)
    assert closed.ask(COUNT)["value"].tolist() == [1.0]
