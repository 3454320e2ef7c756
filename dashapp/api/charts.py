"""`/charts`: what pages draw, and from what."""

from __future__ import annotations

from flask import Response

from callbacks.charts import ask
from dashapp.api import encoding
from dashapp.api.asking import defaults, store
from dashapp.api.conditional import answer_if_changed, plain
from dashapp.api.endpoints import START, STOP, TZ, Endpoint, endpoint, params
from dashapp.api.metrics import ASSUME, BAD, COMPARE, EVERY
from dashapp.api.parameters import RANGE, refuse_strange
from dashapp.api.problems import not_found
from layouts.charts import CHARTS, Chart
from layouts.panel import measurements_of
from metricstore.errors import InvalidQuestion
from metricstore.selection import Selection, settled_now


@endpoint(Endpoint("/charts", "All charts of the pages", "`{data: [{id, title, page, metric, by, every, agg, also, note}]}`",
                   example="/api/v1/charts"))  # fmt: skip
def charts() -> Response:
    return plain({"data": [_described(chart) for chart in CHARTS.values()]})


@endpoint(Endpoint(
    "/charts/<name>", "What a chart is drawn from",
    "as `/metrics/<name>` with the chart's own columns and window, `chart`, and under `also` the answers to its "
    "further questions by their names",
    (START, STOP, EVERY, TZ, COMPARE, ASSUME), filters=True, errors=BAD,
    example="/api/v1/charts/generation_duration_trend?start=-7d&platform=linkedin",
))  # fmt: skip
def chart_answer(name: str) -> Response:
    if name not in CHARTS:
        raise not_found("chart", name, tuple(CHARTS))
    chart = CHARTS[name]
    asked = params()
    for key in ("by", "agg"):
        if key in asked:
            raise InvalidQuestion(key, "is the chart's own; ask its metric instead")
    selection = Selection.from_params(asked, defaults())
    refuse_strange(selection.where, chart.declared, (*RANGE, "every", "compare", "assume"))
    now = settled_now()
    seen = store()

    def make() -> object:
        answers = ask(seen, chart, selection, now)
        told = {word: encoding.answer(found, selection.compare) for word, found in answers.items()}
        return {"chart": chart.id, **told.pop(""), "also": told}

    return answer_if_changed(seen, measurements_of(chart), (*selection.range(now), selection.assume), make)


def _described(chart: Chart) -> dict[str, object]:
    return {
        "id": chart.id,
        "title": chart.title,
        "page": chart.page,
        "metric": chart.metric,
        "by": list(chart.by),
        "every": chart.every,
        "agg": chart.aggregate or chart.declared.measure.aggregate,
        "also": list(chart.also),
        "note": chart.note or None,
    }
