"""What a database, its compiler or its driver says is for the log: people and programs get plain words and a reference."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from influxdb_client.rest import ApiException

from metricstore.duck.database import Database
from metricstore.errors import InvalidQuestion, StoreError
from metricstore.influx import InfluxStore
from metricstore.influx.answers import blocks, table
from metricstore.influx.connection import Connection
from metricstore.influx.revisions import BucketMarks
from metricstore.influx.writing import write_all
from metricstore.point import Point
from metricstore.query import RecordQuery
from metricstore.sorting import sorted_on_disk
from tests.contract.asking import START, STOP, asked

COMPILER = "compilation failed: error @4:176-4:24329: Program is nested too deep"
RAW = [
    COMPILER,
    'error calling function "filter" @9:3: name "strings" does not exist',
    'runtime error @1:2-3:4: keep: schema collision detected: column "_value" is both of type float and int',
    "panic: runtime error: invalid memory address or nil pointer dereference",
    "unexpected error writing points to database: engine: shard 4711 is closed",
]
DUCK = [
    duckdb.BinderException("Binder Error: Referenced column \"platfrom\" not found in FROM clause!\nLINE 1: SELECT"),
    duckdb.ParserException("Parser Error: syntax error at or near \"SELEC\""),
    duckdb.ConversionException("Conversion Error: Could not convert string 'x' to INT64"),
    duckdb.InternalException("INTERNAL Error: Attempted to access index 3 within vector of size 3"),
    duckdb.IOException("IO Error: Could not read enough bytes from file \"m.duckdb\": attempted to read 262144 bytes"),
    duckdb.FatalException("FATAL Error: Failed: database has been invalidated because of a previous fatal error"),
    duckdb.InvalidInputException("Invalid Input Error: pattern too large - compile failed"),
    duckdb.OutOfMemoryException("Out of Memory Error: failed to pin block of size 256.0 KiB (1 bytes/1 bytes used)"),
]  # fmt: skip
_REFERENCE = re.compile(r"\b[0-9a-f]{8}\b")
_RUN = 14
"""Characters in a row that are no chance."""


def assert_plain(error: StoreError, raw: str, caplog: pytest.LogCaptureFixture) -> None:
    """No run of `raw` is in the error's text; where it leads to the log, all of `raw` is there."""
    said = str(error)
    assert not [raw[place : place + _RUN] for place in range(len(raw) - _RUN + 1) if raw[place : place + _RUN] in said]
    assert not isinstance(error, InvalidQuestion), "as if the one who asked had asked wrongly"
    if reference := _REFERENCE.search(said):
        assert any(reference[0] in line.getMessage() and raw in line.getMessage() for line in caplog.records)
    else:
        assert "memory" in said or "disk" in said or "damaged" in said


@pytest.mark.parametrize("error", DUCK, ids=lambda error: type(error).__name__)
def test_nothing_duckdb_says_reaches_a_person(error: duckdb.Error, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(StoreError) as raised, closing(Database(None)) as database, database.cursor():
        raise error
    assert_plain(raised.value, str(error), caplog)


def test_a_statement_duckdb_refuses_is_told_plainly(caplog: pytest.LogCaptureFixture) -> None:
    for statement in ("SELECT nothing FROM nowhere", "SELEC", "SELECT 'x'::BIGINT", "SELECT regexp_matches('a', '(')"):
        with pytest.raises(StoreError) as raised, closing(Database(None)) as database, database.cursor() as cursor:
            cursor.execute(statement).fetchall()
        assert isinstance(raised.value.__cause__, duckdb.Error)
        assert_plain(raised.value, str(raised.value.__cause__), caplog)


def test_a_file_duckdb_cannot_read_is_told_plainly(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "metrics.duckdb"
    path.write_bytes(b"\0" * 8 + b"DUCK" + b"\xff" * 20_000)
    with pytest.raises(StoreError) as raised:
        Database(path)
    assert "checksum" not in str(raised.value).lower() and "Error:" not in str(raised.value)


@pytest.mark.parametrize("raw", RAW)
@pytest.mark.parametrize("status", [400, 422, 500, 503])
def test_nothing_influxdb_says_reaches_a_person(status: int, raw: str, caplog: pytest.LogCaptureFixture) -> None:
    connection = Connection("http://127.0.0.1:9", "token", "org", "bucket", 1)
    refused = ApiException(status=status, reason="Bad Request")
    refused.body = json.dumps({"code": "invalid", "message": raw}).encode()
    found = connection._explained(refused)
    if status == 422:
        connection.write = raising(found)  # type: ignore[method-assign]
        marks = BucketMarks(lambda _: b"", lambda _: None)
        (rejected,) = write_all(connection, marks, [Point("generation", 1, {"platform": "twitter"}, {"outcome": "ok"})])
        found = StoreError(rejected.reason)
    assert_plain(found, raw, caplog)


def raising(error: Exception) -> Callable[..., None]:
    def write(_: bytes) -> None:
        raise error

    return write


@pytest.mark.parametrize("raw", RAW)
def test_an_answer_that_breaks_off_is_told_plainly(raw: str, caplog: pytest.LogCaptureFixture) -> None:
    quoted = '"' + raw.replace('"', '""') + '"'
    for read in (
        lambda: list(blocks(f"#datatype,string,string\r\n,error,reference\r\n,{quoted},897\r\n".encode())),
        lambda: table(f"error,reference\r\n{quoted},897\r\n".encode(), "int"),
    ):
        with pytest.raises(StoreError) as raised:
            read()
        assert not any(word in str(raised.value) for word in ("error @", "panic", "shard", "nested"))
        assert raw.replace('"', '""') in caplog.text or raw in caplog.text


def test_a_driver_that_loses_the_connection_is_told_plainly(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def hang_up() -> None:
            for _ in range(8):
                connection, _ = listening.accept()
                connection.recv(65536)
                connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        store = InfluxStore(f"http://127.0.0.1:{listening.getsockname()[1]}", "t", "o", "b", timeout_seconds=5)
        with pytest.raises(StoreError) as raised:
            store.ask(asked())
    said = str(raised.value)
    assert "RemoteDisconnected" not in said and "object at 0x" not in said and "(" not in said


@pytest.mark.influx
def test_a_script_influxdb_cannot_compile_is_told_plainly(
    influx_store: InfluxStore, caplog: pytest.LogCaptureFixture
) -> None:
    for script in ("this is no Flux |>", "from(bucket: nobody)", "x = " + "1 + " * 5000 + "1"):
        with pytest.raises(StoreError) as raised:
            influx_store._ask(script)
        said = str(raised.value)
        assert "error @" not in said and "nested" not in said and "undefined" not in said
        assert not isinstance(raised.value, InvalidQuestion)
        assert _REFERENCE.search(said)


def test_sorting_on_disk_tells_a_failure_plainly(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """InfluxDB's records are sorted by DuckDB, whose words are no better there."""
    caplog.set_level(logging.ERROR)
    monkeypatch.setattr(duckdb, "connect", lambda *_, **__: broken())

    def broken() -> None:
        raise duckdb.IOException('IO Error: Cannot open file "/tmp/rows.duckdb": Permission denied')

    with pytest.raises(StoreError) as raised:
        list(sorted_on_disk(iter(()), RecordQuery("generation", START, STOP, order="outcome")))
    assert "Permission denied" not in str(raised.value)
