"""Which records are of one post: each rule by an example, and what holds whatever the records are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.journey.matching import matched
from collectors.journey.points import journey_point, placed
from collectors.journey.records import (
    Attempt,
    Delivered,
    Figures,
    Finished,
    Imported,
    Item,
    Queued,
    Records,
    Remote,
)
from collectors.journey.standing import World, standing
from collectors.journey.trails import Trail
from metricstore.catalogue.journey import CAUSES, RULES, STATES, STEPS, UNMATCHED
from metricstore.point import Point, nanoseconds
from metricstore.validation import validated

DAY = date(2026, 3, 4)


def at(day: int = 0, hour: float = 0) -> int:
    return nanoseconds(datetime(2026, 3, 4, tzinfo=UTC) + timedelta(days=day, hours=hour))


def item(name: str, day: int = 0, **more: Any) -> Item:
    about = {
        "topic": "AI",
        "number": 1,
        "position": 1,
        "revision": "r1",
        "written": at(day, -12),
        "texts": (f"h-{name}",),
    }
    return Item(name, at(day) + sum(map(ord, name)), "linkedin", DAY + timedelta(days=day), **{**about, **more})


def remote(name: str, day: int = 0, source: str = "buffer", hour: float = 9, **more: Any) -> Remote:
    about: dict[str, Any] = {"status": "scheduled", "due": at(day, hour), "created": at(day, hour - 1)}
    return Remote(source, "linkedin", name, at(day, hour), DAY + timedelta(days=day), **{**about, **more})


def _points(trails: list[Trail], world: World) -> list[Point]:
    return [journey_point(trail, world)[0] for trail in placed(trails)]


def trail_of(trails: list[Trail], name: str) -> Trail:
    return next(trail for trail in trails if trail.item is not None and trail.item.post_id == name)


def test_a_finished_post_belongs_to_its_place_in_the_calendar_its_batch_wrote() -> None:
    items = [item("a"), item("b", position=2), item("c", revision="r2")]
    finished = [Finished(at(-1), "linkedin", "AI", 2, "r1"), Finished(at(-1, 1), "linkedin", "AI", 1, ""),
                Finished(at(-1, 2), "linkedin", "AI", 7, "r1")]  # fmt: skip
    trails = matched(Records(items=items, finished=finished))
    assert trail_of(trails, "b").finished == finished[0]
    assert sorted(trail.unmatched for trail in trails if trail.item is None) == ["calendar_not_seen", "item_missing"]


def test_a_try_belongs_to_the_newest_calendar_that_was_there() -> None:
    items = [item("old", written=at(-2)), item("new", 1, written=at(0)), item("later", 2, written=at(1))]
    tries = [Attempt(at(0, 1), "linkedin", True, "AI", 1), Attempt(at(0, 1), "linkedin", True, "Other", 1)]
    trails = matched(Records(items=items, attempts=tries))
    assert trail_of(trails, "new").attempts == (tries[0],)
    assert [trail.unmatched for trail in trails if trail.item is None] == ["no_calendar_item"]


def test_two_items_of_one_number_and_topic_are_not_guessed_between() -> None:
    trails = matched(Records(items=[item("a"), item("b")], attempts=[Attempt(at(0), "linkedin", True, "AI", 1)]))
    assert [trail.unmatched for trail in trails if trail.attempts] == ["ambiguous"]


def test_the_queue_goes_by_number_topic_and_day_and_deliveries_by_its_id() -> None:
    items = [item("a"), item("b", 7)]
    queued = [Queued("q1", "linkedin", at(0, 9), DAY, "AI", 1, "posted"), Queued("q2", "linkedin", at(0, 33), DAY + timedelta(days=1), "AI", 1, "failed"),
              Queued("q3", "linkedin", at(3, 9), DAY + timedelta(days=3), "AI", 1, "pending")]  # fmt: skip
    ends = [Delivered(at(0, 9.1), "q1", "linkedin", True), Delivered(at(0, 10), "gone", "linkedin", False)]
    tries = [
        Attempt(at(0, 9.1), "linkedin", True, item_id="q1"),
        Attempt(at(0, 9.2), "linkedin", True, item_id="strange"),
    ]
    trails = matched(Records(items=items, queued=queued, delivered=ends, attempts=tries))
    own = trail_of(trails, "a")
    assert (own.queued, own.delivered, own.attempts) == (tuple(queued[:2]), (ends[0],), (tries[0],))
    others = {trail.unmatched for trail in trails if trail.item is None}
    assert others == {"no_calendar_item", "no_queue_item"}


def test_a_post_at_the_service_is_found_by_its_text() -> None:
    items = [item("a", texts=("same",)), item("b", 5, texts=("same",)), item("c", 2, texts=("whole", "t1", "t2"))]
    remotes = [remote("r1", 5, text="same"), remote("r2", 2, text="t1"), remote("r3", 2, text="t2"),
               remote("r4", 9, text="same"), remote("r5", 2, text="strange"), remote("r6", 80, text="whole")]  # fmt: skip
    trails = matched(Records(items=items, remotes=remotes))
    assert [one.post_id for one in trail_of(trails, "b").remotes] == ["r1"]
    assert trail_of(trails, "b").rules["service"] == "text_day"
    assert [one.post_id for one in trail_of(trails, "c").remotes] == ["r2", "r3"]
    alone = {trail.remotes[0].post_id: trail.unmatched for trail in trails if trail.item is None}
    assert alone == {"r4": "ambiguous", "r5": "no_calendar_item", "r6": "no_calendar_item"}


def test_of_equal_texts_of_one_day_the_one_just_handed_over_is_meant() -> None:
    items = [item("a", texts=("same",)), item("b", number=2, texts=("same",))]
    tries = [Attempt(at(0, 8.5), "linkedin", True, "AI", 2), Attempt(at(0, 8.5), "linkedin", False, "AI", 1)]
    trails = matched(Records(items=items, attempts=tries, remotes=[remote("r", text="same", hour=9.25)]))
    assert trail_of(trails, "b").rules["service"] == "text_time"


def test_ids_are_surer_than_texts() -> None:
    items = [item("a"), item("b", number=2)]
    tries = [Attempt(at(0), "linkedin", True, "AI", 2, service_id="r1")]
    remotes = [remote("r1", text="h-a", status="sent", platform_id="urn:1"), remote("urn:1", source="linkedin", status="sent", platform_id="urn:1", text="h-a")]  # fmt: skip
    figures = [Figures("buffer", "linkedin", "r1", at(1), at(2), at(1), None, 5, 0), Figures("linkedin", "linkedin", "urn:1", at(1), at(1)),
               Figures("linkedin", "linkedin", "urn:2", at(1), at(1))]  # fmt: skip
    trails = matched(Records(items=items, attempts=tries, remotes=remotes, figures=figures))
    own = trail_of(trails, "b")
    assert (len(own.remotes), len(own.figures)) == (2, 2)
    assert own.rules == {
        "attempts": "number_topic",
        "service": "service_id",
        "platform": "platform_id",
        "figures": "service_id",
    }
    assert [trail.unmatched for trail in trails if trail.item is None] == ["no_such_post"]


@pytest.mark.parametrize("others", [0, 1])
def test_times_count_only_where_there_is_one_choice_on_both_sides(others: int) -> None:
    items = [item("a", timed=True)]
    mended = [remote(f"r{place}", text=f"mended-{place}", due=at() + sum(map(ord, "a"))) for place in range(1 + others)]
    trails = matched(Records(items=items, remotes=mended))
    assert trail_of(trails, "a").rules.get("service") == (None if others else "due_time")


def test_a_mended_text_is_known_by_its_day_when_it_was_handed_over_just_then() -> None:
    tries = [Attempt(at(0, 8), "linkedin", True, "AI", 1)]
    trails = matched(Records(items=[item("a")], attempts=tries, remotes=[remote("r", text="mended")]))
    assert trail_of(trails, "a").rules["service"] == "day_attempt"
    assert trail_of(matched(Records(items=[item("a")], remotes=[remote("r", text="mended")])), "a").remotes == ()


def test_what_a_platform_shows_just_when_a_service_sent_is_the_same_post() -> None:
    remotes = [remote("r", text="h-a", status="sent", sent=at(0, 9)),
               remote("x1", source="x", status="sent", text="cut", sent=at(0, 9.01), platform_id="x1"),
               remote("x2", source="x", status="sent", text="other", sent=at(0, 12), platform_id="x2")]  # fmt: skip
    trails = matched(Records(items=[item("a")], remotes=remotes))
    assert trail_of(trails, "a").rules["platform"] == "sent_time"
    assert [trail.anchor for trail in trails] == ["calendar", "platform"]


def test_imported_rows_go_by_number_topic_and_day() -> None:
    items = [item("a"), item("b", number=None, topic="Pictures")]
    rows = [Imported(at(), "linkedin", "1", DAY, "AI", 1, 5, 1), Imported(at(), "linkedin", "2", DAY, "AI", 2, 5, 1),
            Imported(at(), "linkedin", "3", DAY, "Pictures", 9, 5, 1), Imported(at(), "linkedin", "4", DAY)]  # fmt: skip
    trails = matched(Records(items=items, imported=rows))
    assert (trail_of(trails, "a").rules["figures"], trail_of(trails, "b").rules["figures"]) == (
        "number_topic_day",
        "topic_day",
    )
    assert sorted(trail.imported[0].row_id for trail in trails if trail.item is None) == ["2", "4"]


# -- whatever the records are ---------------------------------------------------------------------------------------

_hours = st.integers(-30, 30 * 24).map(lambda hour: at(0, hour))
_topics, _numbers = st.sampled_from(["", "AI", "Ops"]), st.sampled_from([None, 1, 2])
_platforms, _texts = st.sampled_from(["linkedin", "twitter"]), st.sampled_from(["", "t1", "t2", "t3"])
_maybe = st.one_of(st.none(), _hours)


def _day(time: int) -> date:
    return datetime.fromtimestamp(time // 1_000_000_000, UTC).date()


@st.composite
def some_records(draw: st.DrawFn) -> Records:
    def times(most: int) -> list[int]:
        return [time + place for place, time in enumerate(draw(st.lists(_hours, max_size=most)))]

    items = [
        Item(f"p{place}", time, draw(_platforms), _day(time), draw(_topics), draw(_numbers), draw(_numbers),
             draw(st.sampled_from(["", "r1", "r2"])), draw(_maybe), draw(st.booleans()),
             draw(st.sampled_from(["draft", "scheduled", "completed", "deleted", "failed"])),
             draw(st.sampled_from(["ok", "partial", "failed", "null"])), draw(st.sampled_from(["current", "replaced"])),
             tuple(draw(st.lists(_texts.filter(bool), max_size=3))), changes=((time, "draft"),))
        for place, time in enumerate(times(6))
    ]  # fmt: skip
    statuses = st.sampled_from(["draft", "approval", "scheduled", "sending", "sent", "failed", "withdrawn", "other"])
    return Records(
        items,
        [Finished(t, draw(_platforms), draw(_topics), draw(_numbers), draw(st.sampled_from(["", "r1"])),
                  batch=draw(st.sampled_from(["completed", "running", "abandoned"])), file="app.log", line=1) for t in times(4)],
        [Attempt(t, draw(_platforms), draw(st.booleans()), draw(_topics), draw(_numbers), draw(st.sampled_from(["", "s1"])),
                 draw(st.sampled_from(["", "q1"])), file="app.log", line=place) for place, t in enumerate(times(4))],
        [Queued(f"q{place}", draw(_platforms), t, _day(t), draw(_topics), draw(_numbers),
                draw(st.sampled_from(["pending", "posted", "failed", "gone"]))) for place, t in enumerate(times(3))],
        [Delivered(t, draw(st.sampled_from(["q0", "q1", "q9"])), draw(_platforms), draw(st.booleans())) for t in times(3)],
        [Remote(draw(st.sampled_from(["buffer", "buffer_classic", "x"])), draw(_platforms), f"s{place}", t, _day(t), draw(statuses),
                draw(_maybe), draw(_maybe), draw(_maybe), draw(_texts), draw(st.sampled_from(["", "n1", "n2"])))
         for place, t in enumerate(times(6))],
        [Figures(draw(st.sampled_from(["buffer", "x", "linkedin"])), draw(_platforms), name, t, t, draw(_maybe), draw(_maybe),
                 draw(st.sampled_from([None, 0, 9])), draw(st.sampled_from([None, 0, 9])))
         for name, t in zip(("s0", "s1", "n1"), times(3), strict=False)],
        [Imported(t, draw(_platforms), f"row{place}", _day(t), draw(_topics), draw(_numbers), draw(st.sampled_from([None, 0, 9])))
         for place, t in enumerate(times(3))],
    )  # fmt: skip


KINDS = ("attempts", "queued", "delivered", "remotes", "figures", "imported")


@settings(max_examples=150, deadline=None)
@given(some_records(), _hours, st.randoms(use_true_random=False))
def test_every_record_is_of_one_post_and_every_post_in_one_step(records: Records, now: int, rng: Random) -> None:
    trails = matched(records)
    for kind in KINDS:
        held = [one for trail in trails for one in getattr(trail, kind)]
        assert sorted(held, key=repr) == sorted(getattr(records, kind), key=repr)
    assert sorted((t.finished for t in trails if t.finished), key=repr) == sorted(records.finished, key=repr)
    assert [t.item for t in trails if t.item] == sorted(records.items, key=lambda one: f"calendar {one.post_id}")
    for trail in trails:
        assert {
            one.platform for kind in KINDS for one in getattr(trail, kind) if kind not in ("delivered", "attempts")
        } <= {trail.platform}
        assert set(trail.rules.values()) <= set(RULES)
        assert (trail.unmatched in UNMATCHED) is (trail.item is None)

    world = World(now, frozenset({"linkedin"}), frozenset({"twitter"}))
    points = _points(trails, world)
    assert not validated(points)[1]
    assert len({point.identity for point in points}) == len(trails)
    for point in points:
        fields = point.fields
        assert fields["step"] in STEPS
        assert fields["state"] in STATES
        assert ("cause" in fields) is (fields["state"] in ("stuck", "failed", "dropped", "untold"))
        assert fields.get("cause", "other") in CAUSES
        assert all(float(fields.get(f"{step}_seconds", 0)) >= 0 for step, _ in pairwise(STEPS))

    shuffled = Records(**{name: rng.sample(some, len(some)) for name, some in vars(records).items()})
    assert _points(matched(shuffled), world) == points


@settings(max_examples=150, deadline=None)
@given(some_records(), _hours, st.integers(1, 40 * 24))
def test_until_the_moment_it_names_a_post_stands_as_it_did(records: Records, now: int, hours: int) -> None:
    """So that a collector need not look again before."""
    later = now + hours * 3_600_000_000_000
    for trail in matched(records):
        before, after = standing(trail, World(now)), standing(trail, World(later))
        if before.next is None or later < before.next:
            assert (before.step, before.state, before.cause) == (after.step, after.state, after.cause)
            points = [_points([trail], World(moment))[0] for moment in (now, later)]
            assert points[0] == points[1]
