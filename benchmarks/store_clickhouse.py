"""ClickHouse's answers and writes against the embedded store's, on the same points.

    python benchmarks/store_clickhouse.py [--points 1000000]

The server of CLICKHOUSE_TEST_URL, else ClickHouse's engine behind the tests' HTTP server (on the same machine, two
processors for all). Medians of both in the same run, each answer up to its data frame.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.store_duck import START, STOP, ingest, medians, questions, requests
from metricstore.clickhouse import ClickHouseStore
from metricstore.duck import DuckStore
from metricstore.query import Filter, RecordQuery
from tests.clickhouse.server import clickhouse_server

NEWEST = RecordQuery("ai_request", START, STOP, limit=100)
PAGES = {
    "newest page of records": NEWEST,
    "oldest page, one status": replace(NEWEST, descending=False, where=(Filter("http_status", "any", ("500",)),)),
    "page by latency": replace(NEWEST, order="latency_seconds"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    points = parser.parse_args().points
    with tempfile.TemporaryDirectory() as folder, clickhouse_server() as server, server.database() as database:
        duck, click = DuckStore(Path(folder) / "metrics.duckdb"), ClickHouseStore(server.named(database))
        ingest(duck, "DuckDB", requests(points))
        ingest(click, "ClickHouse", requests(points))
        for name, query, _ in questions():
            _told(name, *medians(lambda q=query: duck.ask(q), lambda q=query: click.ask(q)))  # type: ignore[misc]
        for name, page in PAGES.items():
            _told(name, *medians(lambda p=page: duck.records(p), lambda p=page: click.records(p)))  # type: ignore[misc]
        moments = [next(requests(points))[number] for number in (10, 20, 30)]
        _told("delete three points", *medians(lambda: duck.delete(moments), lambda: click.delete(moments)))
        for store in (duck, click):
            info = store.info()
            print(
                f"{info.kind:<30} {info.points or 0:,} points, {(info.size_bytes or 0) / (info.points or 1):.1f} bytes each"
            )
            store.close()


def _told(name: str, duck: float, click: float) -> None:
    print(f"{name:<30} DuckDB {duck * 1e3:7.1f} ms   ClickHouse {click * 1e3:7.1f} ms")


if __name__ == "__main__":
    main()
