"""`/charts`: what pages draw, and from what."""

from __future__ import annotations

from flask import Response

from dashapp.addresses import public_url
from dashapp.api import encoding
from dashapp.api.asking import defaults, store
from dashapp.api.closed_sets import AGGREGATE, CHART, DIMENSION, METRIC, PAGE
from dashapp.api.conditional import answer_if_changed, known_windows, plain
from dashapp.api.emptiness import of_answer
from dashapp.api.endpoints import START, STOP, TZ, Endpoint, endpoint, params
from dashapp.api.formats import OTHERS
from dashapp.api.metrics import ANSWER, ASSUME, BAD, COMPARE, EVERY, PART, WRITTEN
from dashapp.api.parameters import RANGE, refuse_strange
from dashapp.api.problems import not_found
from dashapp.api.schemas import TEXT, TEXTS, data_of, maybe, record, some
from dashapp.downloads.sources import chart_table
from dashapp.downloads.table import Table
from layouts.charts import Chart
from layouts.pages import CHARTS
from metricstore import vocabulary
from metricstore.errors import InvalidQuestion
from metricstore.selection import settled_now
from questions.captions import caption
from questions.charts import as_asked, ask_chart


@endpoint(Endpoint("/charts", "All charts of the pages", "`{data: [{id, title, page, metric, by, every, agg, also, note}]}`",
                   example="/api/v1/charts",
                   schema=data_of(record("Chart", id=CHART, title=TEXT, page=PAGE, metric=METRIC, by=some(DIMENSION), every=TEXT,
                                         agg=AGGREGATE, also=TEXTS, note=maybe(TEXT)))))  # fmt: skip
def charts() -> Response:
    return plain({"data": [_described(chart) for chart in CHARTS.values()]})


_ALSO = {"type": "object", "additionalProperties": PART}
_ANSWER = record("ChartAnswer", chart=CHART, **ANSWER["properties"], also=_ALSO, remark=TEXT)


@endpoint(Endpoint(
    "/charts/<name>/data", "What a chart is drawn from, by the words of its page's address",
    "as `/charts/<name>`", (START, STOP, EVERY, TZ, COMPARE, ASSUME, *WRITTEN), filters=True, errors=BAD,
    places={"name": CHART}, schema=_ANSWER, formats=OTHERS,
    example="/api/v1/charts/posts_by_status/data?start=-30d&format=csv",
))  # fmt: skip
def chart_data(name: str) -> Response:
    return _answered(name)


@endpoint(Endpoint(
    "/charts/<name>", "What a chart is drawn from",
    "as `/metrics/<name>` with the chart's own columns and window, `chart`, in `remark` what is said under it, and under `also` the answers to its "
    "further questions by their names",
    (START, STOP, EVERY, TZ, COMPARE, ASSUME, *WRITTEN), filters=True, errors=BAD, places={"name": CHART},
    schema=_ANSWER, formats=OTHERS, example="/api/v1/charts/generation_duration_trend?start=-7d&platform=linkedin",
))  # fmt: skip
def chart_answer(name: str) -> Response:
    return _answered(name)


def _answered(name: str) -> Response:
    if name not in CHARTS:
        raise not_found("chart", name, tuple(CHARTS))
    chart = CHARTS[name]
    asked = params()
    for key in ("by", "agg"):
        if key in asked:
            raise InvalidQuestion(key, "is the chart's own; ask its metric instead")
    refuse_strange(asked, chart.declared, (*RANGE, "every", "compare", "assume"))
    now, seen = settled_now(), store()
    selection = vocabulary.asked(asked, store, defaults())

    def make() -> object:
        asked = ask_chart(seen, chart, selection, now)
        told = {word: encoding.answer(found, selection.compare) for word, found in asked.answers.items()}
        drawn = asked.data(selection)
        said = "" if drawn is None else caption(chart, selection, drawn, asked.left_out)
        wanted = as_asked(chart, selection)
        empty = of_answer(seen, asked.main, chart.declared, wanted, now) if drawn is None else None
        return {"chart": chart.id, **told.pop(""), "also": told, "remark": said, "empty": empty}

    def table() -> Table:
        return chart_table(seen, chart, selection, now, public_url())

    wanted = as_asked(chart, selection)
    collected = known_windows(seen, [chart.declared], wanted, now)
    question = (*wanted.range(now), selection.assume, *collected)
    return answer_if_changed(seen, chart.measurements, question, make, table)


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
