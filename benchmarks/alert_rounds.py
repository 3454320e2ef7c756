"""Evaluation of alert rules: 200 rules over 1,000,000 points: an idle round, and one after a write."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

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


class Took(NamedTuple):
    """Milliseconds by the clock, and of all processors together: on a busy machine the second says more."""

    clock: float
    processors: float

    def __str__(self) -> str:
        return f"{self.clock:9.1f} ms  ({self.processors:7.1f} ms of processors)"


def timed(step: Callable[[], object]) -> Took:
    begun, used = time.perf_counter(), time.process_time()
    step()
    return Took((time.perf_counter() - begun) * 1000, (time.process_time() - used) * 1000)


def median(taken: Iterable[Took]) -> Took:
    clock, processors = zip(*taken, strict=True)
    return Took(statistics.median(clock), statistics.median(processors))


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
        print(f"first round    {timed(lambda: round(0))}  {chosen.rules} rules, {chosen.points:,} points")
        print(f"idle round     {median(timed(lambda: round(0.1)) for _ in range(5))}")
        after = []
        for number in range(5):
            store.write(points(100, NOW - timedelta(minutes=number), timedelta(minutes=1)))
            read_until(store, NOW + timedelta(seconds=number))
            after.append(timed(lambda number=number: round(0.2 + number / 60)))
        print(f"after a write  {median(after)}")
        store.close()


if __name__ == "__main__":
    main()
