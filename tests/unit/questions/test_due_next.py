"""What is due next: from the service, else from the calendars, within what its viewer may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dash.development.base_component import Component

from briefing.due import Due, DueNext
from layouts.briefing.due import due_list, when
from layouts.briefing.view import quiet_sources
from layouts.briefing.who import who_acts
from layouts.briefing.words import textless_href
from metricstore.catalogue import measurement
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from questions.briefing import gather
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


def waiting(hours: float, status: str = "scheduled", **fields: str) -> Point:
    return Point("social_post", nanoseconds(NOW + timedelta(hours=hours)), {"platform": "linkedin", "source": "buffer"},
                 {"service_post_id": str(hours), "status": status, **fields})  # fmt: skip


def dated(days: int, status: str = "scheduled", **fields: str) -> Point:
    """A post whose calendar gives a date and no time of day."""
    dates = measurement("post").dates
    assert dates is not None
    day = datetime(2026, 11, 30, tzinfo=UTC) + timedelta(days=days)
    return Point("post", nanoseconds(day) + 1, {"platform": "linkedin", dates.tag: dates.value},
                 {"post_id": f"day {days}", "status": status, "content_state": "ok", "topic": f"day {days}", **fields})  # fmt: skip


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


@pytest.mark.parametrize("timezone", ["UTC", "America/Los_Angeles", "Pacific/Auckland"])
def test_a_date_of_today_without_a_time_is_due_all_day_long(store: DuckStore, timezone: str) -> None:
    today = (NOW.astimezone(ZoneInfo(timezone)).date() - NOW.date()).days
    store.write(
        [
            *(dated(day) for day in (today - 1, today, today + 1)),
            *(planned(hours, "linkedin", "draft") for hours in (-1, 1)),
        ]
    )
    selection = Selection(timezone=timezone)
    found = due_next(store, selection, NOW)
    assert found is not None and found.total == 3
    assert [one.topic for one in found.posts] == [f"day {today}", "linkedin 1", f"day {today + 1}"]
    shown = said(due_list(found, selection, selection, NOW))
    assert "'today'" in shown and "/content?start=day&stop=%2B7d" in shown


def test_the_first_of_many_that_are_due_today_at_no_time_are_named(store: DuckStore) -> None:
    store.write([dated(0), *(planned(hours, "twitter", "draft") for hours in range(1, 8))])
    found = due_next(store, Selection(), NOW)
    assert found is not None and (found.total, len(found.posts), found.posts[0].topic) == (8, MOST, "day 0")


def test_posts_of_today_without_a_time_and_without_text_are_counted(store: DuckStore) -> None:
    store.write(
        [
            dated(0, content_state="null"),
            dated(-1, content_state="null"),
            planned(2, "twitter", "draft", content_state="empty"),
        ]
    )
    found = gather(store, Selection(), (), NOW)
    assert found.textless is not None and found.textless.total == 2
    assert "start=day" in textless_href(found, Selection())


def test_filters_that_the_source_lacks_and_a_status_that_does_not_wait_are_named(store: DuckStore) -> None:
    store.write([waiting(3, "draft"), waiting(4)])
    odd = Selection(
        where={"topic": ("launch",), "content_state": ("ok",), "platform": ("linkedin",), "hour": ("15", "16")}
    )
    assert "2 posts due in the next 7 days (not filtered by content state and topic)." in said(
        due_list(due_next(store, odd, NOW), odd, Selection(), NOW)
    )
    sent = Selection(where={"status": ("sent",)})
    assert "Nothing is due in the next 7 days (Status: sent)." in said(
        due_list(due_next(store, sent, NOW), sent, Selection(), NOW)
    )


def test_a_status_is_shown_where_it_is_not_the_usual_one() -> None:
    due = [
        Due(NOW, False, "linkedin", status, topic)
        for status, topic in (("draft", "Plans"), ("scheduled", "Plans"), ("scheduled", ""), ("approval", ""))
    ]
    shown = due_list(DueNext(tuple(due), 4, "content", "day"), Selection(), Selection(), NOW)
    assert [str(one.children[1].children[2]) for one in shown[-1].children] == [
        "Plans · draft",
        "Plans",
        "scheduled",
        "approval",
    ]


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
    assert "Who acts: Administrators" in str(one)
    assert "9 sources are not read as they should be" in str(one) and "Source 0, Source 1, Source 2 and 6 more" in str(
        one
    )


def test_what_waits_at_a_service_is_named_by_the_topic_of_its_post(store: DuckStore) -> None:
    way = Point("post_journey", nanoseconds(NOW + timedelta(hours=9)), {"platform": "linkedin", "time_kind": "instant"},
                {"post_id": "a", "topic": "Small Models", "step": "scheduled", "service_post_ids": "buffer:5|buffer:44"})  # fmt: skip
    store.write([waiting(4), waiting(5), way])
    found = due_next(store, Selection(), NOW)
    assert found is not None and [one.topic for one in found.posts] == ["", "Small Models"], "4 is not 44"
    assert "Small Models" in said(due_list(found, Selection(), Selection(), NOW))


def test_what_has_no_topic_is_named_by_how_its_text_begins(store: DuckStore) -> None:
    way = Point("post_journey", nanoseconds(NOW + timedelta(hours=9)), {"platform": "linkedin", "time_kind": "instant"},
                {"post_id": "a", "topic": "Small Models", "step": "scheduled", "service_post_ids": "buffer:5"})  # fmt: skip
    long = "Written by hand at the service, and going on for longer than a line of the list has room for"
    store.write(
        [waiting(4, excerpt=long), waiting(5, excerpt="Small models are big"), waiting(6, excerpt="Short"), way]
    )
    found = due_next(store, Selection(), NOW)
    assert found is not None
    first, second, third = (one.topic for one in found.posts)
    assert first.startswith("“Written by hand") and first.endswith("…”") and len(first) <= 62
    assert (second, third) == ("Small Models", "“Short”")
