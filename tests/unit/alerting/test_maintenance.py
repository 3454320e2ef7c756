"""Maintenance on a wall clock, over midnight and over clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerting.maintenance import Maintenance, read_maintenance

TEXT = """
[[maintenance]]
name = "backup"
days = ["sat"]
begin = "22:00"
end = "06:00"
timezone = "Europe/Berlin"
reason = "the nightly backup"
"""


def read(text: str = TEXT) -> Maintenance:
    (found,), wrong = read_maintenance(text, "rules.toml")
    assert wrong == []
    return found


def minutes(one: Maintenance, day: datetime) -> int:
    """How many minutes it covers from noon of `day` on for a day."""
    return sum(one.covers("any", day + timedelta(hours=12, minutes=minute)) for minute in range(24 * 60 + 120))


def test_a_night_is_as_long_as_it_is() -> None:
    assert minutes(read(), datetime(2026, 3, 21, tzinfo=UTC)) == 480
    assert minutes(read(), datetime(2026, 3, 28, tzinfo=UTC)) == 420, "the clock goes forward"
    assert minutes(read(), datetime(2026, 10, 24, tzinfo=UTC)) == 540, "the clock goes back"


def test_a_time_that_is_left_out_does_not_happen() -> None:
    gap = read(TEXT.replace('"sat"', '"sun"').replace("22:00", "02:00").replace("06:00", "03:00"))
    assert minutes(gap, datetime(2026, 3, 28, tzinfo=UTC)) == 0
    assert minutes(gap, datetime(2026, 4, 4, tzinfo=UTC)) == 60


def test_it_is_for_the_rules_it_names() -> None:
    one = read(TEXT + 'rules = ["slow"]\n')
    now = datetime(2026, 3, 21, 23, tzinfo=UTC)
    assert one.covers("slow", now) and not one.covers("other", now)


@pytest.mark.parametrize(
    ("before", "after", "line", "text"),
    [
        ('"sat"', '"saturday"', 4, "'saturday' is not a weekday"),
        ('"22:00"', '"25:00"', 5, "'25:00' is not a time of day"),
        ('"Europe/Berlin"', '"Berlin"', 7, "Berlin"),
        ('reason = "the nightly backup"', "", 2, "'reason' is missing"),
    ],
)
def test_a_mistake_is_named_with_its_line(before: str, after: str, line: int, text: str) -> None:
    (wrong,) = read_maintenance(TEXT.replace(before, after), "rules.toml")[1]
    assert (wrong.line, text in wrong.text) == (line, True), wrong


def test_the_next_time_is_the_one_that_is_on_or_comes_next() -> None:
    text = '[[maintenance]]\nname = "m"\ndays = ["sat"]\nbegin = "22:00"\nend = "06:00"\ntimezone = "Europe/Berlin"\nreason = "r"\n'
    (found,), _ = read_maintenance(text, "m.toml")
    spring = (datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 3, 29, 4, tzinfo=UTC))
    assert found.next(datetime(2026, 3, 25, 12, tzinfo=UTC)) == spring
    assert found.next(datetime(2026, 3, 29, 3, 59, tzinfo=UTC)) == spring
    assert found.next(spring[1]) == (datetime(2026, 4, 4, 20, tzinfo=UTC), datetime(2026, 4, 5, 4, tzinfo=UTC))
    (gap,), _ = read_maintenance(
        text.replace("22:00", "02:00").replace("06:00", "03:00").replace("sat", "sun"), "m.toml"
    )
    after = (datetime(2026, 4, 5, 0, tzinfo=UTC), datetime(2026, 4, 5, 1, tzinfo=UTC))
    assert gap.next(datetime(2026, 3, 28, 12, tzinfo=UTC)) == after, "the hour that is left out does not happen"
