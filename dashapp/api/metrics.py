"""`/metrics`: the catalogue of questions, and their answers."""

from __future__ import annotations

from flask import Response, request

from dashapp.api import encoding
from dashapp.api.asking import defaults, store
from dashapp.api.closed_sets import (
    AGGREGATE,
    BOUND_SIDE,
    COMPARISON,
    COMPARISON_MISSING_REASON,
    DIMENSION,
    GOOD,
    MEASUREMENT,
    METRIC,
    MISSING_REASON,
    PROVENANCE,
    TRUTH_WORD,
    WINDOW,
)
from dashapp.api.closed_sets import FORMAT as FORMAT_NAME
from dashapp.api.closed_sets import PROOF as PROOF_CHOICE
from dashapp.api.conditional import answer_if_changed, known_windows, plain
from dashapp.api.emptiness import EMPTY, of_answer
from dashapp.api.endpoints import START, STOP, TZ, Endpoint, Parameter, endpoint, params
from dashapp.api.formats import OTHERS
from dashapp.api.parameters import MetricRequest
from dashapp.api.problems import not_found
from dashapp.api.schemas import (
    NUMBER,
    TEXT,
    TEXTS,
    TRUTH,
    WHEN,
    WHOLE,
    data_of,
    listed,
    matching,
    maybe,
    named,
    record,
    some,
)
from dashapp.downloads.sources import metric_table
from dashapp.downloads.table import Table
from metricstore.assumptions import ASSUMPTIONS
from metricstore.errors import InvalidQuestion
from metricstore.evaluation import Answer, evaluate
from metricstore.metrics import METRICS, Metric
from metricstore.nothing import COMPARED_KINDS, KINDS
from metricstore.selection import Selection, settled_now

_NAMES = "|".join(ASSUMPTIONS)
_ONE_ASSUMED = rf"^({_NAMES}):[1-9][0-9]?(,({_NAMES}):[1-9][0-9]?)*$"
EVERY = Parameter("every", "window: `1m`, `15m`, `1h`, `1d`, `1w`, `1mo`, `1q`, `1y`; `auto` chooses by the range; "
                  "`none` gives one value per group over the whole range", "`auto`",
                  WINDOW)  # fmt: skip
BY = Parameter(
    "by", "columns to group by, separated by commas: one value per window and group", schema=listed(DIMENSION)
)
AGG = Parameter("agg", "another aggregate than the metric's own: `count`, `sum`, `mean`, `min`, `max`, `last`, "
                "`distinct`, `p50`, `p90`, `p95`, `p99`, `rate` (per hour), `per_day` (per day of the zone's calendar), where the metric has it", schema=AGGREGATE)  # fmt: skip
ASSUME = Parameter("assume", "assumptions of modelled metrics, as `hourly_rate:60,manual_minutes:30`; the others are "
                   "as set (`/assumptions`)", schema=matching(_ONE_ASSUMED, "hourly_rate:60"))  # fmt: skip
COMPARE = Parameter(
    "compare",
    "`previous`, `weekdays` or `year`: adds `comparison`, the same question one period, the fewest whole weeks or a year earlier",
    schema=COMPARISON,
)

MOST_ROWS = 500_000
"""Windows times groups: more would take the server's memory without being of use to a reader."""

BAD = ((400, "a bad or unknown parameter"), (403, "the account may not see it"), (404, "no such name"),
       (406, "none of the accepted formats"))  # fmt: skip
FORMAT = Parameter("format", "`json`, `csv`, `ndjson`, `arrow` (IPC stream) or `parquet`; goes before `Accept`", "`json`",
                   FORMAT_NAME)  # fmt: skip
PROOF = Parameter("proof", "for CSV and NDJSON: `1` puts a proof of completeness into the answer, as column or key `_proof`; `file` "
                  "answers the proof alone, to lie beside the file as `NAME.proof.json`", "`0`", PROOF_CHOICE)  # fmt: skip
GUARD = Parameter("guard", "for CSV: `1` puts a `'` before texts that a spreadsheet would run as a formula", "`0`",
                  TRUTH_WORD)  # fmt: skip
WRITTEN = (FORMAT, PROOF, GUARD)
"""How an answer is written."""
_ASSUMED = some(record("AssumedValue", name=TEXT, title=TEXT, value=NUMBER, unit=TEXT))
ROW = named("MetricRow", {"type": "object", "properties": {"time": maybe(TEXT), "value": maybe(NUMBER), "comparison": maybe(NUMBER),
                                                            "why": MISSING_REASON, "comparison_why": COMPARISON_MISSING_REASON, "n": WHOLE,
                                                            "bound": BOUND_SIDE},
                          "required": ["time", "value"]})  # fmt: skip
BOUND = maybe(record("Bound", side=BOUND_SIDE, records=WHOLE, of=maybe(WHOLE), metric=TEXT, reason=TEXT))
PART = record("MetricValues", metric=METRIC, title=TEXT, unit=TEXT, start=WHEN, stop=WHEN, every=TEXT, timezone=TEXT, agg=AGGREGATE,
              column=TEXT, percentile_method=maybe(TEXT), by=some(DIMENSION), compare=maybe(COMPARISON), formula=maybe(TEXT),
              provenance=PROVENANCE, assumptions=_ASSUMED, data=some(ROW))  # fmt: skip
