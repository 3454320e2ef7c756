"""What rollups cost on DuckDB and ClickHouse, and why they do not answer a question."""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter, defaultdict
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest import mock

from metricstore.clickhouse import ClickHouseStore, rollup_tables
from metricstore.duck import DuckStore
from metricstore.framing import comparison_query
from metricstore.influx import InfluxStore
from metricstore.point import Point, nanoseconds
from metricstore.query import Query, RecordQuery

PLATFORMS = ("linkedin", "twitter", "instagram")
Asked = list[Query] | RecordQuery
Times = dict[str, float]
"""Milliseconds, medians, by question."""


Kept = DuckStore | ClickHouseStore


def with_rollups(store: Kept) -> Times:
    """What it costs to have them: time and bytes to make them, and to write."""
    found: Times = {}
    settle(store)
    size = store.info().size_bytes or 0
    begin = last = time.perf_counter()
    longest = 0.0
    for _ in store.rollups.work():
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    found["all rollups made"] = (time.perf_counter() - begin) * 1e3
    found["the longest of its steps"] = longest * 1e3
    settle(store)
    info = store.info()
    found["bytes a point before (no time)"] = size / (info.points or 1)
    found["bytes a point of rollups (no time)"] = ((info.size_bytes or 0) - size) / (info.points or 1)
    found |= written(store, clicks=isinstance(store, ClickHouseStore))
    begin = time.perf_counter()
    for _ in store.rollups.work():
        pass
    found["100 hours made anew"] = (time.perf_counter() - begin) * 1e3
    return found


def settle(store: Kept) -> None:
    """So that what is on the disk can be compared."""
    if isinstance(store, DuckStore):
        with store._database.cursor() as connection:
            connection.execute("CHECKPOINT")
        return
    for name in ("generation", "store_hours", *rollup_tables.names(store._connection)):
        store._connection.command(f'OPTIMIZE TABLE "{name}" FINAL')


def unmarked(store: Kept) -> AbstractContextManager[None]:
    """While it lasts nothing notes what a write changes."""
    marks, name = (store._marks, "touch") if isinstance(store, DuckStore) else (store._hours, "changing")
    return mock.patch.object(marks, name, lambda *_, **__: nullcontext())


def written(store: Kept, *, clicks: bool) -> Times:
    """A batch of 1,000 points by the clock and on the processor, medians of 100 (of 50 on ClickHouse, where a third of them is of hours
    that are held)."""
    chance = random.Random(7)
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=30)
    hows = ("with", "without", "held") if clicks else ("with", "without")
    taken = defaultdict(list)
    for number in range(150 if clicks else 200):
        fields = {"duration_seconds": round(chance.uniform(2, 20), 3), "outcome": "ok", "position": 1}
        start, tags = nanoseconds(begin + timedelta(hours=3 * number)), {"platform": chance.choice(PLATFORMS)}
        batch = [Point("generation", start + chance.randrange(3_600 * 10**9), tags, fields) for _ in range(1_000)]
        how = hows[number % len(hows)]
        if how == "held":
            store.write(batch[:1])
        with unmarked(store) if how == "without" else nullcontext():
            clock, processor = time.perf_counter(), time.process_time()
            store.write(batch)
            taken[f"a batch written {how} its mark"].append(time.perf_counter() - clock)
            taken[f"the same, on the processor, {how}"].append(time.process_time() - processor)
    return {name: statistics.median(values) * 1e3 for name, values in taken.items()}


def reasons(store: Kept | InfluxStore, asked: Asked) -> str:
    """Why rollups do not answer, with how many of how many questions; "" where they answer all."""
    if isinstance(asked, RecordQuery):
        return "single records are points"
    singles = {replace(query, compare=None) for query in asked}
    singles |= {comparison_query(query) for query in asked if query.compare}
    found = Counter(one for query in singles if (one := store.refused_by_rollups(query)) is not None)
    return "; ".join(f"{count} of {len(singles)}: {reason}" for reason, count in found.most_common())
