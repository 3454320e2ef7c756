"""Several logs are followed each on its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.app_log.collector import AppLogCollector
from collectors.source import Source
from tests.collectors.app_log.reading import Collected, append, lines


def first_lines(collected: Collected) -> list[str]:
    return [message.split("\n")[0] for message in collected.messages()]


def test_several_logs_are_followed_each_on_its_own_and_told_apart(tmp_path: Path) -> None:
    collected = Collected(tmp_path)
    app, other = tmp_path / "app.log", tmp_path / "service" / "scheduler.log"
    other.parent.mkdir()
    collected.source = Source(tmp_path, "UTC", logs=(app, other))
    append(app, lines("same", "same"))
    append(other, lines("same", "same"))
    collected.run()
    files = [point.fields["file"] for point in collected.of("log_record")]
    assert sorted(map(str, files)) == ["app.log"] * 2 + ["service/scheduler.log"] * 2, (
        "of the same milliseconds, yet four records"
    )
    other.rename(other.with_name("scheduler.log.1"))
    append(other, lines("later", second=5))
    append(app, lines("earlier", second=2))
    collected.run()
    assert first_lines(collected)[-2:] == ["earlier", "later"]
    assert collected.run() == []


def test_a_log_that_cannot_be_read_stops_no_other_and_all_of_them_stop_the_run(tmp_path: Path) -> None:
    collected = Collected(tmp_path)
    app, other = tmp_path / "app.log", tmp_path / "scheduler.log"
    collected.source = Source(tmp_path, "UTC", logs=(app, other))
    app.symlink_to(app)
    append(other, lines("read"))
    collected.run()
    assert first_lines(collected) == ["read"]
    assert "app.log isn't read" in collected.checkpoint["warnings"][0]
    other.unlink()
    other.symlink_to(other)
    with pytest.raises(OSError, match="Too many levels"):
        collected.run()
    assert [problem.fatal for problem in AppLogCollector(collected.source).validate()] == [True, True]
