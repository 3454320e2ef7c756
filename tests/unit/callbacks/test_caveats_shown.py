"""What stands beside a number is said on every surface: tile, chart, table, API, file, embed, picture, terminal."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from flask import Flask

from callbacks.charts import answer_chart
from callbacks.tables import answer_table
from dashapp.api import encoding
from dashapp.api.emptiness import of_answer
from dashapp.cli import asking
from dashapp.downloads.formats import FORMATS
from dashapp.downloads.sources import Asked, chart_table, key_figures, metric_table, records_table
from layouts.charts.caveats import least_or_most
from layouts.pages import CHARTS
from layouts.tiles import tile
from metricstore.caveats import Bound
from metricstore.duck import DuckStore
from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.point import Point, nanoseconds
from metricstore.selection import Selection, settled_now
from questions.tiles import ask as ask_tile

MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
RANGE = {"start": (MIDNIGHT - timedelta(days=4)).isoformat(), "stop": MIDNIGHT.isoformat(), "every": "1d", "tz": "UTC"}
SELECTION = Selection.from_params(RANGE, Selection())
SAID = "2 of 3 judged by the log alone"


def at(days: float) -> int:
    return nanoseconds(MIDNIGHT + timedelta(days=days))


@pytest.fixture
def store(duck_store: DuckStore) -> DuckStore:
    """Posts and figures since five and a half days ago; two of the last three posts judged by the log alone."""

    def post(days: float, **fields: str) -> Point:
        return Point("generation", at(days), {"platform": "linkedin"}, {"duration_seconds": 2.0, **fields})

    figures = [Point("engagement", at(-days), {"platform": "linkedin", "provenance": "imported", "grain": "post"},
                     {"row_id": f"r{days}", "topic": "t", "likes": 3, "conflicting_rows": number})
               for days, number in ((5, 0), (3, 2), (2, 1))]  # fmt: skip
    runs = [Point("collector_run", at(-0.1), {"collector": name, "outcome": "ok"}, {"records": 1})
            for name in ("app_log", "engagement")]  # fmt: skip
    posts = [post(-5.5, outcome="ok", content_outcome="ok"), post(-3, outcome="ok"), post(-2, outcome="failed"),
             post(-1, outcome="ok", content_outcome="ok")]  # fmt: skip
    duck_store.write([*figures, *posts, *runs])
    return duck_store


@pytest.fixture
def app(store: DuckStore) -> Iterator[Flask]:
    found = Flask("caveats")
    found.extensions["metricstore"] = store
    with found.test_request_context("/"):
        yield found


def drawn(chart: str, mode: str = "picture", **words: str) -> dict[str, Any]:
    return answer_chart({**RANGE, **words}, mode, "light", {"chart": chart})


def as_csv(table: Any) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(b"".join(FORMATS["csv"].stream(table))))


def test_an_upper_bound_reads_like_one_everywhere(
    app: Flask, store: DuckStore, capsys: pytest.CaptureFixture[str]
) -> None:
    rate = metric("generation_success_rate")
    shown = tile(ask_tile(store, rate, SELECTION, settled_now()), "light", "")
    assert "≤ 66.7" in str(shown)
    assert SAID in str(shown)
    assert f"At most this: {SAID}." in drawn("generation_success_trend")["remark"]
    assert "≤ 100.0" in str(drawn("generation_success_trend", "table")["table"])
    answer = evaluate(store, rate, SELECTION)
    document = encoding.answer(answer, None)
    assert document["bound"] == {
        "side": "upper",
        "records": 2,
        "of": 3,
        "metric": "generations_judged_by_log",
        "reason": SAID,
    }
    assert [row.get("bound") for row in document["data"]] == [None, "upper", "upper", None]  # type: ignore[attr-defined]
    table = metric_table(store, answer, SELECTION, settled_now(), "")
    assert SAID in table.facts.remark
    assert as_csv(table)["generation_success_rate_bound"].fillna("").tolist() == ["", "upper", "upper", ""]
    chart = chart_table(store, CHARTS["generation_success_trend"], SELECTION, settled_now())
    assert SAID in chart.facts.remark
    asking._print_table({**json.loads(encoding.dumps(document)), "empty": None})
    printed = capsys.readouterr().out
    assert "≤ 100" in printed
    assert f"at most: {SAID}" in printed


def test_what_a_sum_lacks_is_said_of_one_and_of_many() -> None:
    said = [least_or_most(Bound("lower", count, None, metric("ai_unpriced_calls"))) for count in (44, 1)]
    assert said == [
        "The real figure is higher: 44 AI calls without a known price are left out.",
        "The real figure is higher: 1 AI call without a known price is left out.",
    ]
    assert least_or_most(Bound("lower", 1, None, metric("ai_billed_unknown"))) == (
        "The real figure is higher: 1 billed line without an amount in USD is left out."
    )


def test_rows_that_are_not_counted_are_said_everywhere(app: Flask, store: DuckStore) -> None:
    said = "3 rows contradict others about the same post and are not counted"
    shown = ask_tile(store, metric("likes"), SELECTION, settled_now())
    assert said in str(tile(shown, "light", ""))
    assert f"{said}." in drawn("reactions_per_platform")["remark"]
    assert f"{said}." in chart_table(store, CHARTS["reactions_per_platform"], SELECTION, settled_now()).facts.remark
    answer = evaluate(store, metric("likes"), SELECTION)
    assert encoding.answer(answer, None)["conflicting_rows"] == 3
    table = metric_table(store, answer, SELECTION, settled_now(), "")
    assert said in table.facts.remark
    assert as_csv(table)["likes_rows_not_counted"].tolist() == [0, 2, 1, 0]
    figures = as_csv(key_figures(store, "engagement", SELECTION, settled_now())).set_index("metric")
    assert said in figures.loc["likes", "remark"]


def test_a_comparison_with_what_was_not_collected_is_said_everywhere(app: Flask, store: DuckStore) -> None:
    compared = replace(SELECTION, compare="previous")
    shown = ask_tile(store, metric("generations"), compared, settled_now())
    first = f"{MIDNIGHT - timedelta(days=5.5):%Y-%m-%d}"
    text = str(tile(shown, "light", "before"))
    assert f"before: only partly collected, known from {first}" in text
    assert "▲" not in text
    answer = drawn("generations_by_outcome", compare="previous")
    assert "Before: not collected: 2 of 4 windows, only partly collected: 1 of 4 windows." in answer["remark"]
    before = [trace for trace in answer["figure"]["data"] if trace["name"] == "before"]
    assert [value for trace in before for value in trace["y"]] in ([], [None, None, None, 0.0])
    twin = str(drawn("generations_by_outcome", "table", compare="previous")["table"])
    assert "only a part of the time compared with was collected" in twin
    data = encoding.answer(evaluate(store, metric("generations"), compared), "previous")["data"]
    assert [(row["comparison"], row.get("comparison_why")) for row in json.loads(encoding.dumps(data))] == [
        (None, "not collected"), (None, "not collected"), (None, "partly collected"), (0.0, None),
    ]  # fmt: skip
    table = chart_table(store, CHARTS["generation_duration_trend"], compared, settled_now())
    column = next(name for name in as_csv(table) if name.endswith("_before_missing"))
    assert "not collected" in as_csv(table)[column].tolist()


def test_nothing_at_all_names_its_cause_everywhere(app: Flask, store: DuckStore) -> None:
    words = {"platform": "instagram"}
    state = str(drawn("generation_duration_trend", **words)["message"])
    assert "The filters leave no finished posts and threads: without “Platform: Instagram” some are left." in state
    assert '"platform": null' in state
    filtered = replace(SELECTION, where={"platform": ("instagram",)})
    answer = evaluate(store, metric("generation_times"), filtered)
    empty = of_answer(store, answer, metric("generation_times"), filtered, settled_now())
    assert empty is not None
    assert (empty["cause"], empty["filters"]) == ("filtered", ["platform"])
    assert "Instagram" in ask_tile(store, metric("generation_times"), filtered, settled_now()).missing
    assert "Instagram" in chart_table(store, CHARTS["generation_duration_trend"], filtered, settled_now()).facts.remark
    asked = Asked("generation", ("time", "outcome"), "time", True)
    records = records_table(store, asked, filtered, settled_now(), title="t", name="n")
    assert "Instagram" in b"".join(FORMATS["json"].stream(records)).decode()
    state = {"sort": "time", "descending": True, "page": 0, "words": {}}
    body = answer_table({**RANGE, **words}, state, {"measurement": "generation", "columns": ["time", "outcome"]})[0]
    assert "Instagram" in str(body)


def test_why_nothing_is_there_is_not_asked_where_something_is(store: DuckStore) -> None:
    answer = evaluate(store, metric("generations"), SELECTION)
    assert of_answer(store, answer, metric("generations"), SELECTION, settled_now()) is None
