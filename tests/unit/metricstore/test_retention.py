"""How long points are kept: whole days in UTC, and what others are put together from for long enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from collectors.journey.collector import INPUTS
from collectors.journey.trails import BEFORE, NEAR
from metricstore.catalogue.collectors import COLLECTORS
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.point import Point, nanoseconds
from metricstore.retention import KEPT_FOR_EVER, Retention, least_days, parted, settled_before

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)
DAY = 86_400 * 10**9
BY_NAME = {one.name: one for one in COLLECTORS}


def test_the_limit_is_the_beginning_of_a_day_in_utc() -> None:
    kept = Retention.of({"log_record": 1, "ai_retry": 90})
    assert kept.limit("log_record", NOW) == datetime(2026, 3, 9, tzinfo=UTC), "yesterday is kept in whole"
    assert kept.limit("ai_retry", NOW) == datetime(2025, 12, 10, tzinfo=UTC)
    assert kept.limit("post", NOW) is None
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-9)))
    assert kept.limit("log_record", elsewhere) == kept.limit("log_record", NOW)
    assert kept.limits(nanoseconds(NOW)) == {
        name: nanoseconds(limit) for name in ("log_record", "ai_retry") if (limit := kept.limit(name, NOW))
    }


def test_points_at_the_limit_are_kept_and_those_before_are_counted() -> None:
    limit = nanoseconds(datetime(2026, 3, 9, tzinfo=UTC))
    points = [Point("log_record", limit + offset) for offset in (-1, 0, 1)] + [Point("post", 0)]
    kept, older = parted(points, Retention.of({"log_record": 1}).limits(nanoseconds(NOW)))
    assert (kept, older) == (points[1:], 1)
    assert parted(points, KEPT_FOR_EVER.limits(nanoseconds(NOW))) == (points, 0)


def test_a_policy_that_cannot_be_is_refused() -> None:
    with pytest.raises(UnknownName):
        Retention.of({"api_call": 90})
    with pytest.raises(InvalidQuestion, match="kept for ever, as it says what was deleted"):
        Retention.of({"deletion": 90})
    with pytest.raises(
        InvalidQuestion, match=r"generation can't be kept for 90 days only: Promise tracker .* at least 135 days"
    ):
        Retention.of({"generation": 90})
    with pytest.raises(InvalidQuestion, match="how far sources were read, so at least 400 days are needed"):
        Retention.of({"collector_run": 399})
    Retention.of({"collector_run": 400})
    Retention.of({name: least_days(name) for one in COLLECTORS for name, _ in one.reads})


def test_what_was_put_together_stays_as_far_as_it_looks_back() -> None:
    limits = Retention.of({"generation": 200, "engagement": 300, "log_record": 3}).limits(nanoseconds(NOW))
    assert settled_before(BY_NAME["journey"], limits) == limits["generation"] + 120 * DAY
    assert settled_before(BY_NAME["app_log"], limits) < -(2**62)
    assert settled_before(BY_NAME["journey"], {"log_record": limits["log_record"]}) < -(2**62)


def test_the_promise_tracker_declares_what_it_reads() -> None:
    only_now = {"social_queue", "api_quota"}
    declared = dict(BY_NAME["journey"].reads)
    assert set(declared) == set(INPUTS) - only_now
    assert {days * DAY for days in declared.values()} == {BEFORE, NEAR}
