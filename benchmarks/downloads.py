"""Files of 2,000,000 records: rows a second and memory, against what the stores themselves deliver raw.

    .venv/bin/python benchmarks/downloads.py [--rows 2000000] [--influx-rows 500000]

CSV and Parquet of the whole file with its proof, in a process of its own, against DuckDB's `COPY … TO` of the very same
columns as CSV and Parquet; CSV from InfluxDB against reading the raw CSV stream of one hand-written Flux query.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import duckdb

COLUMNS = 'time, level, event, message, file, line, "offset", lines'
BEGIN = 1_735_689_600_000_000_000
START, STOP = "2024-12-31T00:00:00Z", "2026-12-31T00:00:00Z"
GOAL_DUCK, GOAL_INFLUX, GOAL_MB = 0.5, 0.8, 150


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--influx-rows", type=int, default=500_000)
    parser.add_argument("--stream", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stream:
        return _stream(json.loads(given.stream))
    with tempfile.TemporaryDirectory() as folder:
        path = _fill(Path(folder) / "metrics.duckdb", given.rows)
        for kind in ("csv", "parquet"):
            raw = _copy(path, Path(folder) / f"raw.{kind}", kind)
            seconds, over = _ours({"duck": str(path), "kind": kind, "out": str(Path(folder) / f"ours.{kind}")})
            _report(kind, given.rows, raw, seconds, over, GOAL_DUCK if kind == "csv" else None, "DuckDB's COPY")
    _influx(given.influx_rows)
    return 0


def _report(kind: str, rows: int, raw: float, ours: float, over: float, goal: float | None, against: str) -> None:
    print(f"{kind}: {rows / ours:,.0f} rows/s, {against} {rows / raw:,.0f} rows/s")
    share = raw / ours
    sign = "    " if goal is None else "ok  " if share >= goal else "MISS"
    print(f"{sign} {kind} as a share of {against}: {share:.2f}" + (f" (goal ≥ {goal})" if goal else ""))
    print(f"{'ok  ' if over <= GOAL_MB else 'MISS'} memory over idle: {over:.0f} MB (goal ≤ {GOAL_MB})")


def _fill(path: Path, rows: int) -> Path:
    from metricstore.duck import DuckStore

    DuckStore(path).close()
    with duckdb.connect(str(path)) as database:
        database.execute(
            f"""insert into log_record by name select {BEGIN} + i * 15000000000 + (i % 1000) as time,
            case when i % 10 = 0 then 'WARNING' when i % 33 = 0 then 'ERROR' else 'INFO' end as level,
            ['http_request', 'post_generated', 'scheduling_error', 'other'][1 + (i % 4)] as event,
            'Generated post ' || i || ' for topic "AI, and what changes" in ' || (i % 97) || ' seconds' as message,
            'app.log' as file, i as line, i * 120 as "offset", 1 as lines from range({rows}) t(i)"""
        )
    return path


def _copy(path: Path, to: Path, kind: str) -> float:
    """Seconds of DuckDB's own export, times as ISO 8601 as ours are."""
    form = "FORMAT csv, HEADER" if kind == "csv" else "FORMAT parquet, COMPRESSION zstd"
    with duckdb.connect(str(path), read_only=True) as database:
        database.execute("SET threads TO 1")  # a download is one of several: ours uses one, too
        begin = time.perf_counter()
        database.execute(
            f"COPY (SELECT make_timestamp_ns(time) AS time, {COLUMNS.partition(', ')[2]} FROM log_record "
            f"ORDER BY log_record.time DESC) TO '{to}' ({form})"
        )
        return time.perf_counter() - begin


def _ours(asked: dict[str, object]) -> tuple[float, float]:
    """(seconds, MB over what the process held before)."""
    done = subprocess.run(
        [sys.executable, __file__, "--stream", json.dumps(asked)], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return found["seconds"], found["over"]


def _stream(asked: dict[str, str]) -> int:
    """In a process of its own: write one file, print how long it took and how much memory it needed."""
    from dashapp.downloads.formats import FORMATS
    from dashapp.downloads.sources import Asked, records_table
    from metricstore.duck import DuckStore
    from metricstore.influx import InfluxStore
    from metricstore.selection import Selection, settled_now
    from metricstore.store import Store

    store: Store
    store = DuckStore(Path(asked["duck"])) if "duck" in asked else InfluxStore(*asked["influx"])
    selection = Selection(start=START, stop=STOP)
    table = records_table(store, Asked("log_record"), selection, settled_now(), title="Log", name="log_record")
    store.bounds("log_record")
    before, begin = _resident(), time.perf_counter()
    most = before
    with Path(asked["out"]).open("wb") as file:
        for number, piece in enumerate(FORMATS[asked["kind"]].stream(table)):
            file.write(piece)
            if number % 50 == 0:
                most = max(most, _resident())
    seconds = time.perf_counter() - begin
    store.close()
    print(json.dumps({"seconds": seconds, "over": most - before}))
    return 0


def _resident() -> float:
    """MB this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _influx(rows: int) -> None:
    from metricstore.influx import InfluxStore
    from metricstore.point import Point
    from tests.stores import running_influxd

    with running_influxd() as server, tempfile.TemporaryDirectory() as folder:
        store = InfluxStore(server.url, server.token, server.org, "downloads")
        begin = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * 10**9
        for start in range(0, rows, 20_000):
            store.write([
                Point("log_record", begin + i * 15_000_000_000 + i % 1000,
                      {"level": "WARNING" if i % 10 == 0 else "INFO", "event": ("http_request", "post_generated")[i % 2]},
                      {"message": f"Generated post {i} in {i % 97} seconds", "file": "app.log", "line": i, "offset": i * 120, "lines": 1})
                for i in range(start, min(rows, start + 20_000))
            ])  # fmt: skip
        raw = _raw_stream(server.url, server.token, server.org)
        asked = {
            "influx": [server.url, server.token, server.org, "downloads"],
            "kind": "csv",
            "out": str(Path(folder) / "o.csv"),
        }
        seconds, over = _ours(asked)  # type: ignore[arg-type]
        _report("csv from InfluxDB", rows, raw, seconds, over, GOAL_INFLUX, "its raw CSV stream")


def _raw_stream(url: str, token: str, org: str) -> float:
    """Seconds until every byte of the same records, newest first, has been read and thrown away."""
    flux = (f'from(bucket: "downloads") |> range(start: {START}, stop: {STOP}) |> filter(fn: (r) => r._measurement == "log_record") '
            '|> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> group() |> sort(columns: ["_time"], desc: true)')  # fmt: skip
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=600)
    begin = time.perf_counter()
    connection.request("POST", f"/api/v2/query?org={org}", json.dumps({"query": flux, "type": "flux"}),
                       {"Authorization": f"Token {token}", "Content-Type": "application/json"})  # fmt: skip
    answer = connection.getresponse()
    while answer.read(1 << 20):
        pass
    return time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main())
