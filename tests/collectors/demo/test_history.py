"""A demo folder is told day by day: frugally, and the same however often it was gone on with."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collectors.demo import TIMEZONE, catch_up, write_history
from collectors.demo.history import History, Settings

NOW = datetime(2026, 11, 20, 16, 40, tzinfo=UTC)
DAYS = 70
MOMENT = timedelta(minutes=2)


def written(root: Path, now: datetime = NOW) -> Path:
    """Always from the same first day on."""
    write_history(root, seed=3, days=DAYS - (NOW.date() - now.date()).days, now=now)
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def peak(run: Callable[[], object]) -> float:
    """Of Python's memory, in MB over what was there."""
    tracemalloc.start()
    try:
        begin, _ = tracemalloc.get_traced_memory()
        run()
        return (tracemalloc.get_traced_memory()[1] - begin) / 1e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "steps",
    [
        [MOMENT],
        [timedelta(hours=7), MOMENT],
        [timedelta(days=4), MOMENT],
        [timedelta(days=9), timedelta(days=1), timedelta(hours=6), MOMENT, MOMENT],
    ],
)
def test_gone_on_with_in_steps_it_is_what_it_is_when_written_at_once(steps: list[timedelta], tmp_path: Path) -> None:
    whole = written(tmp_path / "whole")
    moments = [NOW - sum(steps[place:], timedelta()) for place in range(len(steps) + 1)]
    parts = written(tmp_path / "parts", moments[0])
    for moment in moments[1:]:
        catch_up(parts, now=moment)
    # The last step is short: a calendar that was the newest hears of what became of its posts with the step after.
    assert contents(parts) == contents(whole)
    assert {path.name for path in tmp_path.iterdir()} == {"whole", "parts"}, "nothing is left beside it"
    for path in (whole / "outputs").glob("*_calendar*.json"):
        changed = (parts / "outputs" / path.name).stat().st_mtime
        assert changed in {path.stat().st_mtime, *(moment.timestamp() for moment in moments[1:])}


def test_what_was_interrupted_is_not_told_twice(tmp_path: Path) -> None:
    before = NOW - timedelta(days=3)
    straight, interrupted = written(tmp_path / "straight", before), written(tmp_path / "interrupted", before)
    log = (interrupted / "app.log").read_bytes()
    (interrupted / "outputs" / "metrics.csv").unlink()
    (interrupted / "outputs" / "metrics.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        catch_up(interrupted, now=NOW)
    assert (interrupted / "app.log").read_bytes() == log
    (interrupted / "outputs" / "metrics.csv").rmdir()
    for root in (straight, interrupted):
        catch_up(root, now=NOW)
    assert contents(interrupted) == contents(straight)


def test_a_day_is_handed_on_before_the_next_and_a_calendar_once_it_is_past() -> None:
    until = NOW.astimezone(ZoneInfo(TIMEZONE)).replace(tzinfo=None)
    history = History(Settings(3, until.date() - timedelta(days=DAYS), until, TIMEZONE))
    saved: dict[str, list[datetime]] = {"linkedin": [], "twitter": [], "instagram": []}
    counts = []
    for place, told in enumerate(history.days()):
        day = history.settings.first + timedelta(days=place)
        assert {line.time.date() for line in told.lines} | {one.at.date() for one in told.accepted} <= {day}
        assert all(calendar.last <= day or day == until.date() for calendar in told.calendars)
        for calendar in told.calendars:
            saved[calendar.platform].append(calendar.saved)
        counts.append(len(told.calendars))
    assert len(counts) == DAYS + 1
    assert 0 < counts[-1] < 0.4 * sum(counts), "most were handed on before the last day"
    assert all(one < other <= until for times in saved.values() for one, other in pairwise(times))


def test_months_take_little_memory_to_write_and_to_go_on_with(tmp_path: Path) -> None:
    """A year takes no more: 1 to 2 MB, whatever was written."""
    root = tmp_path / "source"
    assert peak(lambda: write_history(root, seed=7, days=150, now=NOW)) < 3
    assert sum(map(len, contents(root).values())) > 6e6
    assert peak(lambda: catch_up(root, now=NOW + timedelta(days=5))) < 3
