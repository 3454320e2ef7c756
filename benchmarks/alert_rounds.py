"""Evaluation of alert rules: 200 rules over 1,000,000 points: an idle round, and one after a write."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashapp.accounts import Accounts
from dashapp.alerts.evaluating import Evaluator
from dashapp.alerts.muting import Mutes
from dashapp.alerts.round import Round
from dashapp.alerts.rulebook import RuleBook
from dashapp.alerts.wording import Links
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds

NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
METRICS = ("ai_request_error_rate", "ai_requests")
EVERY = ("15m", "1h", "6h", "1d")


def points(count: int, end: datetime, span: timedelta) -> list[Point]:
    """AI requests, evenly over the time before `end`."""
    begin, step = nanoseconds(end - span), int(span / timedelta(microseconds=1)) * 1000 // count
    return [
        Point(
            "ai_request",
            begin + number * step,
            {"provider": "abcde"[number % 5], "http_status": "500" if number % 10 == 0 else "200"},
            {"latency_seconds": 1.0, "file": "app.log", "line": number + 1},
        )
        for number in range(count)
    ]


def rules(count: int) -> str:
    found = []
    for number in range(count):
        by = 'by = ["provider"]\n' if number % 2 else ""
        found.append(
            f'[[rule]]\nid = "rule-{number}"\nmetric = "{METRICS[number % 2]}"\nevery = "{EVERY[number % 4]}"\n'
            f'fire = "> {1000 + number}"\n{by}'
        )
    return "\n".join(found)


def read_until(store: CachedStore, moment: datetime) -> None:
    fields = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
    store.write([Point("collector_run", nanoseconds(moment), {"collector": "app_log", "outcome": "ok"}, fields)])


def timed(step: Callable[[], object]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    step()
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--points", type=int, default=1_000_000)
    asked.add_argument("--rules", type=int, default=200)
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = CachedStore(DuckStore(Path(folder) / "metrics.duckdb"))
        store.write(points(chosen.points, NOW, timedelta(days=90)))
        database = Accounts.open(f"sqlite:///{folder}/accounts.sqlite").database
        book = RuleBook(database)
        book.apply(rules(chosen.rules), "rules.toml", "benchmark")
        evaluator = Evaluator(store, database, Links())

        def round(minutes: float) -> Round:
            return evaluator.round(Round(book.read(), Mutes(), NOW + timedelta(minutes=minutes), 1))

        read_until(store, NOW)
        print(f"first round    {timed(lambda: round(0)):9.1f} ms  {chosen.rules} rules, {chosen.points:,} points")
        idle = statistics.median(timed(lambda: round(0.1)) for _ in range(5))
        print(f"idle round     {idle:9.1f} ms")
        after = []
        for number in range(5):
            store.write(points(100, NOW - timedelta(minutes=number), timedelta(minutes=1)))
            read_until(store, NOW + timedelta(seconds=number))
            after.append(timed(lambda number=number: round(0.2 + number / 60)))
        print(f"after a write  {statistics.median(after):9.1f} ms")
        store.close()


if __name__ == "__main__":
    main()
