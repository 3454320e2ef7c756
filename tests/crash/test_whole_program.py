"""kill -9 of the whole program while it collects and serves, and of InfluxDB while it is written to: exactly true afterwards."""

from __future__ import annotations

import contextlib
import os
import random
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.demo import TIMEZONE, write_history
from tests.conftest import fail_in_ci_else_skip
from tests.crash.test_crash import NOW, Place, Places, collect, difference, places  # noqa: F401
from tests.stores import CHEAP, ORG, TOKEN, InfluxUnavailable, free_port, influxd_binary, influxd_over, set_up

MOMENTS = int(os.environ.get("TESTS_KILL_MOMENTS", "3"))
LONGEST_SECONDS = 5.0
"""From the start of the program to its end: it opens, reads and answers meanwhile."""


class Growing:
    """A project whose log grows; at the end it holds all that the history wrote."""

    def __init__(self, folder: Path, parts: int) -> None:
        write_history(folder, seed=11, days=3, now=NOW)
        self.folder = folder
        self._log = folder / "app.log"
        lines = self._log.read_bytes().splitlines(keepends=True)
        step = -(-len(lines) // (parts + 1))
        self._waiting = [b"".join(lines[first : first + step]) for first in range(0, len(lines), step)]
        self._log.write_bytes(b"")
        self.grow()

    def grow(self) -> None:
        if self._waiting:
            with self._log.open("ab") as log:
                log.write(self._waiting.pop(0))

    def grow_up(self) -> None:
        while self._waiting:
            self.grow()


class Visitor:
    """Asks whatever program answers at the address that is written to the data folder."""

    def __init__(self, data: Path, project: Growing) -> None:
        self.answers = 0
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._look, args=(data, project), daemon=True)

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()

    def _look(self, data: Path, project: Growing) -> None:
        while not self._left.wait(0.2):
            with contextlib.suppress(OSError):
                found = re.search(r"http://[\d.:]+", (data / "out").read_text())
                if found:
                    for path in ("/readyz?verbose", "/login"):
                        urllib.request.urlopen(found[0] + path, timeout=5).close()
                        self.answers += 1
                    project.grow()


def command(place: Place, project: Growing, now: float) -> dict[str, Any]:
    return {"source": str(project.folder), "timezone": TIMEZONE, "data": str(place.data), "store": place.store, "now": now}  # fmt: skip


def environment(place: Place, project: Growing) -> dict[str, str]:
    where = place.store
    store = {} if "path" in where else {f"INFLUXDB_V2_{name.upper()}": value for name, value in where.items()}
    return store | {
        "DASHAPP_DATA_DIR": str(place.data), "DASHAPP_SOURCE_DIR": str(project.folder), "DASHAPP_PORT": "0",
        "DASHAPP_SOURCE_TIMEZONE": TIMEZONE, "DASHAPP_HOST": "127.0.0.1",
    }  # fmt: skip


@pytest.mark.slow
def test_the_whole_program_killed_again_and_again_ends_exactly_true(
    places: Places,  # noqa: F811
    tmp_path: Path,
) -> None:
    project, now = Growing(tmp_path / "source", 2 * MOMENTS), time.time()
    place, chance = places.fresh(), random.Random("whole program")
    serving = {**command(place, project, now), "env": environment(place, project)}
    with Visitor(place.data, project) as visitor:
        for _ in range(MOMENTS):
            project.grow()
            ended = collect(serving, chance.uniform(0.5, LONGEST_SECONDS))
            assert ended.killed, (place.data / "err").read_text()
    assert visitor.answers or MOMENTS < 20, "it never came to serve"
    project.grow_up()
    assert collect(command(place, project, now)).code == 0
    calm = places.fresh()
    assert collect(command(calm, project, now)).code == 0
    assert difference(place.content(), calm.content()) == "", f"after {MOMENTS} kills"


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Mortal]:
    try:
        binary = influxd_binary()
    except InfluxUnavailable as error:
        fail_in_ci_else_skip(f"no InfluxDB 2 for the tests: {error}")
    server = Mortal(tmp_path / "influxd", binary)
    yield server
    server.leave()


class Mortal:
    """An influxd that is killed and comes back over the same folder and address."""

    def __init__(self, folder: Path, binary: str) -> None:
        folder.mkdir()
        self._folder, self._binary = folder, binary
        self.url = f"http://127.0.0.1:{free_port()}"
        self._stack = contextlib.ExitStack()
        self.begin()
        set_up(self.url)

    def begin(self) -> None:
        self._process = self._stack.enter_context(influxd_over(self._folder, self.url, self._binary, env=CHEAP))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self.begin()

    def leave(self) -> None:
        self._stack.close()

    def place(self, data: Path, bucket: str) -> Place:
        data.mkdir()
        return Place(data, {"url": self.url, "token": TOKEN, "org": ORG, "bucket": bucket})


@pytest.mark.slow
@pytest.mark.influx
def test_influxdb_killed_while_it_is_written_to_holds_exactly_what_was_collected(
    mortal: Mortal,
    tmp_path: Path,
) -> None:
    project, now = Growing(tmp_path / "source", 0), time.time()
    calm = mortal.place(tmp_path / "calm", "calm")
    undisturbed = collect(command(calm, project, now))
    assert undisturbed.code == 0
    truth, chance = calm.content(), random.Random("influxd")
    for round_ in range(-(-MOMENTS // 3)):
        place = mortal.place(tmp_path / f"killed-{round_}", f"killed-{round_}")
        collecting = threading.Thread(target=collect, args=(command(place, project, now),))
        collecting.start()
        for _ in range(min(3, MOMENTS)):
            time.sleep(chance.uniform(0, undisturbed.seconds / 3))
            mortal.kill()
        collecting.join()
        assert collect(command(place, project, now)).code == 0
        assert difference(place.content(), truth) == ""
