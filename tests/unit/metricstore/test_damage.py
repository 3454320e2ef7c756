"""A damaged file of the embedded store is known as one, and what can be read of it is saved."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from metricstore.duck import DuckStore
from metricstore.duck.damage import save
from metricstore.errors import StoreDamaged
from metricstore.point import Point
from metricstore.query import Query, RecordQuery

START, STOP = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
NOON = 1_710_072_000_000_000_000
LETTERS = RecordQuery("dead_letter", START, STOP)
RETRIES = Query("ai_retry", "count", START, STOP)
KILLED = """
import os, sys
from pathlib import Path
from metricstore.duck import DuckStore
from metricstore.point import Point
store = DuckStore(Path(sys.argv[1]))
for number in range(3):
    store.write([Point("ai_retry", 1_710_072_000_000_000_000 + 500 * number + n, {}, {"wait_seconds": 1.0}) for n in range(500)])
os._exit(9)
"""


def flipped(path: Path, *places: int) -> None:
    content = bytearray(path.read_bytes())
    for place in places:
        content[place] ^= 0xFF
    path.write_bytes(content)


def in_the_middle(path: Path) -> None:
    """One byte in a block of the records, which are most of the file."""
    flipped(path, path.stat().st_size * 2 // 3)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "first header": lambda path: flipped(path, 30),
    "mark": lambda path: flipped(path, 8),
    "both further headers": lambda path: flipped(path, 4100, 8200),
    "all headers": lambda path: flipped(path, *range(12_288)),
    "first block": lambda path: flipped(path, *range(12_288, 13_000)),
    "empty": lambda path: os.truncate(path, 0),
    "cut in a header": lambda path: os.truncate(path, 5_000),
    "cut in half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "cut at its end": lambda path: os.truncate(path, path.stat().st_size - 100),
    "middle": in_the_middle,
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "metrics.duckdb"
    store = DuckStore(path)
    store.write([Point("ai_retry", NOON + n, {}, {"wait_seconds": 1.0}) for n in range(100)])
    chance = Random(1)
    store.write([Point("dead_letter", NOON + n, {}, {"excerpt": chance.randbytes(400).hex()}) for n in range(3_000)])
    store.close()
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, whole: bytes) -> Path:
    found = tmp_path / "metrics.duckdb"
    found.write_bytes(whole)
    return found


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_known_when_everything_is_read_and_the_file_is_left_as_it_is(path: Path, damage: str) -> None:
    DAMAGES[damage](path)
    before = path.read_bytes()
    with pytest.raises(StoreDamaged, match="dashapp doctor --repair"):
        store = DuckStore(path, read_only=True)
        try:
            store.read_through()
        finally:
            store.close()
    assert path.read_bytes() == before


def test_a_question_that_meets_damage_says_so_and_so_do_pings_from_then_on(path: Path) -> None:
    in_the_middle(path)
    store = DuckStore(path)
    store.ping()
    with pytest.raises(StoreDamaged):
        list(store.stream(LETTERS))
    with pytest.raises(StoreDamaged):
        store.ping()
    assert store.ask(RETRIES)["value"].tolist() == [100]  # what is whole is still answered
    store.close()


def test_measurements_that_are_whole_are_saved(path: Path, tmp_path: Path) -> None:
    in_the_middle(path)
    fresh = tmp_path / "fresh.duckdb"
    DuckStore(fresh).close()
    saved = save(path, tmp_path / "none.wal", fresh)
    assert saved.lost == ["dead_letter"]
    assert saved.points["ai_retry"] == 100
    store = DuckStore(fresh)
    assert store.ask(RETRIES)["value"].tolist() == [100]
    store.close()
    assert sorted(found.name for found in tmp_path.iterdir()) == ["fresh.duckdb", "metrics.duckdb"]


@pytest.mark.parametrize("damaged", [False, True])
def test_what_the_journal_holds_is_saved_unless_it_is_the_journal_that_is_damaged(path: Path, damaged: bool) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    journal = path.with_name("metrics.duckdb.wal")
    if damaged:
        flipped(journal, journal.stat().st_size - 10)
        with pytest.raises(StoreDamaged):
            DuckStore(path)
    fresh = path.with_name("fresh.duckdb")
    DuckStore(fresh).close()
    saved = save(path, journal, fresh)
    assert saved.lost == []
    assert saved.points["ai_retry"] == (100 if damaged else 1_500)
    assert saved.points["dead_letter"] == 3_000
