"""The command in processes of its own, over a data folder of its own."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import forkserver

PASSWORD = "correct horse battery staple"
COMMAND = "from dashapp.cli import main; main()"
INSTALLED = str(Path(sys.executable).with_name("dashapp"))


@dataclass
class Shell:
    """A terminal with its own environment."""

    folder: Path
    env: dict[str, str]
    installed: bool = False
    """Commands start as they are installed; otherwise a process that has imported them forks them, which is quicker."""

    def __call__(self, *words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        env = {**self.env, **env}
        if not self.installed:
            return forkserver.run(COMMAND, words, env=env, cwd=self.folder, stdin=stdin)
        return subprocess.run(
            [INSTALLED, *words], input=stdin, capture_output=True, text=True, timeout=120, cwd=self.folder, env=env,
            check=False,
        )  # fmt: skip

    def start(self, *words: str, **env: str) -> Started:
        env = {**self.env, "DASHAPP_PORT": "0", **env}
        with (self.folder / "out").open("w") as out, (self.folder / "err").open("w") as err:
            if self.installed:
                process: forkserver.Program = subprocess.Popen(
                    [INSTALLED, *words], stdout=out, stderr=err, cwd=self.folder, env=env
                )
            else:
                process = forkserver.start(COMMAND, words, env=env, cwd=self.folder, stdout=out, stderr=err)
        return Started(process, self.folder)


@dataclass
class Started:
    """A command that keeps running."""

    process: forkserver.Program
    folder: Path

    @property
    def out(self) -> str:
        return (self.folder / "out").read_text()

    @property
    def err(self) -> str:
        return (self.folder / "err").read_text()

    def waits_for(self, true: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert self.process.poll() is None, self.err
            assert time.monotonic() < deadline, self.err
            time.sleep(0.05)

    @property
    def url(self) -> str:
        self.waits_for(lambda: "http://" in self.out)
        found = re.search(r"http://[\d.:]+", self.out)
        assert found
        return found[0]

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    """Over a folder of its own; in tests marked `installed` commands start as they are installed."""
    env = {**forkserver.environment(), "DASHAPP_DATA_DIR": str(tmp_path / "var"), "COLUMNS": "200"}
    return Shell(tmp_path, env, installed=request.node.get_closest_marker("installed") is not None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small observed project."""
    folder = tmp_path / "project"
    (folder / "outputs").mkdir(parents=True)
    (folder / "app.log").write_text(
        "2026-10-27 09:00:00,379 - INFO - Starting batch content generation for 1 LinkedIn posts.\n"
        '2026-10-27 09:00:04,120 - INFO - HTTP Request: POST https://api.z.ai/api/paas/v4/chat/completions "HTTP/1.1 200 OK"\n'
        "2026-10-27 09:00:04,125 - INFO - Generated post 1/1 for topic: Topic...\n"
        "2026-10-27 09:00:04,130 - ERROR - Unknown command: x\n"
    )
    return folder


@pytest.fixture
def running(shell: Shell, project: Path) -> Iterator[Started]:
    """`dashapp run` over the small project."""
    started = shell.start("run", DASHAPP_SOURCE_DIR=str(project), DASHAPP_SOURCE_TIMEZONE="UTC")
    yield started
    if started.process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.end(signal.SIGTERM)
    if started.process.poll() is None:
        started.process.kill()
        started.process.wait()
