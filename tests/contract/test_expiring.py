"""Points that are older than they are kept: gone to the nanosecond, a stretch at a time, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from metricstore import expiring
from metricstore.caching import CachedStore
from metricstore.coverage import coverage
from metricstore.errors import NotAllowed, UnknownName
from metricstore.evaluation import evaluate
from metricstore.metrics import METRICS
from metricstore.nothing import NOT_COLLECTED
from metricstore.point import Point
from metricstore.query import Query
from metricstore.restriction import restricted
from metricstore.retention import deletion
from metricstore.segment import Segment
from metricstore.selection import Selection
from metricstore.store import Store
from tests.contract.asking import counts, generation, hours
from tests.contract.reference import ns

LIMIT = datetime(2024, 3, 10, tzinfo=UTC)
EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def retry(moment: datetime) -> Point:
    return Point("ai_retry", ns(moment), {"endpoint": "/v1"}, {"wait_seconds": 1.0})


def left(store: Store, measurement: str = "generation") -> int:
    return int(store.ask(Query(measurement, "count", *EVER))["value"].iloc[0])


def test_what_is_dated_before_the_limit_goes_and_what_is_at_it_stays(store: Store) -> None:
    store.write([generation(ns(LIMIT) + offset) for offset in (-1, 0, 1)])
    assert sum(store.expire("generation", LIMIT)) == 1
    assert store.bounds("generation") is not None and left(store) == 2
    assert list(store.expire("generation", LIMIT)) == [], "there is nothing left to do"


def test_other_measurements_and_plans_ahead_stay(store: Store) -> None:
    store.write(
        [
            generation(LIMIT - DAY, "twitter"),
            generation(LIMIT + 400 * DAY),
            retry(LIMIT - DAY),
            retry(LIMIT - 900 * DAY),
        ]
    )
    assert sum(store.expire("generation", LIMIT)) == 1
    assert (left(store), left(store, "ai_retry")) == (1, 2)


def test_years_with_gaps_go_from_the_oldest_on(store: Store) -> None:
    """Whole months, a month in part, one hour with several points, and times from a clock that was wrong."""
    moments = [datetime(1971, 5, 3, 4, tzinfo=UTC), *(LIMIT - number * 9 * DAY for number in range(60))]
    store.write([generation(moment, platform) for moment in moments for platform in ("twitter", "linkedin")])
    steps = list(store.expire("generation", LIMIT))
    assert sum(steps) == 2 * (len(moments) - 1), "the first of them is at the limit"
    assert len(steps) > 10, "nobody waits for all of it"
    assert store.bounds("generation") == (LIMIT, LIMIT)


def test_a_deletion_that_was_left_goes_on_where_it_was(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "MOST_POINTS", 3)
    store.write([generation(LIMIT - hours(number)) for number in range(1, 11)])
    steps = store.expire("generation", LIMIT)
    first = next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert 0 < first < 10 and left(store) == 10 - first
    ends = store.bounds("generation")
    assert ends is not None and ends[1] == LIMIT - hours(1), "the oldest go first"
    assert sum(store.expire("generation", LIMIT)) == 10 - first
    assert left(store) == 0


def test_only_answers_about_days_that_lost_points_are_asked_anew(store: Store) -> None:
    cached = CachedStore(store)
    cached.write([generation(LIMIT + hours(number * 12)) for number in range(-20, 20)])
    recent = Query("generation", "count", LIMIT, LIMIT + 10 * DAY)
    assert cached.changed_since("generation", cached.revision("generation")) in ((), None)
    before = cached.revision("generation")
    assert cached.ask(recent)["value"].tolist() == [20.0]
    assert sum(cached.expire("generation", LIMIT)) == 20
    assert cached.revision("generation") != before
    changed = cached.changed_since("generation", before)
    assert changed is not None and max(stop for _, stop in changed) <= ns(LIMIT)
    assert cached.ask(Query("generation", "count", LIMIT - 10 * DAY, LIMIT))["value"].tolist() == [0.0]
    assert cached.ask(recent)["value"].tolist() == [20.0]


def test_dates_go_by_their_own_day(store: Store) -> None:
    def dated(day: datetime) -> Point:
        tags = {"platform": "linkedin", "provenance": "imported", "grain": "post", "time_kind": "date"}
        return Point("engagement", ns(day), tags, {"likes": 1})

    store.write([dated(LIMIT - DAY), dated(LIMIT)])
    assert sum(store.expire("engagement", LIMIT)) == 1
    assert left(store, "engagement") == 1


def test_what_was_deleted_is_not_known_rather_than_zero(store: Store) -> None:
    """Another measurement of the same source reaches further back: it says that the source was read then."""
    run = Point(
        "collector_run", ns(LIMIT + 2 * DAY), {"collector": "app_log", "outcome": "ok"}, {"records": 1, "points": 1}
    )
    use = Point("app_use", ns(LIMIT + DAY), {"what": "page", "name": "health"}, {"count": 3})
    store.write([generation(LIMIT - 9 * DAY), retry(LIMIT + DAY), run, use])
    selection = Selection(start=(LIMIT - 4 * DAY).isoformat(), stop=(LIMIT + 2 * DAY).isoformat(), every="1d")
    now = LIMIT + 2 * DAY

    def days(name: str) -> pd.DataFrame:
        return evaluate(store, METRICS[name], selection, now=now).frame

    assert days("ai_retries")["value"].tolist() == [0, 0, 0, 0, 0, 1]
    store.write([deletion(name, 30, LIMIT, 7, now) for name in ("ai_retry", "app_use")])
    assert coverage(store, ["ai_retry"]).start == coverage(store, ["app_use"]).start == LIMIT
    found = days("ai_retries")
    assert found["why"].tolist() == [NOT_COLLECTED] * 4 + ["", ""]
    assert found["value"].tolist()[4:] == [0, 1]
    others = coverage(store, ["generation"]).start
    assert others is not None and others < LIMIT, "others are known as before"


def test_what_is_no_measurement_and_who_only_looks_are_refused(store: Store) -> None:
    with pytest.raises(UnknownName):
        list(store.expire("nonsense", LIMIT))
    with pytest.raises(NotAllowed):
        restricted(store, Segment((("platform", ("twitter",)),))).expire("generation", LIMIT)


def test_a_store_says_what_it_takes_on_the_disk_as_far_as_it_can(store: Store) -> None:
    store.write([generation(LIMIT + timedelta(seconds=number), topic=f"topic {number}") for number in range(5_000)])
    use = store.disk()
    assert use.total is None or use.total > 0
    size = use.bytes_of("generation", 5_000, 5_000)
    assert size is None or 0 <= size <= 10_000_000
    assert counts(store) == 5_000
