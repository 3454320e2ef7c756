"""From a table's state and a selection to a question for records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from layouts.pages import TABLES, chart
from layouts.tables import PAGE_SIZE
from metricstore.catalogue import Measurement
from metricstore.errors import InvalidQuestion
from metricstore.query import Filter, RecordQuery
from metricstore.selection import Selection, split_values
from questions.charts import as_asked
from questions.typed_numbers import limits

DECLARED = {found.id: found for tables in TABLES.values() for found in tables}


def question(
    selection: Selection, source: Measurement, state: dict[str, Any], scope: dict[str, Any], now: datetime
) -> RecordQuery:
    """The selection, the mark and the table's own filters as one question for records."""
    start, stop = selection.range(now)
    where = list(selection.filters(source.columns))
    if "chart" in scope:
        start, stop = as_asked(chart(scope["chart"]), selection).range(now)
        where += _of_mark(scope, selection)
    elif (listed := DECLARED.get(scope.get("table", ""))) is not None:
        where += listed.where
        start, stop = listed.range(selection, now)
    if scope.get("at"):
        start, stop = (datetime.fromisoformat(moment) for moment in scope["at"].split("~"))
    for column, text in (state.get("words") or {}).items():
        where += conditions(source, column, text)
    columns = tuple(column for column in scope["columns"] if column != "time")
    return RecordQuery(
        source.name, start, stop, tuple(where), columns, state["sort"], state["descending"], PAGE_SIZE,
        state["page"] * PAGE_SIZE, timezone=selection.timezone,
    ).checked()  # fmt: skip


def _of_mark(scope: dict[str, Any], selection: Selection) -> list[Filter]:
    """A share is shown by all the records it was judged on, a count by those counted."""
    declared = chart(scope["chart"])
    measure = declared.declared.judged
    found = list(measure.conditions({*selection.where, *declared.by}))
    if "value" in scope and declared.click_dimension:
        found.extend(Selection(where={declared.click_dimension: split_values(scope["value"])}).filters())
    return found


def conditions(source: Measurement, column: str, text: str) -> list[Filter]:
    """What is typed under a heading: text that must occur; `≥5`, `≤9` (or `>=5`, `<=9`) or a number as it is shown for
    numbers."""
    text = (text or "").strip()
    if not text:
        return []
    if not source.has_field(column) or source.field(column).type == "string":
        return [Filter(column, "contains", (_as_stored(source, column, text),))]
    found = []
    for word in text.split():
        sign = next((sign for sign in ("≥", ">=", "≤", "<=") if word.startswith(sign)), "")
        try:
            least, most = limits(source, column, word.removeprefix(sign), exact=bool(sign))
        except ValueError:
            raise InvalidQuestion(column, f"{word!r} isn't a number; write 5, ≥5 or ≤9") from None
        found += [Filter(column, "min", (least,))] if sign not in ("≤", "<=") else []
        found += [Filter(column, "max", (most,))] if sign not in ("≥", ">=") else []
    return found


def _as_stored(source: Measurement, column: str, text: str) -> str:
    """A moment is shown with a blank before its time of day, and stored with a T."""
    moment = source.has_field(column) and source.field(column).moment
    return text.replace(" ", "T") if moment else text
