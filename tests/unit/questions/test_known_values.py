"""A value has one colour: in every chart, whatever is filtered, however large it is there, and no two of a chart are alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from layouts.charts import Theme
from layouts.charts.figures import lines, stacked_bars
from layouts.charts.palette import colours, has_meaning, meaning
from layouts.pages import CHARTS
from metricstore.catalogue import MEASUREMENTS
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from metricstore.store import Store
from questions.charts import ask_chart
from questions.known_values import known_values

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MODELS = ("gpt-4o", "claude-sonnet", "o3", "gpt-4o-mini", "glm-4.5")
WEEK = {"start": "2026-11-24T00:00:00Z", "stop": "2026-12-01T00:00:00Z", "timezone": "UTC"}
SPLIT = [chart for chart in CHARTS.values() if chart.by and chart.draw in (lines, stacked_bars)]


@pytest.fixture
def store() -> Iterator[DuckStore]:
    found = DuckStore(None)
    yield found
    found.close()


def calls(model: str, number: int, days: int = 0, platform: str = "linkedin") -> list[Point]:
    begin = nanoseconds(NOW - timedelta(days=days)) + 1_000_000 * sum(map(ord, model))
    tags = {"source": "app", "provider": "openai", "outcome": "ok"}
    return [Point("gen_ai_request", begin + n, tags, {"model": model, "platform": platform, "cost_nano_usd": 10**9})
            for n in range(number)]  # fmt: skip


def billed(model: str, dollars: int) -> Point:
    tags = {"source": "openai", "provider": "openai", "model": model, "project": "none", "line_item": "tokens"}
    return Point("gen_ai_cost", nanoseconds(NOW.replace(hour=0)), tags, {"cost_nano_usd": dollars * 10**9})


def runs(collector: str, number: int) -> Point:
    return Point("collector_run", nanoseconds(NOW) - number, {"collector": collector, "outcome": "ok"},
                 {"points": number + 1, "duration_seconds": 1.0 + number})  # fmt: skip


def drawn(source: Store, name: str, theme: Theme = "light", **where: tuple[str, ...]) -> dict[str, str]:
    """Colour by name of each series of the chart."""
    chart, selection = CHARTS[name], Selection(**WEEK, where=where)  # type: ignore[arg-type]
    found = ask_chart(source, chart, selection, NOW)
    values = list(dict.fromkeys(found.main.frame[chart.by[0]]))
    return colours(values, theme, known_values(source, chart, found.main))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_model_has_one_colour_in_every_chart_whatever_is_filtered(store: DuckStore, theme: Theme) -> None:
    for place, model in enumerate(MODELS):
        store.write([*calls(model, place + 1), billed(model, 9 - place)])
    store.write([*calls("a-model-of-long-ago", 3, days=300), billed("babbage", 1)])
    cost = drawn(store, "ai_cost_by_model", theme)
    charged = drawn(store, "ai_billed_by_model", theme)
    assert set(cost) == set(MODELS)
    assert set(charged) == {*MODELS, "babbage"}
    assert len(set(charged.values())) == len(charged)
    assert {model: charged[model] for model in cost} == cost
    for some in (("gpt-4o",), ("o3", "glm-4.5")):
        assert drawn(store, "ai_cost_by_model", theme, model=some) == {model: cost[model] for model in some}


def test_seventeen_collectors_are_told_apart_and_are_the_same_beside_each_other(store: DuckStore) -> None:
    store.write(runs(f"collector {number}", number) for number in range(17))
    points, times = (drawn(store, f"collect{name}") for name in ("ed_points_by_collector", "or_run_time_trend"))
    assert points == times
    assert len(points) == len(set(points.values())) == 17
    few = ("collector 3", "collector 11")
    assert drawn(store, "collected_points_by_collector", collector=few) == {name: points[name] for name in few}


def test_what_a_viewer_may_not_see_is_not_among_the_known(store: DuckStore) -> None:
    store.write([*calls("open", 2), *calls("secret", 2, platform="twitter")])
    own = restricted(store, Segment.of_platforms(("linkedin",)))
    chart = CHARTS["ai_cost_by_model"]
    answer = ask_chart(own, chart, Selection(**WEEK), NOW).main  # type: ignore[arg-type]
    assert known_values(own, chart, answer) == ("open",)


class Silent(DuckStore):
    def values(self, *_: object, **__: object) -> list[str]:
        raise AssertionError("nothing was to be asked")


def test_nothing_is_asked_where_all_values_are_declared_or_have_a_meaning() -> None:
    silent = Silent(None)
    tags = {"platform": "linkedin", "program": "main", "outcome": "failed"}
    silent.write([Point("scheduling_attempt", nanoseconds(NOW), tags, {"topic": "a"})])
    assert drawn(silent, "scheduling_by_outcome") == {"failed": meaning("failed", "light")}
    silent.close()


class Asked(DuckStore):
    """Notes which values it is asked for, and how."""

    def __init__(self) -> None:
        super().__init__(None)
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def values(self, measurement: str, dimension: str, start: Any, stop: Any, where: Any = (), *rest: Any) -> list[str]:
        self.asked.append((measurement, tuple(one.column for one in where)))
        assert (start.day, stop.day, stop - start > timedelta(days=400)) == (1, 1, True)
        return super().values(measurement, dimension, start, stop, where, *rest)


def test_no_rows_are_read_for_colours() -> None:
    """A server could only answer conditions on fields, of a chart or of a segment, by handing over every row."""
    store = Asked()
    store.write(
        [Point("post", nanoseconds(NOW), {"platform": "threads"}, {"status": "completed"}), *calls("gpt-4o", 3)]
    )
    assert set(drawn(store, "posts_by_publish_date")) == {"threads"}
    assert len(store.asked) > 1
    for name, columns in store.asked:
        assert not [column for column in columns if MEASUREMENTS[name].has_field(column)]
    store.asked.clear()
    assert set(drawn(restricted(store, Segment.of_platforms(("linkedin",))), "ai_cost_by_model")) == {"gpt-4o"}
    assert "gen_ai_request" not in [name for name, _ in store.asked]
    store.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_declared_looks_the_same_alone_as_among_all_others(theme: Theme) -> None:
    """Otherwise a filter would change it: no two values of a measurement may mean the same colour."""
    for name in {chart.by[0] for chart in SPLIT}:
        for source in MEASUREMENTS.values():
            kinds = {tag.name: tag.values for tag in source.tags} | {one.name: one.values for one in source.fields}
            meant = [meaning(value, theme) for value in kinds.get(name, ()) if has_meaning(value)]
            assert len(meant) == len(set(meant)), (source.name, name)


def test_hundreds_of_values_get_hundreds_of_colours() -> None:
    names = [f"value {number}" for number in range(300)]
    assert len(set(colours(names, "light", names).values())) > 250
