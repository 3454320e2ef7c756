"""The kinds of nothing, as both stores tell them: a zero was counted, everything else says why it isn't a number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from metricstore import nothing
from metricstore.caveats import bound_of
from metricstore.evaluation import Answer, evaluate, whole_and_course
from metricstore.gaps import LeftOut, covered, left_out
from metricstore.metrics import metric
from metricstore.point import Point, nanoseconds
from metricstore.questions import questions
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from metricstore.store import Store

NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=2)
"""Two days ago, so that what follows is not ahead of the clock that runs are looked for by."""


def day(number: float) -> int:
    """Nanoseconds `number` days from NOW's midnight."""
    return nanoseconds(NOW.replace(hour=0) + timedelta(days=number))


def days(first: int, last: int, every: str = "1d") -> Selection:
    at = NOW.replace(hour=0)
    return Selection((at + timedelta(days=first)).isoformat(), (at + timedelta(days=last)).isoformat(), every=every)


def run(collector: str, when: float = 0.5, outcome: str = "ok") -> Point:
    return Point("collector_run", day(when), {"collector": collector, "outcome": outcome}, {"records": 0})


def attempt(when: float) -> Point:
    return Point("scheduling_attempt", day(when), {"platform": "linkedin", "outcome": "ok"}, {"post_number": 1})


def figures(when: float, **told: int) -> Point:
    tags = {"platform": "linkedin", "provenance": "imported", "grain": "post"}
    return Point("engagement", day(when), tags, {"row_id": f"r{when}", "topic": "t", **told})


def kinds(answer: Answer) -> list[object]:
    """Each window's number, else its kind of nothing."""
    rows = zip(answer.frame["value"], answer.why, strict=True)
    return [why if np.isnan(value) else value for value, why in rows]


def asked(store: Store, name: str, selection: Selection, by: tuple[str, ...] = ()) -> list[object]:
    return kinds(evaluate(store, metric(name), selection, by=by))


def test_a_zero_is_only_where_somebody_counted(store: Store) -> None:
    store.write([attempt(-2.5), attempt(-1.5), run("app_log"), run("app_log", 1.4, "failed")])
    beyond = nothing.NOT_COLLECTED
    assert asked(store, "scheduling_attempts", days(-5, 3)) == [beyond, beyond, 1, 1, 0, 0, beyond, beyond]
    whole = days(-5, 3, "none")
    assert asked(store, "scheduling_attempts", whole) == [2.0]
    assert asked(store, "scheduling_attempts", days(-5, -3, "none")) == [beyond]
    assert asked(store, "scheduling_attempts", days(1, 3, "none")) == [beyond]


def test_what_one_log_tells_is_collected_with_it(store: Store) -> None:
    store.write([Point("log_record", day(-3), {"level": "INFO", "event": "other"}, {"message": "m"}), run("app_log")])
    assert asked(store, "scheduling_attempts", days(-4, 0)) == [nothing.NOT_COLLECTED, 0, 0, 0]
    # a mean of nothing isn't a number either, but nothing is missing
    assert asked(store, "generation_times", days(-2, 0)) == [nothing.NO_RECORDS] * 2


def test_nothing_was_collected_before_the_first_point(store: Store) -> None:
    store.write([run("app_log")])
    assert asked(store, "scheduling_attempts", days(-1, 0, "none")) == [nothing.NOT_COLLECTED]
    value, _, _, course = whole_and_course(store, metric("scheduling_attempts"), days(-2, 0))
    assert np.isnan(value)
    assert kinds(course) == [nothing.NOT_COLLECTED] * 2


def test_where_nobody_says_how_far_a_source_was_read_counts_stay_counts(store: Store) -> None:
    store.write([attempt(-1.5)])
    assert asked(store, "scheduling_attempts", days(-3, 1)) == [0, 1, 0, 0]


def test_what_is_planned_is_known_ahead(store: Store) -> None:
    post = Point("post", day(-1), {"platform": "linkedin"}, {"post_id": "p", "status": "draft"})
    store.write([post, run("calendars")])
    assert asked(store, "posts", days(-2, 2)) == [nothing.NOT_COLLECTED, 1, 0, 0]


def test_figures_that_are_handed_over_are_known_as_far_as_they_reach(store: Store) -> None:
    store.write([figures(-3, likes=4), figures(-1, likes=2), run("engagement")])
    empty, beyond = nothing.NO_RECORDS, nothing.NOT_COLLECTED
    assert asked(store, "likes", days(-4, 1)) == [beyond, 4, empty, 2, beyond]


def test_what_the_source_does_not_tell_is_neither_zero_nor_missing_records(store: Store) -> None:
    store.write(
        [
            figures(-3, likes=4, exposures=10, engagements=4),
            figures(-2, likes=0),
            figures(-2.5, likes=1),
            run("engagement"),
        ]
    )
    selection = days(-3, -1)
    assert asked(store, "clicks", selection) == [nothing.NOT_REPORTED] * 2
    assert asked(store, "likes", selection) == [5, 0]
    assert asked(store, "engagement_rate", selection) == [40.0, nothing.NOT_REPORTED]
    assert asked(store, "clicks", days(-3, -1, "none"), by=("platform",)) == [nothing.NOT_REPORTED]
    assert left_out(store, metric("engagement_rate"), selection) == LeftOut(3, 2)
    assert left_out(store, metric("likes"), selection) == LeftOut(3, 0)
    assert left_out(store, metric("scheduling_attempts"), selection) == LeftOut()


