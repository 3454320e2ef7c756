"""How fast a large `app.log` is read: lines parsed a second, with and without points, and the peak memory.

    .venv/bin/python benchmarks/ingest_log.py [--lines 1000000] [--store influx|duck|none] [--folder /tmp]

Raw baselines in the same run: splitting the file into lines; posting the same points to the same InfluxDB (one of its
own, real) as ready-made line protocol.
"""

from __future__ import annotations

import argparse
import http.client
import random
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

from collectors.app_log.clock import LocalSeconds
from collectors.app_log.collector import AppLogCollector
from collectors.app_log.parse import recognised, records
from collectors.base import Batch
from collectors.runner.checkpoints import Checkpoints
from collectors.runner.dead_letters import DeadLetters
from collectors.runner.run import Run
from collectors.source import Source
from collectors.tailing.stream import Stream
from dashapp.cli import memory
from metricstore.point import Point
from metricstore.store import Store
from tests.stores import InfluxServer, running_influxd

URL = "https://api.z.ai/api/paas/v4/chat/completions"


def write_log(path: Path, lines: int, seed: int = 7) -> None:
    """A log as months of use would leave it: batches with retries and failures, and the scheduler's chatter."""
    chance, now, written = random.Random(seed), datetime(2025, 1, 1, 9, tzinfo=UTC), 0
    with path.open("w", encoding="utf-8") as stream:

        def log(text: str, level: str = "INFO", seconds: float = 0.05) -> None:
            nonlocal now, written
            now += timedelta(seconds=seconds)
            written += 1
            stream.write(f"{now:%Y-%m-%d %H:%M:%S},{now.microsecond // 1000:03d} - {level} - {text}\n")

        while written < lines:
            size = chance.randint(5, 21)
            log("Starting LinkedIn post generation.", seconds=chance.uniform(600, 7200))
            log(f"Starting batch content generation for {size} LinkedIn posts.")
            for position in range(1, size + 1):
                if chance.random() < 0.1:
                    log(f'HTTP Request: POST {URL} "HTTP/1.1 500 Internal Server Error"', seconds=0.4)
                    log("Retrying request to /chat/completions in 0.788108 seconds")
                log(f'HTTP Request: POST {URL} "HTTP/1.1 200 OK"', seconds=chance.uniform(0.5, 9))
                log(f"Generated post {position}/{size} for topic: How Agentic AI Systems Boost B...")
            log("LinkedIn batch content generation complete. Content calendar saved to outputs/content_calendar.json")
            log(f"Generated {size} LinkedIn posts.")
            log(f"Successfully generated {size} LinkedIn posts.")
            for number in range(1, 6):
                name = f"linkedin_{number}_{int(now.timestamp())}"
                log(f"Processing post {name} for linkedin")
                log(f"Rate limit exceeded for linkedin, skipping post {name}", "WARNING")
                log(f"Post {name} failed, scheduling retry 1/3", "WARNING")


def timed(what: str, lines: int, work: Callable[[], int], baseline: float | None = None) -> float:
    begun, used = time.perf_counter(), time.process_time()
    count = work()
    took, used = time.perf_counter() - begun, time.process_time() - used
    ratio = f"  {took / baseline:5.2f}× the baseline" if baseline else ""
    rates = f"{lines / took:12,.0f} lines/s  {lines / used:12,.0f} lines/s of CPU"
    print(f"{what:30} {rates}  {took:6.1f} s  {count:10,} results{ratio}", flush=True)
    return took


def split_only(path: Path) -> int:
    return sum(len(block.lines) for span in Stream(path).spans(None, []) for block in span.blocks())


def parse_only(path: Path) -> int:
    seconds, count = LocalSeconds(ZoneInfo("Europe/Berlin")), 0
    for span in Stream(path).spans(None, []):
        for raw in records(span.blocks(), seconds, keep_partial=True):
            recognised(raw.lines)
            count += 1
    return count


def batches(path: Path) -> Iterator[Batch]:
    collector = AppLogCollector(Source(path.parent, "Europe/Berlin", log=path))
    return collector.collect({}, None)  # type: ignore[arg-type]


def line_protocol(path: Path) -> int:
    count = 0
    with tempfile.TemporaryFile("w", encoding="utf-8") as target:
        for batch in batches(path):
            target.writelines(_line(point) for point in batch.points)
            count += len(batch.points)
    return count


