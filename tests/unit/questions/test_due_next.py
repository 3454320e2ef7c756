"""What is due next: from the service, else from the calendars, within what its viewer may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from dash.development.base_component import Component

from briefing.due import Due
from layouts.briefing.due import due_list, when
from layouts.briefing.view import quiet_sources
from layouts.briefing.who import who_acts
from metricstore.catalogue import measurement
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from questions.due_next import MOST, due_next

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[DuckStore]:
    found = DuckStore(None)
    yield found
    found.close()


def planned(hours: float, platform: str, status: str, **fields: str) -> Point:
    kind = {"time_kind": measurement("post").tag("time_kind").values[0]} if hasattr(measurement("post"), "tag") else {}
    return Point("post", nanoseconds(NOW + timedelta(hours=hours)), {"platform": platform, **kind},
                 {"post_id": f"{platform}{hours}", "status": status, "content_state": "ok", "topic": f"{platform} {hours:g}", **fields})  # fmt: skip


def waiting(hours: float, status: str = "scheduled") -> Point:
    return Point("social_post", nanoseconds(NOW + timedelta(hours=hours)), {"platform": "linkedin", "source": "buffer"},
                 {"service_post_id": str(hours), "status": status})  # fmt: skip


def said(found: list[Component]) -> str:
    return str(found)


def test_calendars_say_it_where_no_service_was_collected(store: DuckStore) -> None:
    store.write([planned(hours, platform, status) for hours, platform, status in (
        (-1, "linkedin", "draft"), (5, "twitter", "draft"), (1, "linkedin", "scheduled"), (2, "linkedin", "posted"), (200, "linkedin", "draft"))])  # fmt: skip
    found = due_next(store, Selection(), NOW)
    assert found is not None and (found.total, found.page) == (2, "content")
    assert [(one.platform, one.topic) for one in found.posts] == [("linkedin", "linkedin 1"), ("twitter", "twitter 5")]
    own = due_next(restricted(store, Segment.of_platforms(("twitter",))), Selection(), NOW)
    assert own is not None and [one.platform for one in own.posts] == ["twitter"]
    assert due_next(store, Selection(start="2026-11-01", stop="2026-11-10"), NOW) is None


def test_a_service_is_asked_first_and_only_the_first_are_named(store: DuckStore) -> None:
    store.write(
        [
            planned(1, "linkedin", "scheduled"),
            waiting(-2),
            waiting(3, "sent"),
            *(waiting(hours) for hours in range(4, 12)),
        ]
    )
    found = due_next(store, Selection(), NOW)
    assert found is not None and (found.total, found.page, len(found.posts)) == (8, "delivery", MOST)
    shown = said(due_list(found, Selection(), Selection(), NOW))
    assert (
        "8 posts due in the next 7 days." in shown
        and "today 16:00" in shown
        and "/delivery?start=now&stop=%2B7d" in shown
    )


def test_nothing_due_is_said_and_a_range_that_is_over_says_nothing(store: DuckStore) -> None:
    assert "Nothing is due in the next 7 days." in said(
        due_list(due_next(store, Selection(), NOW), Selection(), Selection(), NOW)
    )
    assert due_list(None, Selection(), Selection(), NOW) == []


def test_days_are_near_or_named_on_the_viewers_clock() -> None:
    def at(hours: float, *, day_only: bool = False) -> str:
        return when(Due(NOW + timedelta(hours=hours), day_only, "linkedin", "draft"), "Europe/Berlin", NOW)

    assert [at(2), at(11.5), at(70)] == ["today 15:00", "tomorrow 00:30", "Thu 3 Dec 11:00"]
    assert at(20, day_only=True) == "tomorrow"


def test_whose_work_a_trouble_is_follows_from_its_cause() -> None:
    assert [who_acts(cause) for cause in ("content", "auth", "nobody_accepted", "HTTP 400", "")] == [
        "Writers", "Administrators", "Reviewers", "Operations", "Operations",
    ]  # fmt: skip


def test_many_late_sources_are_one_entry() -> None:
    late = {str(number): f"Source {number}: last read 9 min ago" for number in range(9)}
    assert len(quiet_sources(dict(list(late.items())[:3]))) == 3
    (one,) = quiet_sources(late)
    assert "9 sources are not read as they should be" in str(one) and "Source 0, Source 1, Source 2 and 6 more" in str(
        one
    )
