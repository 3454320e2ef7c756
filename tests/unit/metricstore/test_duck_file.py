"""The embedded store's file: one holder, durable, migrated or refused, never damaged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import duckdb
import pytest

from metricstore.catalogue import MEASUREMENTS, Field, Tag
from metricstore.duck import DuckStore, database, failures, schema
from metricstore.duck import store as duck_store
from metricstore.errors import SchemaVersionError, StoreBusy, StoreDenied, StoreUnreachable
from metricstore.point import Point
from metricstore.query import Filter, Query, RecordQuery
from metricstore.sql import windows
from metricstore.windows import Window

START, STOP = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
NOON = 1_710_072_000_000_000_000
COUNT = Query("ai_retry", "count", START, STOP)

WRITE_FOREVER = """
import sys
from pathlib import Path
from metricstore.duck import DuckStore
from metricstore.point import Point
store = DuckStore(Path(sys.argv[1]))
number = 0
while True:
    points = [Point("ai_retry", 1_710_072_000_000_000_000 + number * 100 + n, {}, {"wait_seconds": 1.0}) for n in range(100)]
    store.write(points)
    number += 1
    print(number, flush=True)
"""
HOLD = """
import sys
from pathlib import Path
from metricstore.duck import DuckStore
store = DuckStore(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""
FILL = """
import random, resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from metricstore.duck import DuckStore
from metricstore.errors import StoreFull
from metricstore.point import Point
from metricstore.query import Query
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
store = DuckStore(Path(sys.argv[1]))
asked = Query("dead_letter", "count", datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
def batch(number):
    chance = random.Random(number)
    time = 1_710_072_000_000_000_000 + number * 1000
    return [Point("dead_letter", time + n, {}, {"excerpt": chance.randbytes(1000).hex()}) for n in range(500)]
resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, hard))
kept = 0
try:
    while kept < 100:
        store.write(batch(kept))
        kept += 1
    print("never full")
except StoreFull:
    print("full")
print(store.ask(asked)["value"][0] == kept * 500)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
store.write(batch(kept))
print(store.ask(asked)["value"][0] == (kept + 1) * 500)
store.close()
print(DuckStore(Path(sys.argv[1])).ask(asked)["value"][0] == (kept + 1) * 500)
"""

OPEN_AS_NOBODY = """
import os, sys
from pathlib import Path
from metricstore.duck import DuckStore
from metricstore.errors import StoreDenied
DuckStore(None).close()  # everything is imported before: nobody may not be able to read the libraries
nobody = int(sys.argv[2])
if os.geteuid() == 0:  # root may open everything
    os.setgroups([])
    os.setresgid(nobody, nobody, nobody)
    os.setresuid(nobody, nobody, nobody)
try:
    DuckStore(Path(sys.argv[1])).close()
    print("opened")
except StoreDenied as error:
    print(f"denied|{error}")
"""
NOBODY = 65_534


def retry(time: int = NOON, seconds: float = 1.0) -> Point:
    return Point("ai_retry", time, {"endpoint": "/v1"}, {"wait_seconds": seconds})


def python(program: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "metrics.duckdb"


@pytest.fixture
def filled(path: Path) -> Iterator[Path]:
    """A closed file with one point."""
    store = DuckStore(path)
    store.write([retry()])
    store.close()
    yield path


def test_points_are_there_after_closing_and_opening(filled: Path) -> None:
    store = DuckStore(filled)
    assert store.ask(COUNT)["value"].tolist() == [1]
    store.close()
    with pytest.raises(StoreUnreachable, match="closed"):
        store.ask(COUNT)
    store.close()


def test_whatever_write_returned_for_survives_kill_9(path: Path) -> None:
    process = python(WRITE_FOREVER, path)
    assert process.stdout is not None
    acknowledged = 0
    while acknowledged < 20:
        acknowledged = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    acknowledged = max([acknowledged, *(int(line) for line in process.stdout if line.strip())])
    process.wait()
    store = DuckStore(path)
    stored = int(store.ask(COUNT)["value"][0])
    # A batch that was stored but not yet acknowledged may be there, whole.
    assert stored in (acknowledged * 100, acknowledged * 100 + 100)
    store.close()


def test_a_second_process_is_told_which_one_holds_the_file(path: Path) -> None:
    holder = python(HOLD, path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    for read_only in (False, True):
        with pytest.raises(StoreBusy, match=f"process {holder.pid} holds the store"):
            DuckStore(path, read_only=read_only)
    holder.communicate("")
    DuckStore(path).close()


def test_a_second_store_in_the_same_process_is_refused_until_the_first_is_closed(filled: Path) -> None:
    store = DuckStore(filled)
    with pytest.raises(StoreBusy, match="this process"):
        DuckStore(filled)
    assert store.ask(COUNT)["value"].tolist() == [1]
    store.close()
    DuckStore(filled).close()


def test_a_full_disk_refuses_the_batch_whole_and_loses_nothing(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FILL, str(path)], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["full", "True", "True", "True"], done.stderr


def test_a_long_journal_goes_into_the_file_also_while_somebody_reads(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DuckStore(path)
    store.write([retry(NOON)])
    journal = path.with_name(f"{path.name}.wal")
    assert journal.stat().st_size > 0, "a short one stays"
    monkeypatch.setattr(database, "JOURNAL_BYTES", 10_000)
    reading = store.stream(RecordQuery("ai_retry", START, STOP))
    store.write([retry(NOON + 1 + place) for place in range(500)])
    assert not journal.exists()
    assert sum(len(frame) for frame in reading) == 1
    store.close()
    store = DuckStore(path)
    assert store.ask(COUNT)["value"].tolist() == [501]
    store.close()


def test_reading_only_answers_and_refuses_to_write(filled: Path) -> None:
    store = DuckStore(filled, read_only=True)
    assert store.ask(COUNT)["value"].tolist() == [1]
    with pytest.raises(StoreDenied, match="reading"):
        store.write([retry(NOON + 1)])
    store.close()


def test_reading_only_where_there_is_no_file_says_so(path: Path) -> None:
    with pytest.raises(StoreUnreachable, match="no store"):
        DuckStore(path, read_only=True)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"SQLite format 3\0" + bytes(4096), b"hello", bytes(20_000)])
def test_a_file_that_is_no_database_of_duckdb_is_refused_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(content)
    with pytest.raises(SchemaVersionError, match="isn't a DuckDB file"):
        DuckStore(path)
    assert path.read_bytes() == content


def test_a_duckdb_file_of_another_program_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table sales as select 1 as amount")
    before = path.read_bytes()
    with pytest.raises(SchemaVersionError, match="another program"):
        DuckStore(path)
    assert path.read_bytes() == before


def test_a_newer_file_is_refused_untouched(filled: Path) -> None:
    with duckdb.connect(str(filled)) as connection:
        connection.execute("update store_schema set version = version + 1")
    before = filled.read_bytes()
    with pytest.raises(SchemaVersionError, match="newer"):
        DuckStore(filled)
    assert filled.read_bytes() == before


def test_an_older_file_is_migrated_with_its_points(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def double(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("update ai_retry set wait_seconds = wait_seconds * 2")

    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, double])
    with pytest.raises(SchemaVersionError, match="older"):
        DuckStore(filled, read_only=True)
    for _ in range(2):
        store = DuckStore(filled)
        assert store.ask(replace(COUNT, aggregate="sum", field="wait_seconds"))["value"].tolist() == [2]
        store.close()


def test_a_migration_that_fails_leaves_the_file_at_its_version(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("delete from ai_retry")
        raise RuntimeError("no")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, broken])
        with pytest.raises(RuntimeError):
            DuckStore(filled)
    store = DuckStore(filled)
    assert store.ask(COUNT)["value"].tolist() == [1]
    store.close()


def test_new_columns_and_measurements_of_the_catalogue_are_added(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = MEASUREMENTS["ai_retry"]
    grown = replace(
        source, tags=(*source.tags, Tag("host", "where")), fields=(*source.fields, Field("tries", "int", "tries"))
    )
    monkeypatch.setitem(MEASUREMENTS, "ai_retry", grown)
    monkeypatch.setitem(MEASUREMENTS, "brand_new", replace(source, name="brand_new"))
    store = DuckStore(filled)
    store.write([replace(retry(), fields={"wait_seconds": 5.0})])
    assert store.ask(COUNT)["value"].tolist() == [1], "an old point without the new tag is the same point"
    assert store.ask(replace(COUNT, where=(Filter("host", "any", ("",)),)))["value"].tolist() == [1]
    result = store.write([Point("ai_retry", NOON, {"host": "a"}, {"tries": 3}), Point("brand_new", 1, {}, {"line": 1})])
    assert result.rejected == ()
    store.close()


def test_a_column_whose_type_was_widened_keeps_its_values(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DuckStore(filled)
    store.write([Point("ai_retry", NOON, {"endpoint": "/v1"}, {"line": 7})])
    store.close()
    source = MEASUREMENTS["ai_retry"]

    def changed(kind: str) -> None:
        fields = tuple(replace(f, type=kind) if f.name == "line" else f for f in source.fields)  # type: ignore[arg-type]
        monkeypatch.setitem(MEASUREMENTS, "ai_retry", replace(source, fields=fields))

    changed("string")
    with pytest.raises(SchemaVersionError, match=r"ai_retry\.line"):
        DuckStore(filled)
    changed("float")
    store = DuckStore(filled)
    assert store.ask(replace(COUNT, aggregate="mean", field="line"))["value"].tolist() == [7.0]
    store.close()


def test_info_counts_points_and_bytes(filled: Path) -> None:
    store = DuckStore(filled)
    info = store.info()
    assert (info.kind, info.location, info.points) == ("duckdb", str(filled), 1)
    assert info.size_bytes == sum(file.stat().st_size for file in filled.parent.iterdir())
    store.close()
    with pytest.raises(StoreUnreachable):
        store.info()


def test_memory_holds_a_store_of_its_own() -> None:
    stores = [DuckStore(None), DuckStore(None)]
    stores[0].write([retry()])
    assert [store.ask(COUNT)["value"][0] for store in stores] == [1, 0]
    assert stores[0].info().location == "memory"
    for store in stores:
        store.close()


@pytest.mark.parametrize(("mode", "told"), [(0o500, "denied"), (0o700, "opened")])
def test_a_folder_without_permission_says_so(mode: int, told: str) -> None:
    # Not below pytest's own folder: that one belongs to the user of the tests alone.
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        Path(folder).chmod(mode)
        done = subprocess.run(
            [sys.executable, "-c", OPEN_AS_NOBODY, folder + "/metrics.duckdb", str(NOBODY)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        Path(folder).chmod(0o700)
    assert done.stdout.partition("|")[0].strip() == told, done.stderr
    assert told == "opened" or "permission" in done.stdout


@pytest.mark.parametrize("every", ["1h", "6h", "1d", "1w", "1mo", "1q", "1y"])
def test_windows_by_list_of_edges_are_those_by_arithmetic(every: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DuckStore(None)
    store.write([retry(NOON + n * 7_333_000_000_000, float(n)) for n in range(-4000, 4000)])
    query = Query(
        "ai_retry", "sum", datetime(2023, 4, 1, 3, tzinfo=UTC), datetime(2025, 2, 3, tzinfo=UTC), "wait_seconds",
        Window.parse(every), ("endpoint",), timezone="Australia/Lord_Howe",
    )  # fmt: skip
    by_arithmetic = store.ask(query)
    monkeypatch.setattr(windows, "MAX_RUNS", 0)
    assert windows.windows(query).runs == windows.EDGES
    assert store.ask(query).equals(by_arithmetic)
    store.close()


def test_a_kill_while_the_file_is_made_leaves_nothing_that_can_not_be_opened(tmp_path: Path) -> None:
    made = tmp_path / "whole.duckdb"
    DuckStore(made).close()
    half = made.read_bytes()[:6000]
    path = tmp_path / "metrics.duckdb"
    (tmp_path / f"{path.name}.{os.getpid()}.new").write_bytes(half)
    store = DuckStore(path)
    assert store.bounds("post") is None
    store.close()
    assert [found.name for found in tmp_path.glob("metrics.duckdb*")] == ["metrics.duckdb"]


def test_at_rest_nothing_is_held_for_later_questions(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DuckStore(path)
    for number in range(20):
        texts = Random(number)
        points = [Point("dead_letter", NOON + number * 1_000 + n, {}, {"excerpt": texts.randbytes(2_000).hex()}) for n in range(500)]  # fmt: skip
        store.write(points)
    everything = RecordQuery("dead_letter", START, STOP)
    assert sum(len(frame) for frame in store.stream(everything)) == 10_000

    def held() -> int:
        with store._database.cursor() as connection:
            return int(connection.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()[0][0])

    def limit() -> str:
        with store._database.cursor() as connection:
            return str(connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])

    allowed = limit()
    assert held() > 15_000_000
    with store._database.cursor():
        store.rest()
    assert held() > 15_000_000, "not while a question is being answered"
    store.ask(COUNT)
    store.rest()
    assert held() > 15_000_000, "not while somebody looks"
    monkeypatch.setattr(duck_store, "REST_SECONDS", 0.0)
    store.rest()
    assert held() < 2_000_000
    assert limit() == allowed
    assert sum(len(frame) for frame in store.stream(everything)) == 10_000
    store.close()
    store.rest()


def test_who_asks_while_the_program_ends_leaves_no_error_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    error = failures.asking(duckdb.ConnectionException("Connection Error: Connection already closed!"), None)
    assert isinstance(error, StoreUnreachable) and str(error) == "the store is closed"
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_store_that_is_closed_while_questions_are_answered_lets_them_end_and_refuses_others(tmp_path: Path) -> None:
    store = DuckStore(tmp_path / "metrics.duckdb")
    reading, going_on, said = threading.Event(), threading.Event(), []

    def read() -> None:
        with store._database.cursor() as cursor:
            reading.set()
            going_on.wait(5)
            said.append(cursor.execute("SELECT 7").fetchall())

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait(5)
    closer = threading.Thread(target=store.close)
    closer.start()
    while not store._database._closed:
        time.sleep(0.01)
    with pytest.raises(StoreUnreachable, match="the store is closed"):
        store.ask(COUNT)
    going_on.set()
    reader.join(5)
    closer.join(5)
    assert said == [[(7,)]]
    DuckStore(tmp_path / "metrics.duckdb").close()


def test_a_store_is_closed_under_who_reads_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metricstore.duck.database._END_SECONDS", 0.1)
    store = DuckStore(tmp_path / "metrics.duckdb")
    with store._database.cursor() as cursor:
        cursor.execute("SELECT * FROM range(100000)")
        store.close()
    DuckStore(tmp_path / "metrics.duckdb").close()
