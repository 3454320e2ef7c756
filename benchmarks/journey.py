"""How long the promise tracker takes: for all posts, for the last days, and when nothing has changed.

    .venv/bin/python benchmarks/journey.py [--days 730] [--folder /tmp]

Raw baseline in the same run: only reading the records that all posts are made of, without matching, comparing, writing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from collectors.demo.history import TIMEZONE, write_history
from collectors.journey.collector import INPUTS, RECENT, JourneyCollector
from collectors.journey.matching import matched
from collectors.journey.points import journey_point, placed
from collectors.journey.reading import Reader
from collectors.recall import recall
from collectors.registry import collectors_for
from collectors.runner.service import Runner
from collectors.source import Source
from metricstore.duck import DuckStore
from metricstore.point import Point


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=730, help="days of made-up history; about 14 posts a day")
    parser.add_argument("--folder", help="where to put it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        measure(Path(folder), given.days)


def measure(folder: Path, days: int) -> None:
    write_history(folder / "source", days=days)
    source, store = Source(folder / "source", TIMEZONE), DuckStore(folder / "metrics.duckdb")
    collectors = collectors_for(source)
    Runner(collectors, store, folder).run_once([one.name for one in collectors if one.name != "journey"])
    reader = Reader(store, source.zone)
    raw = timed(lambda: reader.records(None))
    records, now = reader.records(None), time.time_ns()
    world = reader.world(now)
    pure = timed(lambda: [journey_point(trail, world) for trail in placed(matched(records))])

    collector, checkpoint = JourneyCollector(source), {}

    def run() -> None:
        nonlocal checkpoint
        for batch in collector.collect(checkpoint, store):
            store.delete(batch.deleted)
            store.write(batch.points)
            checkpoint = dict(batch.checkpoint)

    first = timed(run)
    posts = len(recall(store, "post_journey", ("post_id",)))
    points = sum(len(recall(store, name, ("platform",) if name != "api_quota" else ("service",))) for name in INPUTS)
    idle = min(timed(run) for _ in range(20))
    store.write([Point("api_quota", now, {"service": "buffer", "window": "24h"}, {"allowed": 250, "remaining": 200})])
    recent = timed(run)
    store.close()
    print(f"{posts:,} posts of {points:,} records over {days} days")
    print(f"reading alone                    {raw:8.2f} s   1.00")
    print(f"matching and judging alone       {pure:8.2f} s   {pure / raw:.2f}")
    print(f"all posts, read to written       {first:8.2f} s   {first / raw:.2f}   {posts / first:,.0f} posts/s")
    print(f"last {RECENT // 86_400_000_000_000} days after news            {recent:8.2f} s   {recent / raw:.2f}")
    print(f"nothing changed                  {idle * 1000:8.3f} ms")


if __name__ == "__main__":
    main()
