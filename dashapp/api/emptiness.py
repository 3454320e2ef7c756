"""`empty` of an answer: why there is nothing at all, so that no program takes it for a zero."""

from __future__ import annotations

from datetime import datetime

from dashapp.api.closed_sets import EMPTY_CAUSE
from dashapp.api.encoding import moment
from dashapp.api.schemas import TEXT, TEXTS, Schema, maybe, record
from layouts.charts.caveats import empty_sentence
from layouts.charts.marks import is_empty
from layouts.formats import inside
from metricstore.catalogue import measurement
from metricstore.dates import as_given
from metricstore.emptiness import Cause, of_metric, of_records
from metricstore.evaluation import Answer
from metricstore.metrics import Metric
from metricstore.query import RecordQuery
from metricstore.selection import Selection
from metricstore.store import Store
from questions.charts import named

EMPTY: Schema = maybe(
    record(
        "EmptyAnswer",
        cause=EMPTY_CAUSE,
        reason=TEXT,
        filters=TEXTS,
        stored=maybe(record("StoredRange", first=TEXT, last=TEXT)),
    )
)


def of_answer(
    store: Store, answer: Answer, metric: Metric, selection: Selection, now: datetime
) -> dict[str, object] | None:  # fmt: skip
    """None where the answer holds something. The store is asked only where it does not."""
    if not is_empty(answer):
        return None
    what, figure = named(metric)
    return _document(of_metric(store, metric, selection, now), what, selection, figure)


def of_page(store: Store, query: RecordQuery, selection: Selection) -> dict[str, object]:
    """As `of_answer`, for a page of records that has none."""
    return _document(of_records(store, query, tuple(selection.where)), inside(query.source.title), selection)


def _document(cause: Cause, what: str, selection: Selection, figure: str = "") -> dict[str, object]:
    stored = None
    if cause.stored is not None:
        source, place = measurement(cause.measurement), selection.timezone
        given = [as_given(source, at, place) for at in cause.stored]
        first, last = (moment(at, place) if isinstance(at, datetime) else at.isoformat() for at in given)
        stored = {"first": first, "last": last}
    reason = empty_sentence(cause, what, selection, figure)
    return {"cause": cause.kind, "reason": reason, "filters": list(cause.filters), "stored": stored}
