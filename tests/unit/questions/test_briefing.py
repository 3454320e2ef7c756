"""The briefing from a real store: asked in one go, within what its viewer may see, silent about what nobody collected."""

from __future__ import annotations

from datetime import timedelta

from layouts.briefing.words import judged
from layouts.pages import CHARTS, TILES
from layouts.tile_values import tiles_of
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.evaluation import evaluate
from metricstore.goal import Goal
from metricstore.metrics import metric
from metricstore.point import Point, nanoseconds
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from questions import charts, tiles
from questions.briefing import gather
from tests.unit.questions.conftest import NOW, Counting

GOALS = (
    Goal("generations", "at least", 1_000, "month"),
    Goal("generation_success_rate", "at least", 97, "week"),
    Goal("generations", "at least", 5, "week", (("platform", ("linkedin",)),)),
)


def test_it_says_what_the_metrics_say_and_asks_in_one_go(counting: Counting) -> None:
    counting.times = 0
    facts = gather(CachedStore(counting), Selection(), GOALS, NOW)
    assert counting.times == 1
    made = evaluate(counting, metric("generations"), Selection(every="none"), now=NOW).frame["value"][0]
    failed = evaluate(counting, metric("generation_failures"), Selection(every="none"), now=NOW).frame["value"][0]
    assert (facts.made.course.value, facts.failed.total) == (made, failed)
    assert [one.goal.metric for one in facts.standings] == ["generations", "generation_success_rate"], (
        "only those that fit"
    )


def test_a_viewer_of_a_part_is_told_of_that_part(counting: Counting) -> None:
    store = restricted(CachedStore(counting), Segment.of_platforms(("linkedin",)))
    own = Selection(every="none", where={"platform": ("linkedin",)})
    facts = gather(store, Selection(), (), NOW)
    assert facts.made.course.value == evaluate(counting, metric("generations"), own, now=NOW).frame["value"][0]


def test_of_an_empty_store_nothing_is_claimed() -> None:
    store = DuckStore(None)
    found = judged(gather(store, Selection(), GOALS, NOW), Selection())
    assert found.opening == ""
    assert not any(character.isdigit() for clause in found.clauses for character in clause.sentence)
    assert any(
        text.startswith("how many posts were made (set the path of the application log") for text in found.unknown
    )
    store.close()


def test_a_past_range_is_not_judged_by_running_goals(counting: Counting) -> None:
    stop = (NOW - timedelta(days=3)).date().isoformat()
    facts = gather(CachedStore(counting), Selection("-7d", stop), GOALS, NOW)
    assert facts.standings == () and facts.textless is None


def test_one_title_stands_for_one_figure() -> None:
    named = {(one.title, one.name) for page in TILES for one in tiles_of(page)}
    assert len({title for title, _ in named}) == len(named)


def test_posts_waiting_are_counted_as_far_ahead_as_the_calendar_shows_them() -> None:
    store, waiting = DuckStore(None), {"status": "scheduled"}
    store.write([
        Point("social_post", nanoseconds(NOW + timedelta(days=days)) + days, {"source": "buffer", "platform": "linkedin"}, waiting)
        for days in (-1, 3, 10, 20)
    ])  # fmt: skip
    tile = tiles.ask(store, metric("service_waiting"), Selection(), NOW)
    calendar = charts.ask(store, CHARTS["delivery_calendar"], Selection(), NOW)["service_waiting"]
    assert tile.value == calendar.frame["value"].sum() == 3
    assert tiles.ask(store, metric("service_waiting"), Selection(stop="+2d"), NOW).value == 1, (
        "a range of one's own counts"
    )
    store.close()
