"""`/metrics/<name>/change`: what a change is made of."""

from __future__ import annotations

from math import isnan
from typing import Any

from flask import Response

from briefing.change import Change
from briefing.change_columns import change_columns, has_parts
from briefing.parts import Made, Part
from dashapp.api.asking import defaults, store
from dashapp.api.closed_sets import CHANGE_COLUMN, COMPARISON, METRIC
from dashapp.api.conditional import answer_if_changed, known_windows
from dashapp.api.endpoints import START, STOP, TZ, Endpoint, Parameter, endpoint, params
from dashapp.api.metrics import BAD, COMPARE
from dashapp.api.parameters import MetricRequest
from dashapp.api.problems import not_found
from dashapp.api.schemas import NUMBER, TEXT, WHEN, listed, maybe, record, some
from dashapp.problem import Problem
from layouts.change import sentence
from metricstore.metrics import METRICS
from metricstore.selection import settled_now
from questions.change import change_of

_BY = Parameter(
    "by", "only by these columns, separated by commas; `hour` is the hour of the day", schema=listed(CHANGE_COLUMN)
)
_PART = record(
    "ChangePart",
    value=TEXT,
    before=maybe(NUMBER),
    after=maybe(NUMBER),
    change=NUMBER,
    mix=maybe(NUMBER),
    rate=maybe(NUMBER),
)
_MADE = record("ChangeByColumn", by=CHANGE_COLUMN, parts=some(_PART))


@endpoint(Endpoint(
    "/metrics/<name>/change", "What the change of a metric is made of",
    "`{metric, unit, before, after, start, stop, before_start, before_stop, timezone, compare, sentence, by, outstanding, columns: [{by, parts: "
    "[{value, before, after, change, mix, rate}]}]}`; parts of each column add up to `after` - `before`; of a ratio each is `mix` (its weight changed) plus "
    "`rate` (its own value changed), else both are null; `by` is the column that says most (`hour`: the hour of the day on the asked zone's clock), null where nothing stands out, `outstanding` its values "
    "that do; without a number to compare with `columns` is empty", (START, STOP, TZ, COMPARE, _BY), filters=True,
    errors=(*BAD, (409, "a median, an extreme or a formula: not made of parts")), places={"name": METRIC},
    schema=record("Change", metric=METRIC, unit=TEXT, before=maybe(NUMBER), after=maybe(NUMBER), start=WHEN, stop=WHEN, before_start=WHEN,
                  before_stop=WHEN, timezone=TEXT, compare=COMPARISON, sentence=TEXT, by=maybe(CHANGE_COLUMN), outstanding=some(TEXT),
                  columns=some(_MADE)),
    example="/api/v1/metrics/generation_success_rate/change?start=-7d",
))  # fmt: skip
def change(name: str) -> Response:
    """Against the same weekdays before, where nothing is said."""
    if name not in METRICS:
        raise not_found("metric", name, tuple(METRICS))
    metric = METRICS[name]
    asked = MetricRequest.read(metric, params(), store, defaults(), further=change_columns(metric))
    if not has_parts(metric):
        raise Problem(409, f"{name} can't be broken down: its groups don't add up", parameter="name")
    now, seen = settled_now(), store()

    def document() -> object:
        return _described(change_of(seen, metric, asked.selection, now, asked.by))

    known = known_windows(seen, [metric], asked.selection, now)
    return answer_if_changed(seen, metric.measurements, (*asked.selection.range(now), *known), document)


def _described(found: Change) -> dict[str, Any]:
    return {
        "metric": found.metric.name, "unit": found.metric.unit, "before": _plain(found.before), "after": _plain(found.after),
        "start": found.start.isoformat(), "stop": found.stop.isoformat(), "before_start": found.before_start.isoformat(),
        "before_stop": found.before_stop.isoformat(), "timezone": found.selection.timezone, "compare": found.selection.compare,
        "sentence": sentence(found), "by": found.made.column if found.made is not None else None,
        "outstanding": [part.value for part in found.made.outstanding] if found.made is not None else [],
        "columns": [_made(found, one) for one in found.by],
    }  # fmt: skip


def _made(found: Change, one: Made) -> dict[str, Any]:
    return {"by": one.column, "parts": [_part(part, ratio=found.metric.per is not None) for part in one.parts]}


def _part(one: Part, *, ratio: bool) -> dict[str, Any]:
    return {
        "value": one.value, "before": _plain(one.before), "after": _plain(one.after), "change": one.change,
        "mix": one.mix if ratio else None, "rate": one.rate if ratio else None,
    }  # fmt: skip


def _plain(value: float) -> float | None:
    return None if isnan(value) else value
