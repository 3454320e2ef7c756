"""Weekday and hour of a post on its channel's clock: on days of 23 and 25 hours, and where nobody knows the zone."""

from __future__ import annotations

from datetime import datetime

import pytest

from collectors.social.clocks import changed_zones, clock_fields
from collectors.social.post import SocialPost
from metricstore.point import nanoseconds


def at(moment: str) -> int:
    return nanoseconds(datetime.fromisoformat(moment))


@pytest.mark.parametrize(
    ("moment", "zone", "weekday", "hour"),
    [
        ("2026-03-29T00:59:59Z", "Europe/Berlin", "sun", "01"),
        ("2026-03-29T01:00:00Z", "Europe/Berlin", "sun", "03"),
        ("2026-10-25T00:30:00Z", "Europe/Berlin", "sun", "02"),
        ("2026-10-25T01:30:00Z", "Europe/Berlin", "sun", "02"),
        ("2026-10-25T23:00:00Z", "Europe/Berlin", "mon", "00"),
        ("2026-03-01T21:59:59Z", "Asia/Kolkata", "mon", "03"),
        ("2026-03-01T23:00:00Z", "America/New_York", "sun", "18"),
        ("2026-04-04T15:15:00Z", "Australia/Lord_Howe", "sun", "01"),
    ],
)
def test_a_moment_is_told_by_the_clock_on_the_channels_wall(moment: str, zone: str, weekday: str, hour: str) -> None:
    assert clock_fields(at(moment) + 999_999_999, zone) == {"channel_weekday": weekday, "channel_hour": hour}


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "Europe", "../../etc/localtime", "/etc/passwd", "\0", "CEST ", "é" * 300]
)
def test_what_is_no_zone_gives_no_hour_and_breaks_nothing(zone: str) -> None:
    assert clock_fields(at("2026-03-01T12:00Z"), zone) == {}
    assert changed_zones({"page": "Europe/Berlin"}, {"page": zone}) == {}, "what was told before holds"


def test_only_zones_that_are_new_have_changed() -> None:
    told = {"same": "UTC", "moved": "Asia/Tokyo", "new": "Europe/Paris", "silent": ""}
    assert changed_zones({"same": "UTC", "moved": "UTC"}, told) == {"moved": "Asia/Tokyo", "new": "Europe/Paris"}


def test_it_is_the_hour_of_sending_and_until_then_that_of_being_due() -> None:
    due, sent = at("2026-03-01T22:59:00Z"), at("2026-03-01T23:01:00Z")
    waiting = SocialPost("buffer", "linkedin", "p", "c", "scheduled", due=due, timezone="Europe/Berlin").point
    gone = SocialPost("buffer", "linkedin", "p", "c", "sent", due=due, sent=sent, timezone="Europe/Berlin").point
    assert waiting is not None
    assert gone is not None
    assert (waiting.fields["channel_weekday"], waiting.fields["channel_hour"]) == ("sun", "23")
    assert (gone.fields["channel_weekday"], gone.fields["channel_hour"]) == ("mon", "00")
