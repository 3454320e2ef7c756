"""How fast the REST API answers over 1,000,000 points on DuckDB, against the raw query in the same run.

    .venv/bin/python benchmarks/api.py [--points 1000000] [--rounds 20] [--json]

Everything is measured over HTTP on the real application, served by waitress in a process of its own, by a logged-in caller:

- `year by day`: mean duration per day and platform over a year, without any cache, against hand-written SQL on a plain
  table of the same points (from execute to Python lists);
- `unchanged`: the same again with the cache `dashapp run` has, whole and as 304;
- `viewers`: eight viewers at once asking five different questions over the year, without any cache.
"""

from __future__ import annotations

import argparse
import http.client
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import duckdb
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

YEAR = {"start": "2025-01-01T00:00:00+00:00", "stop": "2026-01-01T00:00:00+00:00"}
YEAR_BY_DAY = ("generation_times", {**YEAR, "every": "1d", "by": "platform"})
CHARTS = [
    ("generation_times", {**YEAR, "every": "1d", "by": "platform"}),
    ("generations", {**YEAR, "every": "1d", "by": "platform"}),
    ("generations", {**YEAR, "every": "1w", "by": "outcome"}),
    ("generation_failures", {**YEAR, "every": "1d"}),
    ("generation_times", {**YEAR, "every": "none", "by": "platform", "agg": "p95"}),
]
RAW = """
    SELECT date_trunc('day', time) AS day, platform, avg(duration_seconds) AS value
    FROM plain WHERE time >= '2025-01-01' AND time < '2026-01-01' GROUP BY ALL ORDER BY platform, day
"""
PLATFORMS = np.array(["linkedin", "twitter", "instagram"])
OUTCOMES = np.array(["ok", "failed", "partial", "unknown"])
VIEWERS, SECONDS = 8, 10


def columns(points: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Times (ns), platforms, outcomes, durations: spread over 2025, the same on each run."""
    random = np.random.default_rng(7)
    begin = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * 10**9
    times = begin + np.sort(random.integers(0, 365 * 86_400 * 10**6, points)) * 1_000 + np.arange(points) % 1_000
    return (
        times,
        random.choice(PLATFORMS, points, p=(0.5, 0.35, 0.15)),
        random.choice(OUTCOMES, points, p=(0.9, 0.06, 0.02, 0.02)),
        random.lognormal(1.5, 0.6, points),
    )


def fill(folder: Path, points: int) -> None:
    """The application's own store, and beside it a plain table for the baseline."""
    from metricstore.duck import DuckStore
    from metricstore.point import Point

    times, platforms, outcomes, durations = columns(points)
    store = DuckStore(folder / "metrics.duckdb")
    made = (
        Point("generation", when, {"platform": platform}, {"outcome": outcome, "duration_seconds": seconds})
        for when, platform, outcome, seconds in zip(
            times.tolist(), platforms.tolist(), outcomes.tolist(), durations.tolist(), strict=True
        )
    )
    batch: list[Point] = []
    for point in made:
        batch.append(point)
        if len(batch) == 50_000:
            store.write(batch)
            batch = []
    store.write(batch)
    store.close()
    with duckdb.connect(str(folder / "plain.duckdb")) as connection:
        data = {"time": times, "platform": platforms, "outcome": outcomes, "duration_seconds": durations}  # noqa: F841
        connection.execute(
            "CREATE TABLE plain AS SELECT make_timestamp(time // 1000) AS time, * EXCLUDE (time) FROM data"
        )


def serve(folder: Path, cached: bool) -> None:
    """The real application on a free port, printed with a token; runs until killed."""
    import waitress

    from dashapp.accounts.tokens import create_token
    from dashapp.factory import create_app
    from dashapp.settings import Settings
    from metricstore.caching import CachedStore
    from metricstore.duck import DuckStore

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    store = DuckStore(folder / "metrics.duckdb")
    settings = Settings(data_dir=folder, api_rate="1000000/second")
    app = create_app(settings, store=CachedStore(store) if cached else store)
    accounts = app.extensions["accounts"]
    accounts.ensure_administrator()
    user = accounts.find("admin")
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=settings.threads)
    sys.stdout.write(f"{server.effective_port} {create_token(user, 'benchmark', accounts=accounts)}\n")
    sys.stdout.flush()
    server.run()


