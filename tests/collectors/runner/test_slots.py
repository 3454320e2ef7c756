"""What a collector's place in the runner remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.registry import collectors_for
from collectors.runner.report import RunReport
from collectors.runner.slots import Slot
from collectors.source import Source


@pytest.fixture
def slot(tmp_path: Path) -> Slot:
    return Slot(collectors_for(Source(tmp_path, "UTC"))[0])


def test_who_takes_long_follows_others_less_often(slot: Slot) -> None:
    assert slot.begin("followed")
    slot.end(RunReport("x", "ok", duration_seconds=2.0), None)
    assert 17.0 < slot.wait_seconds("followed") <= 18.0
    assert slot.wait_seconds("timed") == slot.wait_seconds("watched") == 0.0
    assert slot.begin("followed")
    slot.end(RunReport("x", "ok", duration_seconds=0.0), None)
    assert slot.wait_seconds("followed") == 0.0


def test_news_during_a_run_are_not_forgotten(slot: Slot) -> None:
    assert slot.begin("timed")
    assert not slot.begin("followed")
    assert slot.end(RunReport("x", "ok", duration_seconds=1.0), None) == "followed"
