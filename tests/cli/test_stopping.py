"""`dashapp run` that is told to end while a collector works is gone soon, and does that work again when it starts anew."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

SECONDS = 10
"""Twice what is promised: test machines are loaded."""
SLOW = """
import os, pathlib, time
import collectors.journey.collector as journey

def held(self, *_):
    pathlib.Path(os.environ["AT_WORK"]).touch()
    time.sleep(600)

journey.JourneyCollector._placed = held
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_the_middle_of_putting_posts_together_and_does_that_at_the_next_start(
    shell: Shell, project: Path, tmp_path: Path, number: int
) -> None:
    source = {"DASHAPP_SOURCE_DIR": str(project), "DASHAPP_SOURCE_TIMEZONE": "UTC"}
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "sitecustomize.py").write_text(SLOW)
    at_work = tmp_path / "at-work"
    paths = os.pathsep.join(filter(None, (str(tmp_path / "slow"), os.environ.get("PYTHONPATH"))))
    started = shell.start("run", **source, PYTHONPATH=paths, AT_WORK=str(at_work))
    started.waits_for(at_work.exists)
    started.process.send_signal(number)
    assert started.process.wait(SECONDS) == 0, started.err
    assert "Traceback" not in started.err
    done = shell("collect", "journey", "--once", "--json", **source)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["points"] > 0, "it had not been remembered as done"
