"""What more points cost: the questions that are asked most, over growing stores, and a year while points arrive.

    python benchmarks/growth.py [--sizes 1000000 10000000 100000000] [--seconds 30] [--store influxdb|clickhouse] [--processor] [--rollups-alone] [--json]

On DuckDB, an influxd of its own or ClickHouse (the tests' engine, or CLICKHOUSE_TEST_URL), generations of the last year. `growth`: each question without any cache at each size, how many
times as long as at the smallest it takes at the largest, and why where rollups do not answer it; also of the points alone. `kept`: what rollups cost; batches of 1,000 points are
each of an hour that is complete, written in turns with and without its mark, and on ClickHouse also of hours that are held. `live`: a year by day, asked twice a second of the cache that the application has, while ten points a
second are written one by one, against the same while nothing is written, and against asking the store for all of it.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import _influx_rollup_costs
from benchmarks._growth_stores import YEAR, fill, opened, processor_of_all
from benchmarks._rollup_costs import PLATFORMS, Asked, Times, reasons, with_rollups
from layouts.tiles import tiles_of
from metricstore.caching import CachedStore
from metricstore.errors import StoreUnreachable
from metricstore.influx import InfluxStore
from metricstore.point import Point, nanoseconds
from metricstore.query import Filter, Query, RecordQuery
from metricstore.questions import questions as questions_of
from metricstore.selection import Selection, settled_now
from metricstore.store import Store
from metricstore.windows import Window

ZONE = "Europe/Berlin"
PAUSE, A_SECOND = 0.5, 10
"""Seconds between two askings; points that arrive."""
ROUNDS, MANY_ROUNDS = 9, 12


def main() -> int:
    arguments = _arguments()
    growth: dict[int, Times] = {}
    of_points: dict[int, Times] = {}
    kept: dict[int, Times] = {}
    live: dict[int, Times] = {}
    refused: dict[str, str] = {}
    for size in sorted(arguments.sizes):
        with opened(arguments.store) as (store, processor):
            clock = processor if arguments.processor else time.perf_counter
            fill(store, size)
            if not arguments.rollups_alone:
                of_points[size] = growing(store, clock)
            if not isinstance(store, InfluxStore):
                kept[size] = with_rollups(store)
            else:
                kept[size] = _influx_rollup_costs.with_rollups(store, processor)
            refused = {name: reasons(store, asked) for name, asked in questions(settled_now()).items()}
            growth[size] = growing(store, clock)
            if arguments.seconds:
                live[size] = watched(store, arguments.seconds)
    found = {"growth": growth, "points alone": of_points, "kept": kept, "live": live}
    if arguments.json:
        print(json.dumps(found | {"refused": refused}, indent=1))
        return 0
    for title, times in found.items():
        if times:
            report(title, times, refused if title == "growth" else {}, ratio=title in ("growth", "points alone"))
    return 0


def growing(store: Store, clock: Callable[[], float]) -> Times:
    return {name: timed(lambda one=asked: ask(store, one), clock) for name, asked in questions(settled_now()).items()}


def ask(store: Store, asked: Asked) -> object:
    return store.records(asked) if isinstance(asked, RecordQuery) else store.ask_all(asked)


def questions(now: datetime) -> Mapping[str, Asked]:
    year, month, week = now - YEAR, now - timedelta(days=30), now - timedelta(days=7)
    day, hour = Window(1, "d"), Window(1, "h")
    failed = (Filter("outcome", "any", ("failed",)),)
    seconds = "duration_seconds"

    def of(
        aggregate: str, field: str | None = None, start: datetime = year, every: Window = day, **parts: object
    ) -> list[Query]:
        return [Query("generation", aggregate, start, now, field, every, timezone=ZONE, **parts)]  # type: ignore[arg-type]

    def tiles(start: datetime) -> list[Query]:
        chosen = Selection(start.isoformat(), now.isoformat(), ZONE)
        return [query for one in tiles_of("overview") for query in questions_of(one, chosen, now=now)]

    page = RecordQuery("generation", year, now, limit=50, timezone=ZONE)
    return {
        "the Overview's tiles, a year": tiles(year),
        "the Overview's tiles, 30 days": tiles(month),
        "count by day, a year": of("count"),
        "count by day and platform, a year": of("count", by=("platform",)),
        "mean by day, a year": of("mean", seconds),
        "p95 by day, a year": of("p95", seconds),
        "failed by day, a year": of("count", where=failed),
        "count by hour, 7 days": of("count", None, week, hour),
        "newest page of records": page,
        "oldest page of records": replace(page, descending=False),
    }


def watched(store: Store, seconds: float) -> Times:
    """A year by day, asked of the cache: of a range that stands, and of one that ends now."""
    cached = CachedStore(store)
    found: Times = {}
    stands = settled_now() + timedelta(days=1)

    def year(stop: datetime) -> Query:
        return Query("generation", "mean", stop - YEAR, stop, "duration_seconds", Window(1, "d"), timezone=ZONE)

    found["all of it, asked of the store"] = timed(lambda: store.ask(year(stands)))
    for name, stop in (("a range that stands", lambda: stands), ("a range that ends now", settled_now)):
        ask = lambda stop=stop: cached.ask(year(stop()))  # noqa: E731
        found[f"{name}, nothing written"] = asked_for(ask, seconds)
        with arriving(cached):
            found[f"{name}, {A_SECOND} points a second"] = asked_for(ask, seconds)
            found[f"{name}, the same, all of it"] = asked_for(lambda stop=stop: store.ask(year(stop())), seconds)
    return found


def asked_for(ask: Callable[[], object], seconds: float) -> float:
    ask()
    taken = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(PAUSE)
        begin = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1e3


class arriving:  # noqa: N801
    """Points written one by one, as they happen."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _write(self) -> None:
        chance = random.Random(7)
        while not self._ended.wait(1 / A_SECOND):
            fields = {"duration_seconds": round(chance.uniform(2, 20), 3), "outcome": "ok", "position": 1}
            tags = {"platform": chance.choice(PLATFORMS)}
            self._store.write([Point("generation", nanoseconds(datetime.now(UTC)), tags, fields)])


