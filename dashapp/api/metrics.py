"""`/metrics`: the catalogue of questions, and their answers."""

from __future__ import annotations

from flask import Response

from dashapp.api import encoding
from dashapp.api.asking import store
from dashapp.api.conditional import answer_if_changed, plain
from dashapp.api.endpoints import START, STOP, TZ, Endpoint, Parameter, endpoint, params
from dashapp.api.parameters import MetricRequest
from dashapp.api.problems import not_found
from metricstore.errors import InvalidQuestion
from metricstore.evaluation import evaluate
from metricstore.metrics import METRICS, Metric
from metricstore.selection import Selection, settled_now

EVERY = Parameter("every", "window: `1m`, `15m`, `1h`, `1d`, `1w`, `1mo`, `1q`, `1y`; `auto` chooses by the range; "
                  "`none` gives one value per group over the whole range", "`auto`")  # fmt: skip
BY = Parameter("by", "columns to group by, separated by commas: one value per window and group")
AGG = Parameter("agg", "another aggregate than the metric's own: `count`, `sum`, `mean`, `min`, `max`, `last`, "
                "`distinct`, `p50`, `p90`, `p95`, `p99`, `rate` (per hour), where the metric has it")  # fmt: skip
COMPARE = Parameter(
    "compare", "`previous` or `year`: adds `comparison`, the same question one period or a year earlier"
)

MOST_ROWS = 500_000
"""Windows times groups: more would take the server's memory without being of use to a reader."""

BAD = ((400, "a bad or unknown parameter"), (404, "no such name"))


@endpoint(Endpoint("/metrics", "All metrics", "`{data: [{name, title, unit, meaning, measurement, agg, aggregates, "
                   "dimensions, good, decimals, formula, provenance}]}`", example="/api/v1/metrics"))  # fmt: skip
def metrics() -> Response:
    return plain({"data": [encoding.describe(metric) for metric in METRICS.values()]})


@endpoint(Endpoint(
    "/metrics/<name>", "The answer of a metric",
    "`{metric, title, unit, start, stop, every, timezone, agg, by, compare, formula, provenance, "
    "data: [{time, value, <columns of by>, comparison?}]}`; `time` is the window's begin, a missing value is null",
    (START, STOP, EVERY, BY, AGG, TZ, COMPARE), filters=True, errors=BAD,
    example="/api/v1/metrics/generations?start=-7d&every=1d&by=platform&outcome=failed,partial&tz=Europe/Berlin",
))  # fmt: skip
def metric_answer(name: str) -> Response:
    if name not in METRICS:
        raise not_found("metric", name, tuple(METRICS))
    metric = METRICS[name]
    asked = MetricRequest.read(metric, params())
    return _answered(metric, asked.selection, asked.by, asked.aggregate)


def _answered(metric: Metric, selection: Selection, by: tuple[str, ...], aggregate: str | None) -> Response:
    now = settled_now()
    seen = store()
    sources = [measure.measurement for measure in (metric.measure, metric.per) if measure is not None]

    def make() -> object:
        found = evaluate(seen, metric, selection, by=by, aggregate=aggregate, now=now, strict=True)
        if len(found.frame) > MOST_ROWS:
            raise InvalidQuestion("every", f"the answer has {len(found.frame):,} rows, more than {MOST_ROWS:,}")
        return encoding.answer(found, selection.compare)

    return answer_if_changed(seen, sources, selection.range(now), make)
