"""The frame around every chart: title, unit, note, freshness, menu, states and the same numbers as a table."""

from __future__ import annotations

from collections import Counter
from typing import Any, SupportsFloat

import pandas as pd
from dash import html
from dash.development.base_component import Component

from briefing.change_columns import has_parts
from layouts import ids
from layouts.charts import Chart
from layouts.charts.marks import decimals_of_answers
from layouts.charts.readable import unit_of
from layouts.formats import column_name, number_or, window_time
from layouts.markup import ChartPanel
from layouts.sources import collectors_of
from layouts.states import go, skeleton
from layouts.tables import dicts
from layouts.value_names import aggregate_name, name_of
from metricstore import nothing
from metricstore.assumptions import Assumed
from metricstore.catalogue.collected import COLLECTED
from metricstore.caveats import UNSURE
from metricstore.evaluation import Answer

MOST_ROWS = 500
ANNOTATIONS, EPISODES, GOALS = "annotations", "alert episodes", "goals"
"""Stand beside the measurements' names where revisions are told: charts over time show what was written, when alerts were open and
what goals are set, too."""


def panel(chart: Chart, assumed: Assumed) -> Component:
    """One chart as it stands on a page; `40-charts.js` fills its parts."""
    name = chart.id
    title = f"panel-title-{name}"
    content = html.Section(
        [
            html.Header(
                [
                    html.Div(
                        [
                            html.H2(chart.title, id=title, className="panel-title"),
                            html.Span(assumed.unit(unit_of(chart)), className="panel-unit"),
                            _provenance(chart),
                            html.Span(className="panel-stale"),
                        ],
                        className="panel-heading",
                    ),
                    _menu(chart),
                    html.P(chart.note, className="panel-note") if chart.note else None,
                ],
                className="panel-head",
            ),
            html.Div(
                [
                    html.Div(className="panel-graph", style={"height": chart.height}),
                    html.Div(skeleton(chart.height), className="panel-state", **{"data-part": "state"}),
                    html.Div(className="panel-table", style={"maxHeight": chart.height}, **{"data-part": "table"}),
                ],
                className="panel-body",
                style={"minHeight": chart.height},
            ),
            html.P(id=f"panel-summary-{name}", className="panel-summary sr-only"),
            html.P(className="panel-remark"),
            html.P(className="panel-clocks"),
        ],
        className="panel is-loading",
        style={"--columns": chart.width},
        **{"aria-labelledby": title, "data-chart": name, "data-metric": chart.metric, "data-part": "panel"},
    )  # fmt: skip
    return ChartPanel(id=ids.chart_answer(name), facts=_facts(chart), content=[content])


def _facts(chart: Chart) -> dict[str, Any]:
    """What the browser must know of it."""
    shown = [*chart.measurements, *([ANNOTATIONS, EPISODES, GOALS] if chart.every != "none" else [])]
    return {"chart": chart.id, "measurements": shown, "dimension": chart.click_dimension,
            "metric": chart.metric, "by": list(chart.by), "every": chart.every, "aggregate": chart.aggregate,
            "source": chart.declared.source.name, "collectors": list(collectors_of(chart.metrics))}  # fmt: skip


def _provenance(chart: Chart) -> Component | None:
    """Numbers that were not measured say so."""
    declared = chart.declared
    if declared.provenance == "measured":
        return None
    return html.Span(declared.provenance, className=f"badge {declared.provenance}", title=declared.formula)


def _menu(chart: Chart) -> Component:
    return html.Details(
        [
            html.Summary("⋯", className="icon-button", **{"aria-label": f"Menu of {chart.title}"}),
            html.Div(
                [
                    html.Button("Show as table", className="menu-item", type="button",
                                **{"data-turn": "table", "data-part": "mode"}),
                    html.Button("Show records", className="menu-item", type="button",
                                **go({"_records": chart.id, "_value": None, "_at": None})),
                    html.Button("What changed, and why", className="menu-item", type="button", **go({"_change": chart.metric}))
                    if chart.every != "none" and has_parts(chart.declared) else None,
                    html.A("Download or embed", href=f"/share/chart/{chart.id}", className="menu-item",
                           **{"data-share": "chart"}),
                    html.A("Alert on this", href=f"/alerts/new?metric={chart.metric}", className="menu-item alert-item",
                           **{"data-alert": chart.metric}),
                    html.Button("Copy link", className="menu-item", type="button", **{"data-copy": "link"}),
                    html.A("API: these numbers as JSON", className="menu-item api-link",
                           href=f"/api/v1/metrics/{chart.metric}", target="_blank", rel="noopener"),
                    _formula(chart),
                ],
                className="menu-panel end",
            ),
        ],
        className="menu panel-menu",
    )  # fmt: skip


def _formula(chart: Chart) -> Component:
    declared = chart.declared
    text = f"{declared.meaning}." + (f" Formula: {declared.formula}." if declared.formula else "")
    return html.P(text, className="menu-note")


