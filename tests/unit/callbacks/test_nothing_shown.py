"""How the kinds of nothing are shown: picture, sentence, table, tile, file, API, embed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask import Flask

from callbacks.charts import answer_chart
from dashapp.api import encoding
from dashapp.downloads.formats import FORMATS
from dashapp.downloads.sources import chart_table
from layouts.charts import ChartData
from layouts.charts.absence import sentence
from layouts.pages import CHARTS
from layouts.pictures import picture
from metricstore.duck import DuckStore
from metricstore.evaluation import Answer, evaluate
from metricstore.metrics import metric
from metricstore.point import Point, nanoseconds
from metricstore.selection import Selection, settled_now
from metricstore.windows import Window
from questions.tiles import ask as ask_tile
from tests.grids import grid_of

MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
RANGE = {"start": (MIDNIGHT - timedelta(days=6)).isoformat(), "stop": MIDNIGHT.isoformat(), "every": "1d", "tz": "UTC"}
SELECTION = Selection.from_params(RANGE, Selection())


def at(days: float) -> int:
    return nanoseconds(MIDNIGHT + timedelta(days=days))


@pytest.fixture
def store(duck_store: DuckStore) -> DuckStore:
    """Attempts from four days ago, read until two days ago; figures without clicks."""
    attempts = [Point("scheduling_attempt", at(-days), {"platform": "linkedin", "outcome": "ok"}, {"post_number": 1})
                for days in (4, 3.5)]  # fmt: skip
    figures = [Point("engagement", at(-days), {"platform": "linkedin", "provenance": "imported", "grain": "post"},
                     {"row_id": f"r{days}", "likes": 3}) for days in (4, 2)]  # fmt: skip
    runs = [Point("collector_run", at(-1.5), {"collector": name, "outcome": "ok"}, {"records": 1})
            for name in ("app_log", "engagement")]  # fmt: skip
    duck_store.write([*attempts, *figures, *runs])
    return duck_store


@pytest.fixture
def app(store: DuckStore) -> Iterator[Flask]:
    found = Flask("nothing")
    found.extensions["metricstore"] = store
    with found.test_request_context("/"):
        yield found


def drawn(chart: str, mode: str = "picture") -> dict[str, Any]:
    return answer_chart(RANGE, mode, "light", {"chart": chart})


def test_a_picture_shades_what_was_not_collected_and_says_how_much(app: Flask) -> None:
    answer = drawn("scheduling_by_platform")
    assert answer["remark"] == "Not collected (grey): 3 of 6 days."
    shapes = answer["figure"]["layout"]["shapes"]
    assert [(shape["name"], shape["y1"]) for shape in shapes] == [("not collected", 1.0)] * 2
    (trace,) = answer["figure"]["data"]
    assert trace["y"] == [None, None, 2.0, 0.0, 0.0, None]


def test_a_source_that_does_not_tell_has_a_strip_on_the_axis_and_is_no_zero(app: Flask) -> None:
    answer = drawn("clickthrough_trend")
    assert answer["status"] == "empty"
    answer = drawn("scheduling_by_platform", "table")
    assert "not collected" in str(answer["table"])
    assert "outside of what was collected so far" in str(answer["table"])


def test_a_tile_names_the_reason_instead_of_a_number(store: DuckStore) -> None:
    def missing(name: str, start: str, stop: str = RANGE["stop"]) -> str:
        return ask_tile(store, metric(name), Selection(start, stop), settled_now()).missing

    assert missing("clicks", RANGE["start"]) == "the source does not report it"
    assert missing("posts", RANGE["start"]) == "no calendar items collected yet"
    old = (MIDNIGHT - timedelta(days=9)).isoformat()
    first = f"{MIDNIGHT - timedelta(days=4):%Y-%m-%d}"
    assert missing("scheduling_attempts", old, RANGE["start"]).startswith(
        f"not collected: scheduling attempts known from {first} to "
    )
    assert missing("likes", RANGE["start"]) == ""


def test_what_stays_out_of_a_number_is_counted(store: DuckStore) -> None:
    store.write(
        [
            Point(
                "engagement",
                at(-3),
                {"platform": "linkedin", "provenance": "imported", "grain": "post"},
                {"row_id": "s"},
            )
        ]
    )
    assert ask_tile(store, metric("likes"), SELECTION, settled_now()).left_out == "1 of 3 records lacks this figure"


def test_a_file_has_a_column_that_says_why(store: DuckStore) -> None:
    table = chart_table(store, CHARTS["scheduling_by_platform"], SELECTION, settled_now())
    found = pd.read_csv(io.BytesIO(b"".join(FORMATS["csv"].stream(table))))
    column = next(name for name in found if name.endswith("_missing"))
    assert found[column].fillna("").tolist() == ["not collected", "not collected", "", "", "", "not collected"]


def test_the_api_tells_it_beside_the_null(store: DuckStore) -> None:
    found = encoding.answer(evaluate(store, metric("scheduling_attempts"), SELECTION), None)["data"]
    assert [(row["value"], row.get("why")) for row in found] == [  # type: ignore[attr-defined]
        (None, "not collected"), (None, "not collected"), (2, None), (0, None), (0, None), (None, "not collected"),
    ]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_for_wikis_have_the_same_bands(store: DuckStore, theme: Any) -> None:
    chart = CHARTS["scheduling_by_platform"]
    figure = chart.draw(ChartData(evaluate(store, chart.declared, SELECTION, by=chart.by), {}, SELECTION, theme))
    svg = picture(figure, 600, 300, theme, title=chart.title)
    assert svg.count('opacity="0.55"') == 2


def test_calls_that_only_a_gateway_tells_are_no_zero_of_the_recorded_ones(app: Flask, store: DuckStore) -> None:
    told = Point("gen_ai_request", at(-2), {"source": "litellm_logs", "provider": "zai", "outcome": "ok"},
                 {"request_id": "a", "input_tokens": 9})  # fmt: skip
    read = Point("collector_run", at(-1), {"collector": "ai_usage", "outcome": "ok"}, {"records": 0})
    store.write([told, read])
    calls = metric("ai_calls")
    assert ask_tile(store, calls, SELECTION, settled_now()).missing == "no AI calls collected yet"
    assert evaluate(store, calls, SELECTION).kinds == {"not collected"}
    assert "Nothing collected yet: AI calls." in str(drawn("ai_calls_by_outcome"))
    store.write(
        [Point("gen_ai_request", at(-2), {"source": "app", "provider": "zai", "outcome": "ok"}, {"request_id": "a"})]
    )
    assert ask_tile(store, calls, SELECTION, settled_now()).value == 1


def test_what_only_some_groups_lack_names_them_and_no_colour_that_is_not_there() -> None:
    times = pd.date_range("2026-03-01", periods=2, tz="UTC")
    frame = pd.DataFrame({"time": times.repeat(2), "model": ["a", "b"] * 2, "value": [1.0, np.nan, np.nan, np.nan],
                          "why": ["", "not reported", "not reported", "not reported"]})  # fmt: skip
    declared = metric("ai_reported_requests")
    answer = Answer(
        declared,
        "sum",
        times[0],
        times[1] + timedelta(days=1),
        Window.parse("1d"),
        "UTC",
        ("model",),
        grid_of(frame, ("model",)),
    )
    assert sentence(answer, {"not reported"}) == (
        "Not reported by the source (amber): 1 of 2 days. Not reported by the source: b, 1 of 2 days."
    )


def test_a_week_of_cells_has_no_axis_and_so_no_colour_of_it(app: Flask, store: DuckStore) -> None:
    tags = {"level": "INFO", "event": "other"}
    store.write([Point("log_record", at(-4), tags, {"file": "app.log", "line": 1, "offset": 0, "message": "Done"})])
    answer = drawn("log_hours")
    assert "shapes" not in answer["figure"]["layout"]
    assert answer["remark"].startswith("Not collected: ")


@pytest.mark.parametrize(("zone", "first", "last"), [("Pacific/Pago_Pago", -5, -4), ("Pacific/Kiritimati", -4, -3)])
def test_days_that_are_stored_are_those_of_the_viewers_zone(app: Flask, zone: str, first: int, last: int) -> None:
    words = {**RANGE, "tz": zone, "start": "2020-01-01", "stop": "2020-02-01"}
    answer = answer_chart(words, "picture", "light", {"chart": "scheduling_by_platform"})
    days = [f"{MIDNIGHT + timedelta(days=number):%Y-%m-%d}" for number in (first, last)]
    assert f"runs from {days[0]} to {days[1]}." in str(answer["message"])


def test_a_budget_that_is_not_set_is_named_where_its_share_would_stand(store: DuckStore) -> None:
    call = {"request_id": "a", "cost_nano_usd": 2_500_000_000}
    tags = {"source": "app", "provider": "zai", "outcome": "ok"}
    store.write([Point("gen_ai_request", at(-2), tags, call)])
    used = metric("ai_budget_used")
    assert ask_tile(store, used, SELECTION, settled_now()).missing == "not set: AI budget of a month"
    selection = replace(SELECTION, assume=SELECTION.assume.with_values({"ai_budget": 25}))
    tile = ask_tile(store, used, selection, settled_now())
    assert (tile.value, tile.missing) == (50.0, "")
    assert tile.metric.formula == "100 × AI cost / (25 USD × days / 30)"


def test_where_only_a_network_is_asked_no_scheduling_service_has_sent_nothing(store: DuckStore) -> None:
    posted = Point("social_post", at(-2), {"source": "x", "platform": "twitter"}, {"status": "sent"})
    read = Point("collector_run", at(-1), {"collector": "x", "outcome": "ok"}, {"records": 1})
    store.write([posted, read])
    assert ask_tile(store, metric("service_sent"), SELECTION, settled_now()).missing.startswith("no posts at services")
    of_x = replace(SELECTION, where={"source": ("x",)})
    assert ask_tile(store, metric("service_sent"), of_x, settled_now()).value == 1


def test_groups_without_a_name_are_said_in_words_that_need_no_column() -> None:
    times = pd.date_range("2026-03-01", periods=1, tz="UTC")
    frame = pd.DataFrame({"pricing": ["", "unknown", "estimated"], "value": [np.nan, np.nan, 1.0],
                          "why": ["not reported", "not reported", ""]})  # fmt: skip
    answer = Answer(
        metric("ai_cost"),
        "sum",
        times[0],
        times[0] + timedelta(days=1),
        None,
        "UTC",
        ("pricing",),
        grid_of(frame, ("pricing",)),
    )
    assert sentence(answer, ()) == "Not reported by the source: AI calls without cost basis, cost basis unknown."
