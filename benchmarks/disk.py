"""What a point takes on the disk, by store and measurement, and how long deleting old points takes.

    .venv/bin/python benchmarks/disk.py [--days 365] [--stores duckdb influxdb clickhouse] [--folder /tmp] [--json]

The demo's made-up project, collected as a real one is into the embedded store, then copied to an influxd of its own and to
ClickHouse's engine. Raw baseline: the same points as plain rows of CSV. Afterwards the older half of the largest measurement is
deleted because of its age: the longest stretch is what others may wait for.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from collectors.demo.history import TIMEZONE, write_history
from collectors.registry import collectors_for
from collectors.runner.service import Runner
from collectors.source import Source
from dashapp.backup.counting import counts
from metricstore.catalogue import MEASUREMENTS
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from metricstore.query import RecordQuery
from metricstore.store import Store
from tests.stores import running_influxd

AT_ONCE = 20_000
SETTLE_SECONDS = 20.0
"""InfluxDB writes its cache to the disk when nothing has come for as long as this says."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=365, help="days of made-up history; about 14 posts a day")
    parser.add_argument("--stores", nargs="*", default=["duckdb", "influxdb", "clickhouse"])
    parser.add_argument("--folder", help="where to put it")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        found = measured(Path(folder), given.days, given.stores)
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        report(found)
    return 0


def measured(folder: Path, days: int, kinds: list[str]) -> dict[str, Any]:
    write_history(folder / "source", days=days)
    source, collected = Source(folder / "source", TIMEZONE), DuckStore(folder / "collected.duckdb")
    Runner(collectors_for(source), collected, folder).run_once()
    found: dict[str, Any] = {"points": counts(collected), "csv": csv_bytes(collected), "stores": {}}
    for kind in kinds:
        with opened(kind, folder) as (store, settle):
            copy(collected, store)
            settle()
            use, number = store.disk(), counts(store)
            found["stores"][kind] = {
                "total": use.total,
                "by_measurement": dict(use.by_measurement),
                "points": sum(number.values()),
                "deleted": deleted(store, number),
            }
    collected.close()
    return found


@contextlib.contextmanager
def opened(kind: str, folder: Path) -> Iterator[tuple[Store, Any]]:
    """A store, and what makes it write all to the disk."""
    with contextlib.ExitStack() as stack:
        store: Any
        settle: Any = lambda: None  # noqa: E731
        if kind == "duckdb":
            store = DuckStore(folder / "copied.duckdb")

            def settle() -> None:
                with store._database.cursor() as cursor:
                    cursor.execute("CHECKPOINT")
        elif kind == "influxdb":
            from metricstore.influx import InfluxStore

            server = stack.enter_context(
                running_influxd(options=("--storage-cache-snapshot-write-cold-duration", "5s"))
            )
            store = InfluxStore(server.url, server.token, server.org, "disk", timeout_seconds=600)
            settle = lambda: time.sleep(SETTLE_SECONDS)  # noqa: E731
        else:
            from metricstore.clickhouse import ClickHouseStore
            from tests.clickhouse.server import clickhouse_server

            engine = stack.enter_context(clickhouse_server())
            store = ClickHouseStore(engine.named(stack.enter_context(engine.database())))
            settle = lambda: [  # noqa: E731
                store._connection.command(f"OPTIMIZE TABLE {store._layout.stored(name)} FINAL") for name in MEASUREMENTS
            ]
        stack.callback(store.close)
        yield store, settle


def rows(store: Store, name: str) -> Iterator[Any]:
    ends = store.bounds(name)
    if ends is None:
        return iter(())
    return store.stream(RecordQuery(name, ends[0], ends[1] + timedelta(microseconds=1), descending=False))


def csv_bytes(store: Store) -> int:
    return sum(
        len(frame.to_csv(index=False, header=False).encode()) for name in MEASUREMENTS for frame in rows(store, name)
    )


def copy(source: Store, target: Store) -> None:
    for name, declared in MEASUREMENTS.items():
        batch: list[Point] = []
        for frame in rows(source, name):
            times = frame["time"].dt.as_unit("ns").astype("int64").tolist()
            columns = {
                column: frame[column].astype(object).where(frame[column].notna(), None).tolist()
                for column in declared.columns
            }
            for place, moment in enumerate(times):
                said = {column: values[place] for column, values in columns.items() if values[place] is not None}
                tags = {tag: said.pop(tag) for tag in declared.tag_names if tag in said}
                batch.append(Point(name, moment, tags, said))
            while len(batch) >= AT_ONCE:
                target.write(batch[:AT_ONCE])
                batch = batch[AT_ONCE:]
        target.write(batch)


def deleted(store: Store, number: dict[str, int]) -> dict[str, Any]:
    """The older half (by time) of the largest measurement."""
    name = max(number, key=lambda one: number[one])
    ends = store.bounds(name)
    assert ends is not None
    middle = ends[0] + (min(ends[1], datetime.now(UTC)) - ends[0]) / 2
    seconds, gone, began = [], 0, time.perf_counter()
    for points in store.expire(name, middle):
        now = time.perf_counter()
        seconds.append(now - began)
        gone, began = gone + points, now
    assert all(nanoseconds(one) >= nanoseconds(middle) for one in store.bounds(name) or ())
    return {
        "measurement": name, "points": gone, "stretches": len(seconds), "seconds": sum(seconds), "median": statistics.median(seconds),
        "longest": max(seconds),
    }  # fmt: skip


def report(found: dict[str, Any]) -> None:
    points = sum(found["points"].values())
    print(f"{points:,} points; as CSV {found['csv'] / points:.0f} bytes a point")
    for kind, one in found["stores"].items():
        total = (
            "not known"
            if one["total"] is None
            else f"{one['total'] / one['points']:.0f} bytes a point, {one['total'] / found['csv']:.2f} of CSV"
        )
        print(f"{kind:<12} {total}")
        for name, size in sorted(one["by_measurement"].items(), key=lambda pair: -pair[1])[:8]:
            number = found["points"].get(name, 0)
            if number:
                print(f"    {name:<22}{number:>10,} points {size / number:>8.0f} bytes a point")
        gone = one["deleted"]
        print(
            f"    {gone['points']:,} points of {gone['measurement']} deleted in {gone['seconds']:.1f} s, {gone['stretches']} stretches, "
            f"median {gone['median'] * 1e3:.0f} ms, longest {gone['longest'] * 1e3:.0f} ms"
        )


if __name__ == "__main__":
    sys.exit(main())
