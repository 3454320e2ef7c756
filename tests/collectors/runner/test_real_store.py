"""The runner with the real collectors and a real store."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.demo import TIMEZONE, write_history
from collectors.registry import collectors_for
from collectors.runner import Runner
from collectors.runner.retry import Backoff
from collectors.source import Source
from metricstore.duck import DuckStore
from metricstore.query import Filter, Query
from metricstore.store import Store
from tests.collectors.runner.troubles import LineCollector, eventually

EPOCH, FUTURE = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def count(store: Store, measurement: str, *where: Filter) -> int:
    return int(store.ask(Query(measurement, "count", EPOCH, FUTURE, where=where)).value.iloc[0])


def test_a_line_appended_to_the_log_is_in_the_store_within_two_seconds(duck_store: DuckStore, tmp_path: Path) -> None:
    root = tmp_path / "source"
    write_history(root, seed=5, days=1)
    runner = Runner(collectors_for(Source(root, TIMEZONE)), duck_store, tmp_path / "data")
    runner.start()
    try:
        assert eventually(lambda: all(state.last_outcome == "ok" for state in runner.states()))
        before = count(duck_store, "generation")
        time.sleep(0.5)
        now = datetime.now(Source(root, TIMEZONE).zone)
        with (root / "app.log").open("a") as log:
            log.write(f"{now:%Y-%m-%d %H:%M:%S},000 - INFO - Starting LinkedIn post generation.\n")
            log.write(f"{now:%Y-%m-%d %H:%M:%S},001 - INFO - Starting batch content generation for 1 LinkedIn posts.\n")
            log.write(f"{now:%Y-%m-%d %H:%M:%S},002 - INFO - Generated post 1/1 for topic: A new line...\n")
        began = time.monotonic()
        assert eventually(lambda: count(duck_store, "generation") == before + 1)
        assert time.monotonic() - began < 2.0
    finally:
        assert runner.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes; only root may mount one."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root; the same is tested with a simulated full disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_loses_nothing_once_there_is_room_again(small_disk: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("".join(f"{number} {os.urandom(300).hex()}\n" for number in range(4000)))
    ballast = small_disk / "ballast"
    store = DuckStore(small_disk / "metrics.duckdb")
    runner = Runner(
        [LineCollector(lines, per_batch=500)], store, small_disk / "data", backoff=Backoff(attempts=2, first=0.01)
    )
    ballast.write_bytes(b"\0" * 11_200_000)
    (report,) = runner.run_once()
    assert report.outcome == "failed"
    assert report.error
    ballast.unlink()
    (report,) = runner.run_once()
    assert report.outcome == "ok", report.error
    assert count(store, "log_record") == 4000
    store.close()