def table_twin(chart: Chart, answers: list[Answer]) -> Component:
    """The picture's numbers as a real table; values are buttons that filter, windows lead to their records."""
    main = answers[0]
    timed = main.every is not None
    heads = (["Time"] if timed else []) + [column_name(column) for column in main.by]
    asked = Counter(answer.metric.name for answer in answers)
    for answer in answers:
        label = answer.metric.title if asked[answer.metric.name] == 1 else aggregate_name(answer.aggregate)
        heads += [f"{label} ({answer.metric.unit})"] + (["Before"] if "comparison" in answer.frame else [])
        heads += ["n"] if nothing.NUMBER in answer.frame else []
    frame = joined(answers)
    shown = frame.tail(MOST_ROWS)[::-1] if timed else frame.head(MOST_ROWS)  # what is newest or largest first
    decimals = [decimals_of_answers(answers, answer.metric.unit) for answer in answers]
    rows = [html.Tr(_cells(answers, row, decimals)) for row in dicts(shown)]
    caption = chart.title if len(frame) <= MOST_ROWS else f"{chart.title}: {MOST_ROWS} of {len(frame):,} rows"
    return html.Table(
        [
            html.Caption(caption),
            html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
            html.Tbody(rows),
        ],
        className="table compact",
    )


def joined(answers: list[Answer]) -> pd.DataFrame:
    keys = (["time"] if answers[0].every is not None else []) + list(answers[0].by)
    found: pd.DataFrame | None = None
    for place, answer in enumerate(answers):
        part = answer.frame.rename(
            columns={name: f"{name}{place}" for name in answer.frame if name not in ("time", *answer.by)}
        )
        if answer.every is None:
            part = part.drop(columns="time")
        found = part if found is None else _counted(_beside(found, part, keys), answers, place)
    assert found is not None
    for place, answer in enumerate(answers):
        if (column := f"{nothing.COLUMN}{place}") in found:
            found[column] = found[column].fillna(_untold(answer))
    return found.sort_values("time", kind="stable") if "time" in found else _by_value(found)


def _beside(left: pd.DataFrame, right: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    if not keys:
        return pd.concat([left.reset_index(drop=True), right.reset_index(drop=True)], axis=1)
    return left.merge(right, on=keys, how="outer", sort=False)


def _untold(answer: Answer) -> str:
    """Why a group that only others know has no value: its source tells nothing of it, or nothing happened."""
    return nothing.NOT_REPORTED if COLLECTED[answer.metric.source.name].partial else nothing.NO_RECORDS


def _counted(frame: pd.DataFrame, answers: list[Answer], place: int) -> pd.DataFrame:
    """A count that has no row for a group which one of the same records has is 0, unless nobody has collected them."""
    main, answer = answers[0].metric, answers[place]
    counts = answer.aggregate == "count" and answer.metric.per is None and answer.metric.model is None
    if not counts or answer.metric.source != main.source:
        return frame
    value, why = f"value{place}", f"{nothing.COLUMN}{place}"
    if why not in frame or f"{nothing.COLUMN}0" not in frame:
        return frame
    lacking = frame[why].isna()
    unknown = lacking & (frame[f"{nothing.COLUMN}0"] == nothing.NOT_COLLECTED)
    frame.loc[lacking & ~unknown, value] = 0.0
    frame.loc[lacking, why] = ""
    frame.loc[unknown, why] = nothing.NOT_COLLECTED
    return frame


def _by_value(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values("value0", ascending=False, kind="stable")


def _cells(answers: list[Answer], row: dict[str, object], decimals: list[int]) -> list[Component]:
    """One row; `decimals` by answer."""
    main = answers[0]
    cells = []
    if main.every is not None:
        cells.append(html.Td(window_time(row["time"], main.every, main.timezone), className="nowrap"))  # type: ignore[arg-type]
    for column in main.by:
        value = row[column]
        text = str(value) if isinstance(value, str) else ""
        cells.append(html.Td(html.Button(name_of(text, column), className="link", type="button", title=f"Filter by {text}",
                                         **{"data-filter": column, "data-value": text})))  # fmt: skip
    for place, answer in enumerate(answers):
        for kind in ("value", "comparison"):
            if f"{kind}{place}" in row:
                value = float(row[f"{kind}{place}"])  # type: ignore[arg-type]
                reason = row.get(f"{nothing.COLUMN if kind == 'value' else nothing.COMPARED}{place}")
                why = reason if isinstance(reason, str) else ""
                sign = bound_sign(answer, row.get(f"{UNSURE}{place}")) if kind == "value" else ""
                cells.append(_number(value, why, decimals[place], sign))
        if f"{nothing.NUMBER}{place}" in row:
            cells.append(_number(float(row[f"{nothing.NUMBER}{place}"]), "", 0))  # type: ignore[arg-type]
    return cells


def bound_sign(answer: Answer, unsure: object) -> str:
    """`≤ ` or `≥ ` before a row's number that is the most or the least it can be."""
    bound = answer.metric.bound
    if bound is None or not isinstance(unsure, SupportsFloat) or not float(unsure) > 0:
        return ""
    return "≥ " if bound.side == "lower" else "≤ "


def _number(value: float, why: str, decimals: int, sign: str = "") -> Component:
    """A number, else which kind of nothing stands in its place."""
    known = {"title": nothing.COMPARED_KINDS[why]} if why in nothing.COMPARED_KINDS else {}
    text = number_or(value, why, decimals)
    text = text if value != value else f"{sign}{text}"
    return html.Td(text, className="number nothing" if known else "number", **known)