ANSWER = record("MetricAnswer", **PART["properties"], missing=WHOLE, bound=BOUND, conflicting_rows=WHOLE, empty=EMPTY)  # fmt: skip


@endpoint(Endpoint("/metrics", "All metrics", "`{data: [{name, title, unit, meaning, measurement, agg, aggregates, percentile_method, "
                   "dimensions, good, decimals, formula, provenance, assumptions}]}`", example="/api/v1/metrics",
                   schema=data_of(record("Metric", name=METRIC, title=TEXT, unit=TEXT, meaning=TEXT, measurement=MEASUREMENT, agg=AGGREGATE,
                                         aggregates=some(AGGREGATE), percentile_method=maybe(TEXT), dimensions=some(DIMENSION),
                                         good=GOOD, decimals=WHOLE, formula=maybe(TEXT), provenance=PROVENANCE, assumptions=TEXTS))))  # fmt: skip
def metrics() -> Response:
    assumed = defaults().assume
    return plain({"data": [encoding.describe(metric.under(assumed)) for metric in METRICS.values()]})


@endpoint(Endpoint("/assumptions", "What modelled metrics assume, and how much",
                   "`{data: [{name, title, unit, value, set, default, least, most, meaning, metrics}], assume}`; `value` is what counts here once "
                   "somebody has `set` it (until then the metrics have no value), `metrics` who uses it, `assume` the parameter as it was understood",
                   (ASSUME,), errors=((400, "a bad assumption"),),
                   example="/api/v1/assumptions?assume=hourly_rate:60",
                   schema=record("AssumptionList", data=some(record("Assumption", name=TEXT, title=TEXT, unit=TEXT, value=NUMBER, set=TRUTH,
                                                                    default=NUMBER, least=NUMBER, most=NUMBER, meaning=TEXT,
                                                                    metrics=some(METRIC))), assume=TEXT)))  # fmt: skip
def assumptions() -> Response:
    assumed = Selection.from_params(params(), defaults()).assume
    users = {name: [metric.name for metric in METRICS.values() if name in metric.assumptions] for name in ASSUMPTIONS}
    found = [
        {**encoding.assumption(one, assumed), "set": not assumed.unset([one.name]), "default": one.default, "least": one.least, "most": one.most,
         "meaning": one.meaning, "metrics": users[one.name]}
        for one in ASSUMPTIONS.values()
    ]  # fmt: skip
    return plain({"data": found, "assume": assumed.words()})


@endpoint(Endpoint(
    "/metrics/<name>", "The answer of a metric",
    "`{metric, title, unit, start, stop, every, timezone, agg, column, percentile_method, by, compare, formula, provenance, "
    "assumptions: [{name, title, value, unit}], data: [{time, value, <columns of by>, comparison?, why?, comparison_why?, bound?, n?}], missing, "
    "bound: {side, records, of, metric, reason}, conflicting_rows, empty: {cause, reason, filters, stored}}`; "
    "`missing`: how much a sum lacks, which then is the least it can be; "
    "`bound`: the values are the least (`lower`) or the most (`upper`) they can be, as so many records are not sure; `conflicting_rows`: rows of a source "
    "that claim to be the same as others with other figures and are not counted; `empty`: why there is nothing at all (null where there is something); "
    "`time` is the window's begin; `column`: what `value` is called in files, and the begin of `<column>_before`, `_n` and `_missing`, which are "
    "`comparison`, `n` and `why` here; `percentile_method`: how a percentile is taken; a missing value is null, and `why` says which kind "
    "of nothing it is: " + ", ".join(f"`{kind}`" for kind in KINDS) + "; `comparison_why` the same of `comparison`, and "
    + ", ".join(f"`{kind}`" for kind in COMPARED_KINDS if kind not in KINDS),
    (START, STOP, EVERY, BY, AGG, TZ, COMPARE, ASSUME, *WRITTEN), filters=True, errors=BAD, places={"name": METRIC},
    schema=ANSWER, formats=OTHERS,
    example="/api/v1/metrics/generations?start=-7d&every=1d&by=platform&outcome=failed,partial&tz=Europe/Berlin",
))  # fmt: skip
def metric_answer(name: str) -> Response:
    if name not in METRICS:
        raise not_found("metric", name, tuple(METRICS))
    metric = METRICS[name]
    asked = MetricRequest.read(metric, params(), store, defaults())
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
        answer = found()
        return {**encoding.answer(answer, selection.compare), "empty": of_answer(seen, answer, metric, selection, now)}

    def table() -> Table:
        return metric_table(seen, found(), selection, now, request.full_path)

    return answer_if_changed(
        seen, metric.measurements, (*selection.range(now), selection.assume, *known_windows(seen, [metric], selection, now)),
        document, table,
    )  # fmt: skip