def timed(ask: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Milliseconds, the median; not a number where the store does not answer in time."""
    if clock is processor_of_all:  # it counts in hundredths of seconds: a mean
        ask()
        begin = clock()
        for _ in range(MANY_ROUNDS):
            ask()
        return (clock() - begin) / MANY_ROUNDS * 1e3
    taken = []
    for _ in range(ROUNDS):
        begin = clock()
        try:
            ask()
        except StoreUnreachable:
            return math.nan
        taken.append(clock() - begin)
    return statistics.median(taken[1:]) * 1e3


def report(title: str, found: Mapping[int, Times], refused: Mapping[str, str], *, ratio: bool) -> None:
    sizes = list(found)
    print(f"\n{title:<46}" + "".join(f"{size:>14,}" for size in sizes) + ("        times" if ratio else ""))
    for name in found[sizes[0]]:
        values = [found[size][name] for size in sizes]
        print(f"{name:<46}" + "".join(f"{value:11.2f} ms" for value in values)
              + (f"{values[-1] / values[0]:11.2f}x" if ratio else "") + f"  {refused.get(name, '')}")  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--seconds", type=float, default=30, help="of each of the six live cases; 0 leaves them out")
    parser.add_argument("--store", choices=("duckdb", "influxdb", "clickhouse"), default="duckdb")
    parser.add_argument(
        "--processor",
        action="store_true",
        help="growth on the processor, of this process and the server, where others use the machine",
    )
    parser.add_argument(
        "--rollups-alone", action="store_true", help="leave out the points alone, which InfluxDB takes long to read"
    )
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
