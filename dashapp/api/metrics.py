"""`/metrics`: the catalogue of questions, and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from dashapp.api import encoding
from dashapp.api.asking import defaults, store
from dashapp.api.conditional import answer_if_changed, known_windows, plain
from dashapp.api.endpoints import START, STOP, TZ, Endpoint, Parameter, endpoint, params
from dashapp.api.formats import MIMETYPES, OTHERS
from dashapp.api.parameters import MetricRequest
from dashapp.api.problems import not_found
from dashapp.api.schemas import (
    NUMBER,
    TEXT,
    TEXTS,
    WHEN,
    WHOLE,
    Schema,
    data_of,
    listed,
    matching,
    maybe,
    one_of,
    record,
    some,
)
from metricstore.assumptions import ASSUMPTIONS
from metricstore.errors import InvalidQuestion
from metricstore.evaluation import Answer, evaluate
from metricstore.lower_bounds import missing_from
from metricstore.metrics import METRICS, Metric
from metricstore.nothing import KINDS
from metricstore.query import AGGREGATES
from metricstore.selection import Selection, settled_now

if TYPE_CHECKING:
    from dashapp.downloads.table import Table

_DIMENSIONS = sorted({name for metric in METRICS.values() for name in metric.dimensions})
_NAMES = "|".join(ASSUMPTIONS)
_ONE_ASSUMED = rf"^({_NAMES}):[1-9][0-9]?(,({_NAMES}):[1-9][0-9]?)*$"
EVERY = Parameter("every", "window: `1m`, `15m`, `1h`, `1d`, `1w`, `1mo`, `1q`, `1y`; `auto` chooses by the range; "
                  "`none` gives one value per group over the whole range", "`auto`",
                  one_of(("auto", "none", "1m", "5m", "15m", "30m", "1h", "6h", "12h", "1d", "1w", "1mo", "1q", "1y")))  # fmt: skip
BY = Parameter(
    "by", "columns to group by, separated by commas: one value per window and group", schema=listed(_DIMENSIONS)
)
AGG = Parameter("agg", "another aggregate than the metric's own: `count`, `sum`, `mean`, `min`, `max`, `last`, "
                "`distinct`, `p50`, `p90`, `p95`, `p99`, `rate` (per hour), `per_day` (per day of the zone's calendar), where the metric has it",
                schema=one_of(AGGREGATES))  # fmt: skip
ASSUME = Parameter("assume", "assumptions of modelled metrics, as `hourly_rate:60,manual_minutes:30`; the others are "
                   "as set (`/assumptions`)", schema=matching(_ONE_ASSUMED, "hourly_rate:60"))  # fmt: skip
COMPARE = Parameter(
    "compare",
    "`previous` or `year`: adds `comparison`, the same question one period or a year earlier",
    schema=one_of(("previous", "year")),
)

MOST_ROWS = 500_000
"""Windows times groups: more would take the server's memory without being of use to a reader."""

BAD = ((400, "a bad or unknown parameter"), (403, "the account may not see it"), (404, "no such name"),
       (406, "none of the accepted formats"))  # fmt: skip
FORMAT = Parameter("format", "`json`, `csv`, `ndjson`, `arrow` (IPC stream) or `parquet`; goes before `Accept`", "`json`",
                   one_of(MIMETYPES))  # fmt: skip
_ASSUMED = some(record(name=TEXT, title=TEXT, value=NUMBER, unit=TEXT))
ROW: Schema = {"type": "object", "properties": {"time": maybe(TEXT), "value": maybe(NUMBER), "comparison": maybe(NUMBER),
                                         "why": one_of(KINDS), "n": WHOLE},
               "required": ["time", "value"]}  # fmt: skip
ANSWER = record(metric=TEXT, title=TEXT, unit=TEXT, start=WHEN, stop=WHEN, every=TEXT, timezone=TEXT, agg=TEXT, by=TEXTS,
                compare=maybe(TEXT), formula=maybe(TEXT), provenance=TEXT, assumptions=_ASSUMED, data=some(ROW), missing=WHOLE)  # fmt: skip


@endpoint(Endpoint("/metrics", "All metrics", "`{data: [{name, title, unit, meaning, measurement, agg, aggregates, "
                   "dimensions, good, decimals, formula, provenance, assumptions}]}`", example="/api/v1/metrics",
                   schema=data_of(name=TEXT, title=TEXT, unit=TEXT, meaning=TEXT, measurement=TEXT, agg=TEXT, aggregates=TEXTS,
                                  dimensions=TEXTS, good=TEXT, decimals=WHOLE, formula=maybe(TEXT), provenance=TEXT,
                                  assumptions=TEXTS)))  # fmt: skip
def metrics() -> Response:
    assumed = defaults().assume
    return plain({"data": [encoding.describe(metric.under(assumed)) for metric in METRICS.values()]})


@endpoint(Endpoint("/assumptions", "What modelled metrics assume, and how much",
                   "`{data: [{name, title, unit, value, default, least, most, meaning, metrics}], assume}`; `value` is what counts here, "
                   "`metrics` who uses it, `assume` the parameter as it was understood",
                   (ASSUME,), errors=((400, "a bad assumption"),),
                   example="/api/v1/assumptions?assume=hourly_rate:60",
                   schema=record(data=some(record(name=TEXT, title=TEXT, unit=TEXT, value=NUMBER, default=NUMBER, least=NUMBER,
                                                  most=NUMBER, meaning=TEXT, metrics=TEXTS)), assume=TEXT)))  # fmt: skip
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
    "assumptions: [{name, title, value, unit}], data: [{time, value, <columns of by>, comparison?, why?, n?}], missing}`; `missing`: how much a sum lacks, which then is the least it can be; `time` is the window's begin; a missing value is null, and `why` says which kind "
    "of nothing it is: " + ", ".join(f"`{kind}`" for kind in KINDS),
    (START, STOP, EVERY, BY, AGG, TZ, COMPARE, ASSUME, FORMAT), filters=True, errors=BAD, places={"name": one_of(METRICS)},
    schema=ANSWER, formats=OTHERS,
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

    def found() -> Answer:
        answer = evaluate(seen, metric, selection, by=by, aggregate=aggregate, now=now, strict=True)
        if len(answer.frame) > MOST_ROWS:
            raise InvalidQuestion("every", f"the answer has {len(answer.frame):,} rows, more than {MOST_ROWS:,}")
        return answer

    def document() -> object:
        missing = missing_from(seen, metric, selection, now)
        return {**encoding.answer(found(), selection.compare), "missing": missing}

    def table() -> Table:
        from dashapp.downloads.sources import metric_table

        return metric_table(seen, found(), selection, now, request.full_path)

    return answer_if_changed(
        seen, metric.measurements, (*selection.range(now), selection.assume, *known_windows(seen, [metric], selection, now)),
        document, table,
    )  # fmt: skip
