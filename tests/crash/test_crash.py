"""kill -9 at any moment, run again, and the store holds exactly what an undisturbed run holds."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from collectors.demo import TIMEZONE, write_history
from collectors.runner.dead_letters import DeadLetters
from metricstore.catalogue import MEASUREMENTS
from metricstore.duck import DuckStore
from metricstore.query import RecordQuery
from metricstore.store import Store
from tests import forkserver
from tests.stores import InfluxServer, fresh_name

EPOCH, FUTURE = datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 16, 40, tzinfo=UTC)
PER_ROUND = 7
KILLS = int(os.environ.get("CRASH_KILLS", "13"))
"""For each store and source. With fewer than there are moments each source gets half of those, so that each store meets all."""
ROOT = Path(__file__).parents[2]
MOMENTS = [
    (f"{when} {what}", number)
    for what, numbers in (("write", (1, 2, 4)), ("rename", (1, 3, 5)), ("fsync", (1, 4)), ("delete", (1,)))
    for when in ("before", "after")
    for number in numbers
]


@dataclass(frozen=True)
class Ended:
    """How a collecting process ended."""

    killed: bool
    code: int
    seconds: float


def collect(command: dict[str, Any], kill_after: float | None = None) -> Ended:
    """Collect once in a process of its own, killed after some seconds if it still works then."""
    begin = time.monotonic()
    process = forkserver.start(
        "from tests.crash.collecting import main; main()", [json.dumps(command)], env=forkserver.environment(), cwd=ROOT,
        stdout=sys.__stdout__, stderr=sys.__stderr__,
    )  # fmt: skip
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(kill_after)
    process.kill()
    code = process.wait()
    return Ended(code == -signal.SIGKILL, code, time.monotonic() - begin)


@dataclass
class Place:
    """A store of its own and a data folder, both empty at first."""

    data: Path
    store: dict[str, str]

    def open(self) -> Store:
        if "path" in self.store:
            return DuckStore(Path(self.store["path"]))
        from metricstore.influx import InfluxStore

        return InfluxStore(self.store["url"], self.store["token"], self.store["org"], self.store["bucket"])

    def content(self) -> dict[str, pd.DataFrame]:
        """Every record of every measurement, but for the runs themselves, and what was set aside."""
        with contextlib.closing(self.open()) as store:
            found = {}
            for name in MEASUREMENTS:
                if name != "collector_run":
                    query = RecordQuery(name, EPOCH, FUTURE, limit=100_000)
                    frame = store.records(query).frame.sort_values("_id", ignore_index=True)
                    # When a post was first collected differs between two runs by its very meaning.
                    found[name] = frame.drop(columns="first_seen", errors="ignore")
        letters = DeadLetters(self.data)
        files = letters.folder.glob("*.ndjson")
        kept = sorted(f"{path.stem} {one}" for path in files for one in letters.read(path.stem))
        found["dead letter files"] = pd.DataFrame({"letter": kept})
        return found


class Places:
    """Makes places of one kind of store."""

    def __init__(self, folder: Path, influxd: InfluxServer | None) -> None:
        self._folder = folder
        self._influxd = influxd
        self._buckets: list[str] = []

    def fresh(self) -> Place:
        data = self._folder / fresh_name()
        data.mkdir()
        if self._influxd is None:
            return Place(data, {"path": str(data / "metrics.duckdb")})
        self._buckets.append(fresh_name())
        server = self._influxd
        where = {"url": server.url, "token": server.token, "org": server.org, "bucket": self._buckets[-1]}
        return Place(data, where)

    def clear(self) -> None:
        for bucket in self._buckets:
            assert self._influxd is not None
            self._influxd.delete_bucket(bucket)


@pytest.fixture(params=["duck", pytest.param("influx", marks=pytest.mark.influx)])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    found = Places(tmp_path, request.getfixturevalue("influxd") if request.param == "influx" else None)
    yield found
    found.clear()


SOURCES = ["demo", "recorded"]


@pytest.fixture
def half(request: pytest.FixtureRequest, source: dict[str, Any]) -> int:
    """Which half of the moments a source gets."""
    return SOURCES.index(request.node.callspec.params["source"])


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """A few days of demo, or what was recorded of the real programs."""
    if request.param == "recorded":
        shared: Path = request.getfixturevalue("shared_data")
        return {"source": str(shared / "recorded" / "dev"), "timezone": "America/New_York"}
    write_history(tmp_path / "source", seed=11, days=3, now=NOW)
    with (tmp_path / "source" / "outputs" / "fast_linkedin_calendar.json").open("w") as file:
        json.dump([{"topic": "no platform is no problem", "content": 7}, 12, {"content": "x"}], file)
    # All runs at one moment: in the minutes this takes, posts would come of an age that has figures of its own.
    return {"source": str(tmp_path / "source"), "timezone": TIMEZONE, "now": time.time()}


def difference(found: dict[str, pd.DataFrame], truth: dict[str, pd.DataFrame]) -> str:
    """Which measurements differ and how; empty when none does."""
    said = []
    for name, frame in truth.items():
        try:
            pd.testing.assert_frame_equal(found[name], frame)
        except AssertionError as error:
            said.append(f"{name}: {len(found[name])} records instead of {len(frame)}; {error}")
    return "\n".join(said)


@pytest.mark.slow
def test_killed_at_any_moment_the_store_ends_up_as_if_undisturbed(
    places: Places, source: dict[str, Any], half: int
) -> None:
    undisturbed = places.fresh()
    calm = collect({**source, "data": str(undisturbed.data), "store": undisturbed.store})
    assert calm.code == 0
    truth = undisturbed.content()
    assert len(truth["log_record"]) > 100 and len(truth["post"]) > 20

    chance = random.Random(f"crash {source['timezone']}")
    wanted = MOMENTS[half::2] if len(MOMENTS) > KILLS else MOMENTS.copy()
    kills = rounds = 0
    while kills < KILLS:
        place, rounds = places.fresh(), rounds + 1
        command = {**source, "data": str(place.data), "store": place.store}
        for _ in range(PER_ROUND):
            at_random = not wanted or chance.random() < 0.4
            if at_random:
                ended = collect(command, kill_after=chance.uniform(0, calm.seconds))
            else:
                ended = collect({**command, "die_at": wanted.pop(0)})
            if not ended.killed:
                assert ended.code == 0
                break  # the work was done before the moment came: start afresh
            kills += 1
        assert collect(command).code == 0
        assert difference(place.content(), truth) == "", f"after {kills} kills in {rounds} rounds"