class Caller:
    """One keep-alive connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}

    def ask(self, metric: str, params: dict[str, str], tag: str = "") -> tuple[int, str]:
        """Status and ETag, once the whole answer has arrived."""
        headers = self._headers | ({"If-None-Match": tag} if tag else {})
        self._connection.request("GET", f"/api/v1/metrics/{metric}?{urlencode(params)}", headers=headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status not in (200, 304):
            raise RuntimeError(f"HTTP {answer.status} for {metric}")
        return answer.status, answer.headers["ETag"]


@contextmanager
def running(folder: Path, *, cached: bool) -> Iterator[Callable[[], Caller]]:
    arguments = [sys.executable, __file__, "--serve", str(folder), *(["--cached"] if cached else [])]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port, token = process.stdout.readline().split()
        yield lambda: Caller(int(port), token)
    finally:
        process.terminate()
        process.wait()


def median_ms(action: Callable[[], object], rounds: int) -> float:
    action()
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1_000


def raw(folder: Path, rounds: int) -> float:
    with duckdb.connect(str(folder / "plain.duckdb"), read_only=True) as connection:
        return median_ms(lambda: connection.execute(RAW).fetchall(), rounds)


def viewers(caller: Callable[[], Caller]) -> tuple[float, float]:
    """Answers a second and the 95th percentile in ms, all viewers asking without pause."""
    taken: list[float] = []
    end = time.perf_counter() + SECONDS

    def view(number: int) -> None:
        mine, asked = caller(), number
        while time.perf_counter() < end:
            begun = time.perf_counter()
            mine.ask(*CHARTS[asked % len(CHARTS)])
            taken.append(time.perf_counter() - begun)
            asked += 1

    threads = [threading.Thread(target=view, args=(number,)) for number in range(VIEWERS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = time.perf_counter() - begun
    return len(taken) / whole, sorted(taken)[int(len(taken) * 0.95)] * 1_000


def measure(folder: Path, rounds: int) -> dict[str, float]:
    found = {"raw_ms": raw(folder, rounds)}
    with running(folder, cached=False) as caller:
        mine = caller()
        found["year_by_day_ms"] = median_ms(lambda: mine.ask(*YEAR_BY_DAY), rounds)
        found["viewers_answers_per_second"], found["viewers_p95_ms"] = viewers(caller)
    with running(folder, cached=True) as caller:
        mine = caller()
        _, tag = mine.ask(*YEAR_BY_DAY)
        found["unchanged_whole_ms"] = median_ms(lambda: mine.ask(*YEAR_BY_DAY), rounds)
        found["unchanged_304_ms"] = median_ms(lambda: mine.ask(*YEAR_BY_DAY, tag), rounds)
    # Once more at the end: the machine may have been busier or calmer than at the begin.
    found["raw_ms"] = (found["raw_ms"] + raw(folder, rounds)) / 2
    found["year_by_day_ratio"] = found["year_by_day_ms"] / found["raw_ms"]
    return found


GOALS = {
    "year_by_day_ratio": ("API against the raw query, times", 3.0, False),
    "unchanged_whole_ms": ("nothing changed, whole answer, ms", 10.0, False),
    "unchanged_304_ms": ("nothing changed, 304, ms", 10.0, False),
    "viewers_answers_per_second": ("eight viewers, answers a second", 50.0, True),
    "viewers_p95_ms": ("eight viewers, p95, ms", 500.0, False),
}


def report(found: dict[str, float]) -> None:
    print(f"raw query {found['raw_ms']:.1f} ms, API {found['year_by_day_ms']:.1f} ms")
    for name, (title, goal, more_is_better) in GOALS.items():
        reached = found[name] >= goal if more_is_better else found[name] <= goal
        print(
            f"{'ok  ' if reached else 'MISS'} {title}: {found[name]:.2f} (goal {'≥' if more_is_better else '≤'} {goal:g})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="figures alone, as JSON")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cached", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve, asked.cached)
        return
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name), asked.points)
        found = measure(Path(name), asked.rounds)
    if asked.json:
        print(json.dumps(found))
    else:
        report(found)


if __name__ == "__main__":
    main()
