"""One callback draws every chart: selection -> question -> figure. The browser decides which answer is still wanted."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from dash import MATCH, ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.failures import explain
from layouts import ids
from layouts.charts import Chart, ChartData, Theme
from layouts.charts.readable import figure_of
from layouts.charts.summary import summary
from layouts.pages import CHARTS
from layouts.panel import table_twin
from layouts.states import empty, failed, unset_assumptions
from metricstore.emptiness import of_metric
from metricstore.selection import Selection, settled_now
from metricstore.store import Store
from metricstore.windows import zone
from questions.api_links import api_link
from questions.captions import caption
from questions.charts import as_asked, ask_chart, goals_on, named, unset_of
from questions.known_values import known_values
from questions.revisions import known_revisions
from viewer.last_answers import lasting
from viewer.request_context import alerted, annotated, annotations_revision, goals, read_selection, store


def answer_wanted(wanted: dict[str, Any] | None, chart_id: dict[str, str]) -> dict[str, Any]:
    if wanted is None:
        raise PreventUpdate
    return answer_chart(wanted["words"], wanted["mode"], wanted["theme"], chart_id)


def answer_chart(words: dict[str, str], mode: str, theme: Theme, chart_id: dict[str, str]) -> dict[str, Any]:
    """The chart's answer to the query string's words: `status` ok, empty or failed, and what goes with it.

    `asked` and `at` let the browser drop an answer that was overtaken by a newer one; `drawn` is its clock's text.
    """
    chart = CHARTS[chart_id["chart"]]
    told: dict[str, Any] = {"chart": chart.id, "asked": words, "mode": mode, "theme": theme, "at": time.time()}
    try:
        source = store()
        # Before the question: what is written while it is answered makes the chart be asked again.
        told["revision"] = known_revisions(source, chart.measurements) | (
            annotations_revision() if chart.every != "none" else {}
        )
        found = lasting(
            (chart.id, mode, theme), words, lambda: _drawn(source, chart, read_selection(words), mode, theme)
        )
        told |= found.answer
        if found.older:
            told["remark"] = f"{found.older}. {told['remark']}"
        return told
    except Exception as error:  # one chart that fails never takes the page with it
        sentence, error_id = explain(error, f"chart {chart.id}")
        return told | {"status": "failed", "sentence": sentence, "message": failed(sentence, error_id),
                       "error_id": error_id}  # fmt: skip


def _drawn(source: Store, chart: Chart, selection: Selection, mode: str, theme: Theme) -> dict[str, Any]:
    moment = settled_now()
    drawn = f"{datetime.now(zone(selection.timezone)):%H:%M:%S}"
    about: dict[str, Any] = {"api": api_link(chart, selection), "drawn": drawn}
    unset = unset_of(chart, selection)
    if unset:
        return about | {"status": "empty", "message": unset_assumptions(unset), "remark": ""}
    found = ask_chart(source, chart, selection, moment)
    main = found.main
    if found.is_empty:
        about["remark"] = caption(chart, selection, None, found.left_out)
        return about | {"status": "empty", "message": _why_empty(source, chart, selection, moment)}
    written = annotated(selection, main.start, main.stop) if main.every is not None else ()
    metrics = [one.name for one in chart.metrics]
    alerts = alerted(metrics, selection, main.start, main.stop) if main.every is not None else ()
    data = ChartData(
        main,
        found.also,
        selection,
        theme,
        written,
        alerts,
        goals_on(chart, main, selection, goals()),
        moment,
        known_values(source, chart, main),
    )
    figure = figure_of(chart, data)
    about["remark"] = caption(chart, selection, data, found.left_out, figure)
    told = about | {"status": "ok", "figure": figure.to_plotly_json(), "summary": summary(data)}
    if mode == "table":
        told["table"] = table_twin(chart, list(found.answers.values()))
    return told


def _why_empty(source: Store, chart: Chart, selection: Selection, now: datetime) -> Any:
    what, figure = named(chart.declared)
    cause = of_metric(source, chart.declared, as_asked(chart, selection), now)
    return empty(cause, what, selection, figure, now)


def register(app: Dash) -> None:
    app.callback(
        Output(ids.chart_answer(MATCH), "data"),
        Input(ids.chart_answer(MATCH), "wanted"),
        State(ids.chart_answer(MATCH), "id"),
        prevent_initial_call=True,
    )(answer_wanted)
    # None of these names a panel: each that did would make Dash look through all of them.
    app.clientside_callback(  # the browser decides when it is a chart's turn
        ClientsideFunction("board", "wantCharts"),
        Input(ids.SELECTION, "data"),
        Input(ids.THEME, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("board", "chartsFreshness"),
        Input(ids.FRESHNESS, "data"),
    )
