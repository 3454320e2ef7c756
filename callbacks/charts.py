"""One callback draws every chart: selection -> question -> figure. The browser decides which answer is still wanted."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks import asking
from callbacks.asking import alerted, annotated, annotations_revision, explain, known_revisions, read_selection, store
from callbacks.lasting import lasting
from callbacks.remarks import remarks
from layouts import ids
from layouts.charts import Chart, ChartData, Theme
from layouts.charts.figures import stacked_bars
from layouts.charts.goals import applying
from layouts.charts.marks import is_empty
from layouts.charts.readable import figure_of
from layouts.charts.summary import summary
from layouts.formats import inside
from layouts.pages import CHARTS
from layouts.panel import asked_of, measurements_of, table_twin
from layouts.states import empty, failed, unset_assumptions
from metricstore.emptiness import of_metric
from metricstore.evaluation import Answer, evaluate
from metricstore.foreseen import ask_ahead, of_remarks, of_values
from metricstore.goal import Goal
from metricstore.metrics import Metric, metric
from metricstore.query import Query
from metricstore.selection import Selection, settled_now
from metricstore.store import Store
from metricstore.windows import zone


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
        told["revision"] = known_revisions(source, measurements_of(chart)) | (
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
    answers = ask(source, chart, selection, moment)
    main = next(iter(answers.values()))
    if all(is_empty(answer) for answer in answers.values()):
        about["remark"] = remarks(source, chart, selection, moment, None)
        return about | {"status": "empty", "message": _why_empty(source, chart, selection, moment)}
    also = {key: answer for key, answer in answers.items() if key}
    written = annotated(selection, main.start, main.stop) if main.every is not None else ()
    metrics = [one.name for one in asked_of(chart)]
    alerts = alerted(metrics, selection, main.start, main.stop) if main.every is not None else ()
    data = ChartData(
        main, also, selection, theme, written, alerts, goals_on(chart, main, selection, asking.goals()), moment
    )
    figure = figure_of(chart, data)
    about["remark"] = remarks(source, chart, selection, moment, data, figure)
    found = about | {"status": "ok", "figure": figure.to_plotly_json(), "summary": summary(data)}
    if mode == "table":
        found["table"] = table_twin(chart, list(answers.values()))
    return found


def unset_of(chart: Chart, selection: Selection) -> list[str]:
    """Assumptions of the chart's metrics that nobody has set, by their titles: until then it shows nothing."""
    return selection.assume.unset(dict.fromkeys(name for one in asked_of(chart) for name in one.assumptions))


def goals_on(chart: Chart, answer: Answer, selection: Selection, goals: Sequence[Goal]) -> tuple[Goal, ...]:
    """Goals that the chart's marks can be measured by: bars that are stacked show the whole, lines side by side do not."""
    fitting = [one for one in goals if one.metric == chart.metric and one.fits(selection)]
    return applying(fitting, answer, whole=not chart.by or chart.draw is stacked_bars)


def as_asked(chart: Chart, selection: Selection) -> Selection:
    """The selection with the window, the range and the zone that the chart has of its own."""
    if chart.timezone:
        selection = replace(selection, timezone=chart.timezone)
    if chart.since:
        selection = replace(selection, start=chart.since, stop="now")
    if chart.ahead and selection.stop == "now":
        selection = replace(selection, stop=chart.ahead)
    if chart.every == "selection":
        return selection
    return replace(selection, every=chart.every, compare=selection.compare if chart.every == "none" else None)


def chart_data_of(answers: Mapping[str, Answer], selection: Selection) -> ChartData | None:
    """What words about the chart are made of; None where there is nothing to say anything of."""
    if all(is_empty(answer) for answer in answers.values()):
        return None
    return ChartData(answers[""], {key: answer for key, answer in answers.items() if key}, selection, "light")


def ask(source: Store, chart: Chart, selection: Selection, now: datetime | None = None) -> dict[str, Answer]:
    """The chart's main answer under "" and those of `also` under their own words, all at one moment."""
    moment = now or settled_now()
    parts = list(_asked(chart, selection))
    ask_ahead(source, [lambda: _foreseen(chart, selection, parts, moment)])
    return {word: evaluate(source, declared, wanted, by=chart.by, aggregate=aggregate, now=moment)
            for word, declared, aggregate, wanted in parts}  # fmt: skip