def _line(point: Point) -> str:
    tags = "".join(f",{name}={value}" for name, value in point.tags.items())
    fields = ",".join(
        f'{name}="{value}"' if isinstance(value, str) else f"{name}={value}" for name, value in point.fields.items()
    )
    return f"{point.measurement}{tags} {fields} {point.time}\n"


def into(store: Store, path: Path, folder: Path) -> int:
    """As `dashapp collect` does it: checkpoints, dead letters and all. Points written."""
    collector = AppLogCollector(Source(path.parent, "Europe/Berlin", log=path))
    run = Run(collector, store, Checkpoints(folder, "benchmark"), DeadLetters(folder), threading.Event())
    report = run.execute()
    if report.outcome != "ok" or report.rejected:
        raise RuntimeError(f"{report.outcome}: {report.error}, {report.rejected} rejected")
    return report.points


def into_duck(path: Path, folder: Path) -> int:
    from metricstore.duck import DuckStore

    store = DuckStore(folder / "ingest.duckdb")
    try:
        return into(store, path, folder / "duck")
    finally:
        store.close()


def ready_made(path: Path, target: Path) -> None:
    """The same points as the store's own line protocol, to be posted as it is."""
    from metricstore.influx.line import lines
    from metricstore.validation import validated

    with target.open("wb") as file:
        for batch in batches(path):
            file.write(lines(validated(batch.points)[0]) + b"\n")


def post(target: Path, server: InfluxServer) -> int:
    """Raw line protocol by plain HTTP, 10,000 lines at a time over one connection; lines written."""
    connection, count = http.client.HTTPConnection(server.url.removeprefix("http://")), 0
    headers = {"Authorization": f"Token {server.token}", "Content-Type": "text/plain; charset=utf-8"}
    with target.open("rb") as file:
        while block := list(islice(file, 10_000)):
            query = f"org={server.org}&bucket=raw&precision=ns"
            connection.request("POST", f"/api/v2/write?{query}", b"".join(block), headers)
            answer = connection.getresponse()
            if answer.read() or answer.status != 204:
                raise RuntimeError(f"HTTP {answer.status}")
            count += len(block)
    return count


def against_influx(path: Path, folder: Path, lines: int) -> None:
    """The collector into a real InfluxDB, against posting its points ready-made; raw before and after."""
    from metricstore.influx import InfluxStore

    target = folder / "points.lp"
    ready_made(path, target)
    with running_influxd() as server:
        stores = [InfluxStore(server.url, server.token, server.org, bucket) for bucket in ("raw", "collected")]
        for store in stores:
            store.write([Point("collector_run", 1, {"collector": "none", "outcome": "ok"}, {"points": 0})])
        before = timed("raw: line protocol, InfluxDB", lines, lambda: post(target, server))
        ours = timed("parsed, points, InfluxDB", lines, lambda: into(stores[1], path, folder / "influx"))
        stores[0].delete_range("log_record", datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
        after = timed("raw: line protocol again", lines, lambda: post(target, server))
        for store in stores:
            store.close()
    reached = (before + after) / 2 / ours
    print(f"{'ok  ' if reached >= 1 / 3 else 'MISS'} reached of the raw writes: {reached:.2f} (goal ≥ 0.33)")


def peak() -> float:
    """Peak MiB of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--lines", type=int, default=1_000_000)
    arguments.add_argument("--store", choices=("duck", "influx", "none"), default="influx")
    arguments.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    given = arguments.parse_args()
    memory.frugal()  # as the commands do that collect
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder, path = Path(name), Path(name) / "log" / "app.log"
        path.parent.mkdir()
        write_log(path, given.lines)
        print(f"{given.lines:,} lines, {path.stat().st_size / 1e6:.0f} MB")
        timed("raw: split into lines", given.lines, lambda: split_only(path))
        timed("parsed", given.lines, lambda: parse_only(path))
        base = timed("parsed, points", given.lines, lambda: sum(len(batch.points) for batch in batches(path)))
        if given.store == "none":
            timed("parsed, points, line protocol", given.lines, lambda: line_protocol(path), base)
        if given.store == "duck":
            timed("parsed, points, DuckDB", given.lines, lambda: into_duck(path, folder), base)
        if given.store == "influx":
            against_influx(path, folder, given.lines)
        print(f"{'ok  ' if peak() < 300 else 'MISS'} peak memory {peak():.0f} MiB (goal < 300)")


if __name__ == "__main__":
    main()
