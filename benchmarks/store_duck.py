"""The DuckDB store against the best hand-written SQL on the same file, and its ingest.

    python benchmarks/store_duck.py [--points 1000000] [--check]

Ratios compare medians of the same run: `ask()` up to its data frame over the SQL alone, fetched as numpy columns.
With `--check` a missed target (1.5 times, 50,000 points/s) is an error.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from metricstore.query import Query
from metricstore.store import Store
from metricstore.windows import Window

START = datetime(2024, 1, 1, tzinfo=UTC)
STOP = START + timedelta(days=365)
DAY = 86_400_000_000_000
BATCH = 10_000
RATIO, RATE = 1.5, 50_000
_IN_RANGE = f"time >= {nanoseconds(START)} and time < {nanoseconds(STOP)}"
_LATENCY = f"from ai_request where {_IN_RANGE} group by all"


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        store = DuckStore(Path(folder) / "metrics.duckdb")
        generations = ingest(store, "ai_request, 1 field and 2 tags", requests(arguments.points))
        logs = ingest(store, "log_record, 5 fields and 2 tags", _log(min(arguments.points, 300_000)))
        ratios = [_compared(store, *question) for question in questions()]
        store.close()
    missed = max(ratios) > RATIO or min(generations, logs) < RATE
    print("missed a target" if missed else "all targets met")
    return 1 if missed and arguments.check else 0


def questions() -> Iterator[tuple[str, Query, str]]:
    day = Window(1, "d")
    by = ("http_status",)

    def asked(aggregate: str, every: Window | None, by: tuple[str, ...], zone: str = "UTC") -> Query:
        return Query("ai_request", aggregate, START, STOP, "latency_seconds", every, by, timezone=zone)  # type: ignore[arg-type]

    yield (
        "mean per day and status",
        asked("mean", day, by),
        f"select time // {DAY} w, http_status, avg(latency_seconds) v {_LATENCY}",
    )
    yield "count per day", asked("count", day, ()), f"select time // {DAY} w, count(latency_seconds) v {_LATENCY}"
    yield (
        "p95 per day and status",
        asked("p95", day, by),
        f"select time // {DAY} w, http_status, quantile_disc(latency_seconds, 0.95) v {_LATENCY}",
    )
    yield "max per day, Berlin", asked("max", day, (), "Europe/Berlin"), (
        "select time_bucket(interval 1 day, timezone('Europe/Berlin', make_timestamp(time // 1000)::timestamptz)) w, "
        f"max(latency_seconds) v {_LATENCY}"
    )  # fmt: skip
    yield (
        "sum per month",
        asked("sum", Window(1, "mo"), ()),
        f"select date_trunc('month', make_timestamp_ns(time)) w, sum(latency_seconds) v {_LATENCY}",
    )
    yield (
        "mean by status, no windows",
        asked("mean", None, by),
        f"select http_status, avg(latency_seconds) v {_LATENCY}",
    )


def _compared(store: DuckStore, name: str, query: Query, written: str) -> float:
    def by_hand() -> None:
        with store._database.cursor() as cursor:
            cursor.execute(written).fetchnumpy()

    raw, ours = medians(by_hand, lambda: store.ask(query))
    print(f"{name:<30} by hand {raw * 1e3:7.2f} ms   ask {ours * 1e3:7.2f} ms   {ours / raw:5.2f} times")
    return ours / raw


def medians(*calls: Callable[[], object]) -> list[float]:
    """Taken in turn, so that a slow moment of the machine hits all of them."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(25):
        for number, call in enumerate(calls):
            begin = time.perf_counter()
            call()
            taken[number].append(time.perf_counter() - begin)
    return [statistics.median(one[2:]) for one in taken]


def ingest(store: Store, name: str, batches: Iterator[list[Point]]) -> float:
    """Points a second of `write` alone; making the points is not counted."""
    written, seconds = 0, 0.0
    for batch in batches:
        begin = time.perf_counter()
        store.write(batch)
        seconds += time.perf_counter() - begin
        written += len(batch)
    print(f"ingest {name:<40} {written / seconds:10,.0f} points/s")
    return written / seconds


def requests(count: int) -> Iterator[list[Point]]:
    random = Random(7)
    step = int((STOP - START).total_seconds() * 1e9) // count
    for first in range(0, count, BATCH):
        yield [
            Point(
                "ai_request",
                nanoseconds(START) + number * step + random.randrange(step),
                {"http_status": random.choice(("200", "200", "429", "500")), "provider": "api.example.com"},
                {"latency_seconds": random.expovariate(0.1)},
            )
            for number in range(first, min(first + BATCH, count))
        ]


def _log(count: int) -> Iterator[list[Point]]:
    random = Random(8)
    for first in range(0, count, BATCH):
        yield [
            Point(
                "log_record",
                nanoseconds(START) + number * 1_000_000,
                {"level": "INFO", "event": f"event_{random.randrange(60)}"},
                {
                    "message": f"Generated post {number} of the batch for topic {random.randrange(400)} in a few seconds",
                    "file": "app.log", "line": number, "lines": 1, "offset": number * 120,
                },
            )
            for number in range(first, min(first + BATCH, count))
        ]  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
