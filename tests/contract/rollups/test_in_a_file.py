"""Rollups in DuckDB's file: what a kill leaves, hours whose points were deleted, files that are repaired, answers of one moment."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from metricstore.catalogue import MEASUREMENTS, Field
from metricstore.duck import DuckStore
from metricstore.duck.damage import save
from metricstore.rollups.planner import Reason
from tests.contract.asking import START, any_of, asked, assert_same, generation, hours, rows
from tests.contract.reference import Reference
from tests.contract.rollups.asking import ANSWERED, PLATFORMS, SECONDS, agrees, made, of_points, regular


@pytest.fixture
def store(duck_store: DuckStore) -> DuckStore:
    """Two months, a point every ten minutes, and rollups of all of them."""
    duck_store.write(regular())
    made(duck_store)
    return duck_store


KILLED = """
import os, sys
from datetime import timedelta
from itertools import islice
from pathlib import Path
from metricstore.duck import DuckStore
from metricstore.rollups import upkeep
upkeep.FEWEST_POINTS, upkeep.FEWEST_IN_CELL = 1, 0
from tests.contract.asking import START, generation
store = DuckStore(Path(sys.argv[1]))
store.write([generation(START + timedelta(minutes=5 * n), duration_seconds=1.0) for n in range(10_000)])
for _ in islice(store.rollups.work(), int(sys.argv[2])):
    pass
store.write([generation(START + timedelta(days=2, minutes=5 * n), duration_seconds=3.0) for n in range(50)])
store.delete([generation(START + timedelta(days=20, minutes=5 * n)) for n in range(20)])
store.delete_range("generation", START + timedelta(days=25), START + timedelta(days=26))
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("pieces", [0, 1, 3, 1_000])
def test_what_a_kill_left_is_known_and_made_anew(tmp_path: Path, pieces: int) -> None:
    path = tmp_path / "metrics.duckdb"
    subprocess.run([sys.executable, "-c", KILLED, str(path), str(pieces)], check=False, cwd=Path(__file__).parents[3])
    reference = Reference()
    reference.write([generation(START + timedelta(minutes=5 * n), duration_seconds=1.0) for n in range(10_000)])
    reference.write([generation(START + timedelta(days=2, minutes=5 * n), duration_seconds=3.0) for n in range(50)])
    reference.delete([generation(START + timedelta(days=20, minutes=5 * n)) for n in range(20)])
    reference.delete([generation(START + timedelta(days=25, minutes=5 * n)) for n in range(288)])
    day, total = asked("sum", "1d", field=SECONDS), asked("count")
    with closing(DuckStore(path)) as store:
        for _ in range(2):
            for query in (day, total):
                assert_same(rows(store.ask(query)), reference.ask(query))
            made(store)
        assert store.refused_by_rollups(day) is None
        assert store.rollups.left() == 0


def test_hours_whose_points_were_deleted_are_answered_from_rollups_alone(store: DuckStore) -> None:
    store.delete([generation(START + hours(3), "linkedin")])  # one of the hours is dirty when it is closed
    store.write([generation(START + hours(3), "linkedin", **{SECONDS: 30.0, "outcome": "ok"})])
    before = {query: rows(store.ask(query), query.by) for query in ANSWERED[:-1]}
    until = START + timedelta(days=30)
    assert store.delete_keeping_rollups("generation", START + hours(0.5), until + hours(0.5))
    kept = of_points(store, asked())
    assert kept[0][2] == 6 + 30 * 144, "the hour that the range began in is still there, and all after it"
    for query, expected in before.items():
        agrees(store, query, expected)
    store.write([generation(START + hours(40), "linkedin", **{SECONDS: 1_000.0})])
    store.write([generation(START + timedelta(days=40, hours=3 * number), "x") for number in range(60)])
    late = asked("max", field=SECONDS, where=(any_of("platform", *PLATFORMS),))
    assert store.ask(late)["value"][0] < 100, "what is written too late is nobody's"
    made(store)
    assert store.rollups.check(random.Random(1)).wrong == {}
    twice = asked("count", start=START + hours(0.5), where=(any_of("platform", *PLATFORMS),))
    assert store.ask(twice)["value"][0] == 60 * 144 - 3, (
        "an hour that is cut counts where it begins: the first three points are not there"
    )
    assert not store.delete_keeping_rollups("ai_retry", START, until)
    store.delete_range("generation", START + timedelta(days=5), START + timedelta(days=6))
    assert store.ask(asked("count", "1d"))["value"].tolist()[4:7] == [144.0, 0.0, 144.0], (
        "what is deleted is gone from closed hours, too"
    )
    store.write([generation(START + timedelta(days=5, hours=1))])
    assert store.ask(asked("count", "1d"))["value"].tolist()[4:7] == [144.0, 1.0, 144.0]


