"""What rollups cost on InfluxDB: this process and the server together."""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks._rollup_costs import PLATFORMS, Times
from metricstore.influx import InfluxStore
from metricstore.influx.rollups import keeping
from metricstore.point import Point, nanoseconds

BATCHES, POINTS = 80, 1_000


def processor_time(pid: int) -> Callable[[], float]:
    """Seconds on the processor of this process and of another one, of all its threads."""
    tasks = Path(f"/proc/{pid}/task")

    def both() -> float:
        spent = sum(int((one / "schedstat").read_text().split()[0]) for one in tasks.iterdir())
        return time.process_time() + spent / 1e9

    return both


def with_rollups(store: InfluxStore, processor: Callable[[], float]) -> Times:
    """What it costs to have them: time and bytes to make them, and to write. They are made at once, not a minute later."""
    keeping.SETTLED_SECONDS = 0.0
    found: Times = {}
    begin = last = time.perf_counter()
    spent = processor()
    longest = 0.0
    for _ in store.rollups.work():
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    found["all rollups made"] = (time.perf_counter() - begin) * 1e3
    found["the same, on the processor"] = (processor() - spent) * 1e3
    found["the longest of its steps"] = longest * 1e3
    found |= written(store, processor)
    spent = processor()
    for _ in store.rollups.work():
        pass
    found["the days written to made anew, on the processor"] = (processor() - spent) * 1e3
    return found


def written(store: InfluxStore, processor: Callable[[], float]) -> Times:
    """A batch of points of an hour, with marks beside its points and with those after them alone: medians."""
    chance = random.Random(7)
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=30)
    beside, taken = store._marks.beside, defaultdict(list)
    for number in range(2 * BATCHES):
        fields = {"duration_seconds": round(chance.uniform(2, 20), 3), "outcome": "ok", "position": 1}
        start, tags = nanoseconds(begin + timedelta(hours=3 * number)), {"platform": chance.choice(PLATFORMS)}
        batch = [Point("generation", start + chance.randrange(3_600 * 10**9), tags, fields) for _ in range(POINTS)]
        how = ("with", "without")[number % 2]
        store._marks.beside = beside if how == "with" else lambda _: []  # type: ignore[method-assign]
        clock, spent = time.perf_counter(), processor()
        store.write(batch)
        taken[f"a batch written {how} marks beside it"].append(time.perf_counter() - clock)
        taken[f"the same, on the processor, {how}"].append(processor() - spent)
    store._marks.beside = beside  # type: ignore[method-assign]
    return {name: statistics.median(values) * 1e3 for name, values in taken.items()}
