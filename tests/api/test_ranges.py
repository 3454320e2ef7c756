"""Ranges as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from metricstore.selection import Selection

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        ("-7d", "now", ("2026-03-24T12:00", "2026-03-31T12:00")),
        ("-7d", "+7d", ("2026-03-24T12:00", "2026-04-07T12:00")),
        ("-7d", " 7d", ("2026-03-24T12:00", "2026-04-07T12:00")),
        ("+1mo", "+2mo", ("2026-04-30T12:00", "2026-05-31T12:00")),
        ("-14d", "-7d", ("2026-03-17T12:00", "2026-03-24T12:00")),
        ("-7d", "2025-01-08", ("2025-01-01T00:00", "2025-01-08T00:00")),
        ("-7d", "2026-05-01", ("2026-03-24T12:00", "2026-05-01T00:00")),
        ("month", "now", ("2026-03-01T00:00", "2026-03-31T12:00")),
        ("2026-01-01T00:00:00 02:00", "now", ("2025-12-31T22:00", "2026-03-31T12:00")),
    ],
)
def test_relative_moments_count_from_now_unless_an_absolute_past_stop_is_given(
    start: str, stop: str, expected: tuple[str, str]
) -> None:
    found = Selection(start, stop).range(NOW)
    assert tuple(moment.strftime("%Y-%m-%dT%H:%M") for moment in found) == expected


def test_relative_days_keep_the_wall_clock_of_the_zone() -> None:
    start, _ = Selection("-30d", "now", "Europe/Berlin").range(NOW)
    assert start == datetime(2026, 3, 1, 13, tzinfo=UTC)