def test_a_look_that_was_missed_is_lost(store: Store) -> None:
    def look(when: float) -> Point:
        tags = {"source": "buffer", "platform": "linkedin"}
        return Point("social_queue", day(when), tags, {"channel_id": "c", "channel": "c", "pending": 3})

    store.write([look(-3), look(-1), run("buffer")])
    assert asked(store, "queue_depth", days(-3, 0)) == [3, nothing.LOST, 3]
    # between two looks of an hourly state nothing is lost
    hours = Selection(days(-3, -2).start, (NOW.replace(hour=1) - timedelta(days=3)).isoformat(), every="15m")
    assert set(asked(store, "queue_depth", hours)[1:]) == {nothing.NO_RECORDS}


def test_who_sees_a_part_is_told_how_far_sources_were_read_and_not_since_when_there_is_anything(store: Store) -> None:
    store.write([attempt(-2.5), run("app_log")])
    seen = restricted(store, Segment.of_platforms(("twitter",)))
    assert asked(seen, "scheduling_attempts", days(-4, 2)) == [0, 0, 0, 0, 0, nothing.NOT_COLLECTED]


def test_a_gap_closes_with_the_next_good_run(store: Store) -> None:
    store.write([attempt(-2.5), run("app_log", -2)])
    selection = days(-3, 0)

    def state() -> tuple[list[object], Iterable[datetime | None]]:
        query = questions(metric("scheduling_attempts"), selection)[0]
        return asked(store, "scheduling_attempts", selection), covered(store, metric("scheduling_attempts"), query)

    before = state()
    assert before[0] == [1, nothing.NOT_COLLECTED, nothing.NOT_COLLECTED]
    store.write([run("app_log", 0)])
    after = state()
    assert after[0] == [1, 0, 0]
    assert before[1] != after[1], "what tells an answer from a new one did not change"


@pytest.mark.parametrize("compare", ["previous", "year"])
def test_what_is_compared_with_stays_as_it_is(store: Store, compare: str) -> None:
    store.write([attempt(-2.5), attempt(-1.5), run("app_log")])
    selection = Selection(days(-2, 1).start, days(-2, 1).stop, every="1d", compare=compare)  # type: ignore[arg-type]
    found = evaluate(store, metric("scheduling_attempts"), selection)
    assert kinds(found) == [1, 0, 0]
    assert list(found.frame.columns) == ["time", "value", "comparison", "why", "comparison_why"]


def call(number: int, hours: float, **told: float | str) -> Point:
    tags = {"source": "app", "provider": "zai", "outcome": "ok"}
    fields = {
        "model": "m",
        "pricing": "estimated",
        "duration_seconds": 1.0 + number,
        "cost_nano_usd": 1_000_000,
        **told,
    }
    return Point(
        "gen_ai_request", day(-1) + int(hours * 3_600e9) + number, tags, {k: v for k, v in fields.items() if v != ""}
    )


def test_a_percentile_of_too_few_is_not_told_and_says_how_many_there_were(store: Store) -> None:
    store.write(
        [*(call(number, 1) for number in range(20)), *(call(number, 5) for number in range(19)), run("ai_usage")]
    )
    found = evaluate(
        store, metric("ai_call_duration"), Selection(days(-1, 0).start, days(-1, 0).stop, every="6h"), aggregate="p50"
    )
    whole = found.frame[["value", "n"]].iloc[0]
    assert (whole["value"], whole["n"]) == (10.0, 39)
    hourly = evaluate(store, metric("ai_call_duration"), Selection(days(-1, 0).start, days(-1, 0).stop, every="1h"))
    assert kinds(hourly)[:7] == [
        nothing.NOT_COLLECTED,
        19.0,
        *[nothing.NO_RECORDS] * 3,
        nothing.TOO_FEW,
        nothing.NO_RECORDS,
    ]
    assert hourly.frame["n"].tolist()[:6] == [0, 20, 0, 0, 0, 19]
    # a mean needs no such number
    assert "n" not in evaluate(store, metric("ai_call_duration"), days(-1, 0), aggregate="mean").frame


def test_a_sum_that_lacks_something_says_how_much(store: Store) -> None:
    store.write(
        [
            call(1, 1),
            call(2, 1, cost_nano_usd="", pricing="unknown"),
            call(3, 30, cost_nano_usd="", pricing="unknown"),
            run("ai_usage", 2),
        ]
    )

    def missing(name: str, selection: Selection) -> int:
        declared = metric(name)
        bound = bound_of(evaluate(store, declared, selection))
        return bound.count if bound is not None and bound.side == "lower" else 0

    assert missing("ai_cost", days(-1, 0)) == 1
    assert missing("ai_cost", days(-1, 1)) == 2
    assert missing("ai_calls", days(-1, 1)) == 0
    assert asked(store, "ai_cost", days(-1, 1, "none")) == [0.001]