def test_a_measurement_that_is_declared_anew_keeps_the_rollups_of_closed_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "metrics.duckdb"
    with closing(DuckStore(path)) as store:
        store.write(regular())
        made(store)
        store.delete_keeping_rollups("generation", START, START + timedelta(days=10))
        before = rows(store.ask(asked("mean", "1d", field=SECONDS)))
    source = MEASUREMENTS["generation"]
    monkeypatch.setitem(
        MEASUREMENTS, "generation", replace(source, fields=(*source.fields, Field("tries", "int", "tries")))
    )
    with closing(DuckStore(path)) as store:
        assert store.refused_by_rollups(asked()) is Reason.NOT_KEPT
        made(store)
        assert_same(rows(store.ask(asked("mean", "1d", field=SECONDS))), before)
        assert store.refused_by_rollups(asked("sum", field="tries")) is None


def test_a_file_whose_marks_cannot_be_read_is_free_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "metrics.duckdb"
    with closing(DuckStore(path)) as store:
        store.write(regular())
        made(store)
    with monkeypatch.context() as patch:
        patch.setattr("metricstore.duck.marks.known_layout", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            DuckStore(path)
    DuckStore(path).close()


def test_a_repaired_file_has_all_points_and_gets_its_rollups_anew(tmp_path: Path) -> None:
    path, fresh = tmp_path / "metrics.duckdb", tmp_path / "fresh.duckdb"
    with closing(DuckStore(path)) as store:
        store.write(regular())
        made(store)
        store.read_through()
        expected = rows(store.ask(asked("count", "1d")))
    DuckStore(fresh).close()
    assert save(path, tmp_path / "none.wal", fresh).points["generation"] == 60 * 144
    with closing(DuckStore(fresh)) as store:
        assert store.refused_by_rollups(asked("count", "1d")) is Reason.NOT_KEPT
        assert_same(rows(store.ask(asked("count", "1d"))), expected)
        made(store)
        assert store.refused_by_rollups(asked("count", "1d")) is None


def test_answers_are_of_one_moment_while_points_are_written_and_hours_made(duck_store: DuckStore) -> None:
    """Each write keeps the sum; whoever asks must never see another."""
    from threading import Thread

    duck_store.write([generation(START + timedelta(minutes=7 * number), position=1) for number in range(5_000)])
    made(duck_store)
    ended = [False]

    def write() -> None:
        chance = random.Random(3)
        while not ended[0]:
            one, other = (START + timedelta(minutes=7 * number) for number in chance.sample(range(5_000), 2))
            value = chance.randrange(5)
            # two points whose positions come to 2, as those of any two do at first
            duck_store.write([generation(one, position=1 + value), generation(other, position=1 - value)])
            duck_store.write([generation(one, position=1), generation(other, position=1)])

    def work() -> None:
        while not ended[0]:
            made(duck_store)

    threads = [Thread(target=write), Thread(target=work)]
    for thread in threads:
        thread.start()
    try:
        query = asked("sum", field="position")
        for _ in range(400):
            assert duck_store.ask(query)["value"][0] == 5_000
    finally:
        ended[0] = True
        for thread in threads:
            thread.join()
