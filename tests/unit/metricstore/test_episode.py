"""Which episodes of alerts somebody may see, and beside which data they belong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from metricstore.episode import Episode, concerning, seen
from metricstore.segment import Segment
from metricstore.selection import Selection

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
WHOLE = Episode("posts", "No posts", "", NOW - timedelta(hours=5, minutes=20), NOW - timedelta(hours=1))
LINKEDIN = Episode(
    "posts", "No posts", "platform linkedin", WHOLE.start, None, {"platform": "linkedin", "outcome": "ok"}
)
X = Episode("posts", "No posts", "platform twitter", WHOLE.start, None, {"platform": "twitter"})
ALL = [WHOLE, LINKEDIN, X]


def test_who_sees_all_sees_all() -> None:
    assert seen(ALL, (), NOW) == ALL


def test_a_rule_that_covers_more_than_the_segment_is_not_seen() -> None:
    linkedin = Segment.of_platforms(("linkedin",))
    assert seen(ALL, (linkedin,), NOW) == [LINKEDIN]
    assert seen(ALL, (linkedin, Segment((("topic", ("ai",)),))), NOW) == []


def test_an_episode_is_cut_to_the_segments_range_and_widened_to_its_window() -> None:
    late = Segment(start=(NOW - timedelta(hours=2)).isoformat())
    assert seen([WHOLE], (late,), NOW)[0].start == NOW - timedelta(hours=2)
    assert seen([WHOLE], (Segment(start=NOW.isoformat()),), NOW) == []
    (coarse,) = seen([WHOLE], (Segment(every="1d"),), NOW)
    assert (coarse.start.hour, coarse.stop) == (0, datetime(2026, 3, 5, tzinfo=UTC))


def test_a_view_of_one_platform_shows_its_alerts_and_those_of_all() -> None:
    def of(*words: str) -> list[Episode]:
        return concerning(ALL, Selection(where={"platform": words}).filters())

    assert of("linkedin") == [WHOLE, LINKEDIN]
    assert of("!linkedin") == [WHOLE, X]
    assert concerning(ALL, Selection(where={"outcome": ("failed",)}).filters()) == [WHOLE, X]


def test_an_alert_of_all_but_one_platform_is_not_shown_beside_that_one() -> None:
    others = Episode("posts", "No posts", "", WHOLE.start, None, {"platform": "!twitter"})
    assert concerning([others], Selection(where={"platform": ("twitter",)}).filters()) == []
    assert concerning([others], Selection(where={"platform": ("twitter", "linkedin")}).filters()) == [others]
    assert concerning([others], Selection(where={"platform": ("!twitter",)}).filters()) == [others]
