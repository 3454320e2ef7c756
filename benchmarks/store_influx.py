"""How fast the InfluxDB store asks and writes, against the best hand-written Flux and plain HTTP in the same run.

    .venv/bin/python benchmarks/store_influx.py [--points 1000000] [--rounds 7] [--json]

Starts an influxd of its own. `ask`: a year of AI requests, from the question to the data frame, against Flux written by
hand for that very question, fetched over one open connection and not even parsed. Questions that take several
fields of a point are set against `pivot`. `write`: points checked, turned into lines and stored durably, against posting
the same lines ready-made.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from metricstore.influx import InfluxStore
from metricstore.influx.line import lines
from metricstore.point import Point, nanoseconds
from metricstore.query import Filter, Query, RecordQuery
from metricstore.windows import Window
from tests.stores import InfluxServer, running_influxd

START, STOP = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
STATUSES = ["200", "400", "401", "429", "500", "503"]
PROVIDERS = ["api.openai.com", "api.anthropic.com", "api.z.ai", "a.example", "b.example", "c.example"]
PLATFORMS = ["linkedin", "twitter", "instagram"]
BATCH = 10_000


def points(count: int) -> list[Point]:
    """Requests spread evenly over the year: 36 series, four fields; the same on each run."""
    chance = random.Random(7)
    begin, step = nanoseconds(START), (nanoseconds(STOP) - nanoseconds(START)) // count
    return [
        Point(
            "ai_request", begin + number * step,
            {"http_status": chance.choice(STATUSES), "provider": chance.choice(PROVIDERS)},
            {"latency_seconds": round(chance.lognormvariate(0, 1), 6), "platform": chance.choice(PLATFORMS),
             "file": "app.log", "line": number},
        )
        for number in range(count)
    ]  # fmt: skip


class Plain:
    """HTTP without anything around it, over one connection kept open."""

    def __init__(self, server: InfluxServer, bucket: str) -> None:
        self._connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
        self._token, self._org, self.bucket = server.token, server.org, bucket

    def post(self, path: str, body: bytes, kind: str) -> bytes:
        headers = {"Authorization": f"Token {self._token}", "Content-Type": kind, "Accept": "application/csv"}
        self._connection.request("POST", f"{path}?org={self._org}&bucket={self.bucket}&precision=ns", body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(text.decode())
        return text

    def ask(self, script: str) -> bytes:
        return self.post("/api/v2/query", script.encode(), "application/vnd.flux")

    def write(self, body: bytes) -> None:
        self.post("/api/v2/write", body, "text/plain; charset=utf-8")


def by_hand(bucket: str) -> dict[str, tuple[Query | RecordQuery, list[str]]]:
    """Questions and the Flux a practised person would try for each; the fastest counts."""
    rows = f'from(bucket: "{bucket}") |> range(start: 2025-01-01T00:00:00Z, stop: 2026-01-01T00:00:00Z) |> filter(fn: (r) => r._measurement == "ai_request" and r._field == '
    day, hour = Window(1, "d"), Window(1, "h")
    berlin = 'import "timezone"\noption location = timezone.location(name: "Europe/Berlin")\n'

    def asked(aggregate: str, every: Window | None = day, **parts: object) -> Query:
        return Query("ai_request", aggregate, START, STOP, every=every, **parts)  # type: ignore[arg-type]

    def windows(step: str, every: str = "1d") -> str:
        return f"aggregateWindow(every: {every}, fn: {step}, createEmpty: false)"

    count = f'{rows}"line") |> {windows("count")}'
    latency = f'{rows}"latency_seconds") '
    quantile = 'group() |> aggregateWindow(every: 1d, fn: (tables=<-, column) => tables |> quantile(q: 0.95, method: "exact_selector"), createEmpty: false)'
    return {
        "count by day": (asked("count"), [
            f"{count} |> group() |> {windows('sum')}", f'{count} |> group(columns: ["_time"]) |> sum()',
            f'{rows}"line") |> group() |> {windows("count")}',
        ]),
        "mean by day and status": (asked("mean", field="latency_seconds", by=("http_status",)), [
            f'{latency} |> group(columns: ["http_status"]) |> {windows("mean")}',
        ]),
        "mean by day and status, Berlin": (
            asked("mean", field="latency_seconds", by=("http_status",), timezone="Europe/Berlin"),
            [f'{berlin}{latency} |> group(columns: ["http_status"]) |> {windows("mean")}'],
        ),
        "highest by hour": (asked("max", hour, field="latency_seconds"), [
            f"{latency} |> group() |> {windows('max', '1h')}", f"{latency} |> {windows('max', '1h')}",
        ]),
        "sum by month": (asked("sum", Window(1, "mo"), field="latency_seconds"), [
            f"{latency} |> group() |> {windows('sum', '1mo')}", f"{latency} |> {windows('sum', '1mo')}",
        ]),
        "p95 by day": (asked("p95", field="latency_seconds"), [f"{latency} |> {quantile}"]),
        "count by day, one platform (a field)": (
            asked("count", where=(Filter("platform", "any", ("linkedin",)),)),
            [f'{rows}"platform" and r._value == "linkedin") |> {windows("count")} |> group() |> {windows("sum")}'],
        ),
        "count by day, all but one platform (a field)": (
            asked("count", where=(Filter("platform", "none", ("linkedin",)),)),
            [f'{rows}"platform" and r._value != "linkedin") |> {windows("count")} |> group() |> {windows("sum")}'],
        ),
        "count by week and platform (a field)": (asked("count", Window(1, "w"), by=("platform",)), [
            f'{rows}"platform") |> group(columns: ["_value"]) |> aggregateWindow(every: 1w, offset: -3d, fn: count, column: "_field", createEmpty: false)',
        ]),
        "latest 100 records": (RecordQuery("ai_request", START, STOP), [
            f'from(bucket: "{bucket}") |> range(start: 2025-12-31T20:00:00Z, stop: 2026-01-01T00:00:00Z) |> filter(fn: (r) => r._measurement == "ai_request") |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> group() |> sort(columns: ["_time"], desc: true) |> limit(n: 100)',
        ]),
    }  # fmt: skip


def median(action: Callable[[], object], rounds: int) -> float:
    """Milliseconds; the first run warms up and does not count."""
    action()
    found = []
    for _ in range(rounds):
        begin = time.perf_counter()
        action()
        found.append(time.perf_counter() - begin)
    return statistics.median(found) * 1000


def writes(server: InfluxServer, store: InfluxStore, count: int) -> dict[str, float]:
    """Thousands of points a second: ours, and the same lines posted ready-made to another bucket."""
    other = InfluxStore(server.url, server.token, server.org, "plain")
    other.revision("ai_request")  # creates the bucket
    other.close()
    plain = Plain(server, "plain")
    made = points(count)
    batches = [made[first : first + BATCH] for first in range(0, count, BATCH)]
    bodies = [lines(batch) for batch in batches]
    ours = raw = 0.0
    for batch, body in zip(batches, bodies, strict=True):
        begin = time.perf_counter()
        store.write(batch)
        middle = time.perf_counter()
        plain.write(body)
        ours, raw = ours + middle - begin, raw + time.perf_counter() - middle
    return {"ours": count / ours / 1000, "raw": count / raw / 1000, "ratio": raw / ours}


def asks(server: InfluxServer, store: InfluxStore, rounds: int) -> dict[str, dict[str, float]]:
    plain, found = Plain(server, "metrics"), {}
    for name, (question, scripts) in by_hand("metrics").items():
        slow = name.startswith(("p95", "count by week"))
        times = 3 if slow else rounds
        if isinstance(question, RecordQuery):
            ours = median(lambda question=question: store.records(question), times)  # type: ignore[misc]
        else:
            ours = median(lambda question=question: store.ask(question), times)  # type: ignore[misc]
        best = min(median(lambda script=script: plain.ask(script), times) for script in scripts)  # type: ignore[misc]
        found[name] = {"ours": ours, "raw": best, "ratio": ours / best}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with running_influxd() as server:
        store = InfluxStore(server.url, server.token, server.org, "metrics")
        written = writes(server, store, options.points)
        asked = asks(server, store, options.rounds)
        store.close()
    if options.json:
        print(json.dumps({"points": options.points, "write": written, "ask": asked}, indent=2))
        return
    print(f"{options.points:,} points, one year, 36 series")
    print(
        f"{'write, thousand points a second':45} {written['ours']:9.1f} {written['raw']:9.1f} raw, {written['ratio']:5.2f} of it"
    )
    for name, row in asked.items():
        print(f"{name + ', ms':45} {row['ours']:9.1f} {row['raw']:9.1f} raw, {row['ratio']:5.2f} times")


if __name__ == "__main__":
    main()
