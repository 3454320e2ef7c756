"""What a page's figures, a chart and its caption need is asked of the store together, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest

from layouts.pages import CHARTS, TILES
from layouts.tile_values import Tile, tiles_of
from metricstore.duck import DuckStore
from metricstore.errors import NotAllowed, StoreFailed, StoreUnreachable
from metricstore.evaluation import plan_values
from metricstore.goal import Goal
from metricstore.grid import Grid
from metricstore.metrics import Metric, metric
from metricstore.plans import Plan, ask_together
from metricstore.query import Query
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from questions import charts, tiles
from questions.briefing import gather
from questions.captions import caption
from questions.change import change_of
from tests.unit.questions.conftest import NOW, Counting

SELECTIONS = (Selection(), Selection(every="none", compare="previous"), Selection(where={"platform": ("linkedin",)}))


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("page", TILES)
def test_all_tiles_of_a_page_are_asked_for_in_one_go(counting: Counting, page: str, selection: Selection) -> None:
    plans = [partial(tiles.plan_tile, one, selection, NOW, goal_of(one)) for one in tiles_of(page)]
    counting.times = 0
    settled = ask_together(counting, plans)
    assert counting.times <= 1  # none where nobody has set what its tiles assume
    for settle in settled:
        counting.times = 0
        shown = settle()
        # Why a tile has nothing to show is asked only then.
        assert counting.times == 0 or shown.missing


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_and_its_caption_are_asked_for_in_one_go(counting: Counting, chart: str, selection: Selection) -> None:
    counting.times = 0
    found = charts.ask_chart(counting, CHARTS[chart], selection, NOW)
    caption(CHARTS[chart], selection, found.data(selection), found.left_out)
    assert counting.times == 1


def test_what_changed_is_asked_for_in_one_go(counting: Counting) -> None:
    for name in ("generations", "generation_success_rate", "ai_requests"):
        counting.times = 0
        change_of(counting, metric(name), Selection(), NOW)
        assert counting.times == 1, name


def test_the_briefing_is_asked_for_in_one_go(counting: Counting) -> None:
    counting.times = 0
    gather(counting, Selection(), [], NOW)
    assert counting.times == 1


def test_a_figure_that_a_viewer_may_not_see_leaves_the_others_in_one_go(counting: Counting) -> None:
    store = restricted(counting, Segment.of_platforms(("linkedin",)))
    selection = Selection(start=(NOW - timedelta(days=3)).isoformat(), stop=NOW.isoformat())

    def refused() -> Plan[Tile]:
        raise NotAllowed("not for you")

    counting.times = 0
    allowed = partial(tiles.plan_tile, metric("generations"), selection, NOW)
    hidden = partial(tiles.plan_tile, metric("generations"), Selection(start="2001-01-01", stop="2001-01-02"), NOW)
    limited = restricted(store, Segment((), start=selection.start))
    planned, beyond, seen = ask_together(limited, [refused, hidden, allowed])
    assert counting.times == 1
    assert seen().value > 0
    for settle in (planned, beyond):
        with pytest.raises(NotAllowed):
            settle()


def test_a_store_that_does_not_answer_is_asked_once(counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object, queries: Sequence[Query]) -> list[Grid]:
        counting.times += 1
        raise StoreUnreachable("no answer")

    monkeypatch.setattr(Counting, "ask_all", refuse)
    counting.times = 0
    settled = ask_together(counting, [partial(tiles.plan_tile, one, Selection(), NOW) for one in tiles_of("overview")])
    for settle in settled:
        with pytest.raises(StoreUnreachable):
            settle()
    assert counting.times == 1


def test_a_question_that_fails_leaves_the_others(counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Counting, queries: Sequence[Query]) -> list[Grid]:
        if any(query.measurement == "post" for query in queries):
            raise StoreFailed("broken", "raw words")
        return DuckStore.ask_all(self, queries)

    monkeypatch.setattr(Counting, "ask_all", refuse)
    good, bad = ask_together(
        counting,
        [partial(plan_values, metric(name), Selection(every="none"), now=NOW) for name in ("generations", "posts")],
    )
    assert good().frame["value"].iloc[0] > 0
    with pytest.raises(StoreFailed):
        bad()


def test_no_question_of_several_plans_is_asked_twice(counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Query] = []

    def noted(self: Counting, queries: Sequence[Query]) -> list[Grid]:
        asked.extend(queries)
        return DuckStore.ask_all(self, queries)

    monkeypatch.setattr(Counting, "ask_all", noted)
    plan = partial(plan_values, metric("generation_success_rate"), Selection(), now=NOW)
    first, second = ask_together(counting, [plan, plan])
    assert len(asked) == len(set(asked)) > 0
    assert first().frame.equals(second().frame)


def goal_of(declared: Metric) -> Goal | None:
    """One for the first metric of pages, so that its standing is part of what is asked."""
    if declared.name != "generations":
        return None
    return Goal(declared.name, "at least", 100.0, "week")