_Part = tuple[str, Metric, str | None, Selection]


def _asked(chart: Chart, selection: Selection) -> Iterator[_Part]:
    """(word, metric, aggregate, selection) of the main question and those beside it."""
    wanted = as_asked(chart, selection)
    yield "", chart.declared, chart.aggregate, wanted
    # What the main question is not filtered by must not filter what stands beside it.
    known = {column: words for column, words in wanted.where.items() if column in _known(chart)}
    for word in chart.also:
        name, _, aggregate = word.partition(":")
        yield word, metric(name), aggregate or None, replace(wanted, where=known)


def _foreseen(chart: Chart, selection: Selection, parts: list[_Part], now: datetime) -> list[Query]:
    found = of_remarks(chart.declared, selection, now)
    for _, declared, aggregate, wanted in parts:
        found += of_values(declared, wanted, chart.by, aggregate, now)
    return found


def _known(chart: Chart) -> tuple[str, ...]:
    """Columns the chart can be filtered by: its measurement's own, and the clock's."""
    return chart.declared.filterable


def named(declared: Metric) -> tuple[str, str]:
    """(its records as they are called within a sentence, the figure that is wanted of them, "" for their number)."""
    counted = declared.counts and declared.measure.where
    what = declared.title if counted else declared.source.title
    return inside(what), "" if declared.counts else inside(declared.title)


def _why_empty(source: Store, chart: Chart, selection: Selection, now: datetime) -> Any:
    what, figure = named(chart.declared)
    cause = of_metric(source, chart.declared, as_asked(chart, selection), now)
    return empty(cause, what, selection, figure)


def api_link(chart: Chart, selection: Selection) -> str:
    """The same numbers from the REST API, whose defaults need not be the pages': range and zone are always named."""
    known = _known(chart)
    own = replace(as_asked(chart, selection), where={k: v for k, v in selection.where.items() if k in known})
    own = replace(own, compare=selection.compare)
    params: Mapping[str, str] = {"start": own.start, "stop": own.stop, "tz": own.timezone, **own.params()}
    params = {**params, "every": own.every}
    if chart.by:
        params = {**params, "by": ",".join(chart.by)}
    if chart.aggregate:
        params = {**params, "agg": chart.aggregate}
    return f"/api/v1/metrics/{chart.metric}?{urlencode(params)}"


def register(app: Dash) -> None:
    app.callback(
        Output(ids.chart_answer(MATCH), "data"),
        Input(ids.chart_wanted(MATCH), "data"),
        State(ids.chart_answer(MATCH), "id"),
        prevent_initial_call=True,
    )(answer_wanted)
    app.clientside_callback(  # the browser decides when it is the chart's turn
        ClientsideFunction("board", "wantChart"),
        Output(ids.chart_wanted(MATCH), "data"),
        Input(ids.SELECTION, "data"),
        Input(ids.chart_tick(MATCH), "data"),
        Input(ids.chart_mode(MATCH), "data"),
        Input(ids.THEME, "data"),
        State(ids.chart_facts(MATCH), "data"),
    )
    app.clientside_callback(
        ClientsideFunction("board", "drawChart"),
        Output(ids.chart_graph(MATCH), "figure"),
        Output(ids.chart_panel(MATCH), "className"),
        Output(ids.chart_state(MATCH), "children"),
        Output(ids.chart_table(MATCH), "children"),
        Output(ids.chart_remark(MATCH), "children"),
        Output(ids.chart_api_link(MATCH), "href"),
        Input(ids.chart_answer(MATCH), "data"),
        State(ids.chart_facts(MATCH), "data"),
        State(ids.SELECTION, "data"),
        State(ids.chart_mode(MATCH), "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("board", "tick"),
        Output(ids.chart_tick(MATCH), "data"),
        Input(ids.REVISIONS, "data"),
        State(ids.chart_answer(MATCH), "data"),
        State(ids.chart_facts(MATCH), "data"),
        State(ids.chart_tick(MATCH), "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("board", "toggleMode"),
        Output(ids.chart_mode(MATCH), "data"),
        Output(ids.chart_mode_button(MATCH), "children"),
        Input(ids.chart_mode_button(MATCH), "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("board", "staleness"),
        Output(ids.chart_stale(ALL), "children"),
        Input(ids.FRESHNESS, "data"),
        State(ids.chart_facts(ALL), "data"),
    )
