"""`/metrics`: the catalogue of questions, and their answers."""

from __future__ import annotations

from flask import Response

from dashapp.api import encoding
from dashapp.api.asking import defaults, store
from dashapp.api.conditional import answer_if_changed, plain
from dashapp.api.endpoints import START, STOP, TZ, Endpoint, Parameter, endpoint, params
from dashapp.api.parameters import MetricRequest
from dashapp.api.problems import not_found
from metricstore.assumptions import ASSUMPTIONS
from metricstore.errors import InvalidQuestion
from metricstore.evaluation import evaluate
from metricstore.metrics import METRICS, Metric
from metricstore.selection import Selection, settled_now

EVERY = Parameter("every", "window: `1m`, `15m`, `1h`, `1d`, `1w`, `1mo`, `1q`, `1y`; `auto` chooses by the range; "
                  "`none` gives one value per group over the whole range", "`auto`")  # fmt: skip
BY = Parameter("by", "columns to group by, separated by commas: one value per window and group")
AGG = Parameter("agg", "another aggregate than the metric's own: `count`, `sum`, `mean`, `min`, `max`, `last`, "
                "`distinct`, `p50`, `p90`, `p95`, `p99`, `rate` (per hour), where the metric has it")  # fmt: skip
ASSUME = Parameter("assume", "assumptions of modelled metrics, as `hourly_rate:60,manual_minutes:30`; the others are "
                   "as set (`/assumptions`)")  # fmt: skip
COMPARE = Parameter(
    "compare", "`previous` or `year`: adds `comparison`, the same question one period or a year earlier"
)

MOST_ROWS = 500_000
"""Windows times groups: more would take the server's memory without being of use to a reader."""

BAD = ((400, "a bad or unknown parameter"), (404, "no such name"))


@endpoint(Endpoint("/metrics", "All metrics", "`{data: [{name, title, unit, meaning, measurement, agg, aggregates, "
                   "dimensions, good, decimals, formula, provenance, assumptions}]}`", example="/api/v1/metrics"))  # fmt: skip
def metrics() -> Response:
    assumed = defaults().assume
    return plain({"data": [encoding.describe(metric.under(assumed)) for metric in METRICS.values()]})


@endpoint(Endpoint("/assumptions", "What modelled metrics assume, and how much",
                   "`{data: [{name, title, unit, value, default, least, most, meaning, metrics}], assume}`; `value` is what counts here, "
                   "`metrics` who uses it, `assume` the parameter as it was understood",
                   (ASSUME,), errors=((400, "a bad assumption"),),
                   example="/api/v1/assumptions?assume=hourly_rate:60"))  # fmt: skip
def assumptions() -> Response:
    assumed = Selection.from_params(params(), defaults()).assume
    users = {name: [metric.name for metric in METRICS.values() if name in metric.assumptions] for name in ASSUMPTIONS}
    found = [
        {**encoding.assumption(one, assumed), "default": one.default, "least": one.least, "most": one.most,
         "meaning": one.meaning, "metrics": users[one.name]}
        for one in ASSUMPTIONS.values()
    ]  # fmt: skip
    return plain({"data": found, "assume": assumed.words()})


@endpoint(Endpoint(
    "/metrics/<name>", "The answer of a metric",
    "`{metric, title, unit, start, stop, every, timezone, agg, by, compare, formula, provenance, "
    "assumptions: [{name, title, value, unit}], data: [{time, value, <columns of by>, comparison?}]}`; `time` is the window's begin, a missing value is null",
    (START, STOP, EVERY, BY, AGG, TZ, COMPARE, ASSUME), filters=True, errors=BAD,
    example="/api/v1/metrics/generations?start=-7d&every=1d&by=platform&outcome=failed,partial&tz=Europe/Berlin",
))  # fmt: skip
def metric_answer(name: str) -> Response:
    if name not in METRICS:
        raise not_found("metric", name, tuple(METRICS))
    metric = METRICS[name]
    asked = MetricRequest.read(metric, params(), defaults())
    return _answered(metric, asked.selection, asked.by, asked.aggregate)


def _answered(metric: Metric, selection: Selection, by: tuple[str, ...], aggregate: str | None) -> Response:
    now = settled_now()
    seen = store()

    def make() -> object:
        found = evaluate(seen, metric, selection, by=by, aggregate=aggregate, now=now, strict=True)
        if len(found.frame) > MOST_ROWS:
            raise InvalidQuestion("every", f"the answer has {len(found.frame):,} rows, more than {MOST_ROWS:,}")
        return encoding.answer(found, selection.compare)

    return answer_if_changed(seen, metric.measurements, (*selection.range(now), selection.assume), make)
