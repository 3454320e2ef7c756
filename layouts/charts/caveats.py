"""What stands beside a number, in words: how sure it is, what is not counted, what it can't be compared with, why there is none."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from layouts.formats import filter_text, inside
from metricstore import nothing
from metricstore.caveats import Bound
from metricstore.coverage import EVERYTHING, Coverage
from metricstore.emptiness import Cause
from metricstore.evaluation import Answer
from metricstore.quantities import quantity, singular
from metricstore.selection import Selection
from metricstore.windows import zone

COMPARED = {"previous": "before", "weekdays": "same weekdays before", "year": "a year ago"}
"""What a comparison is with, by the selection's word for it."""
_BEFORE = {
    nothing.NOT_COLLECTED: "not collected",
    nothing.PARTLY: "only partly collected",
    nothing.NOT_REPORTED: "not reported by the source",
    nothing.LOST: "not recorded at the time",
    nothing.TOO_FEW: "too few to say",
    nothing.NO_RECORDS: "nothing to compare with",
    nothing.NOT_VISIBLE: "outside of what you may see",
    nothing.NOT_SET: "assumptions not set",
}
_UNCOLLECTED = (nothing.NOT_COLLECTED, nothing.PARTLY)


def unsure(bound: Bound | None) -> str:
    """`3 unpriced AI calls`, `116 of 137 judged by the log alone`; "" where a value is what it is."""
    if bound is None:
        return ""
    total = f" of {bound.of:,}" if bound.of is not None else ""
    return f"{bound.count:,}{total} {_counted_by(bound)}"


def _counted_by(bound: Bound) -> str:
    """`unpriced AI calls`, of a single one `unpriced AI call`: a title names what it counts by its unit."""
    title, unit = inside(bound.counted_by.title), bound.counted_by.unit
    return title.replace(unit, singular(unit), 1) if bound.count == 1 and bound.of is None else title


def least_or_most(bound: Bound | None) -> str:
    """The same as a sentence under a picture."""
    if bound is None:
        return ""
    if bound.of is not None:
        return f"At {'least' if bound.side == 'lower' else 'most'} this: {unsure(bound)}."
    left_out = "is left out" if bound.count == 1 else "are left out"
    return f"The real figure is {'higher' if bound.side == 'lower' else 'lower'}: {unsure(bound)} {left_out}."


def not_counted(rows: int) -> str:
    """`3 rows contradict others about the same post and are not counted`; "" when there are none."""
    if not rows:
        return ""
    contradict, be = ("contradicts", "is") if rows == 1 else ("contradict", "are")
    return f"{quantity(rows, 'rows')} {contradict} others about the same post and {be} not counted"


def before(why: str, compared: str, known: Coverage, timezone: str) -> str:
    """`before: only partly collected, from 2026-11-02`: what stands in a change's place; "" where there is one."""
    if not why or not compared:
        return ""
    partly = why in _UNCOLLECTED and known.start is not None and known.start != EVERYTHING.start
    since = f", known from {_day(known.start, timezone)}" if partly and known.start is not None else ""
    return f"{COMPARED[compared]}: {_BEFORE.get(why, why)}{since}"


def compared(answer: Answer, compare: str | None) -> str:
    """`Before: not collected: 12 of 30 days, only partly collected: 1.` under a picture; "" when all of it is known."""
    rows = answer.rows
    if nothing.COMPARED not in rows or compare is None:
        return ""
    whys = rows[nothing.COMPARED]
    kinds = (*_UNCOLLECTED, nothing.NOT_REPORTED, nothing.LOST, nothing.TOO_FEW, nothing.NOT_VISIBLE)
    if answer.every is None:
        found = [_BEFORE[kind] for kind in kinds if (whys == kind).any()]
    else:
        places = rows.windows()
        counts = {kind: len(np.unique(places[whys == kind])) for kind in kinds}
        windows = len(rows.starts) if len(rows) else 0
        found = [
            f"{_BEFORE[kind]}: {count:,} of {quantity(windows, 'windows')}" for kind, count in counts.items() if count
        ]
    return f"{COMPARED[compare].capitalize()}: {', '.join(found)}." if found else ""


def empty_sentence(cause: Cause, what: str, selection: Selection, figure: str = "") -> str:
    """Why there is nothing. `what`: the records, within a sentence, one or many (`AI calls`, `use of the dashboard`): no verb of the
    sentence depends on it. `figure`: what is wanted of them, if not their number."""
    if cause.kind == "not set":
        return f"This estimate needs numbers that are not set yet: {', '.join(cause.unset)}."
    if cause.kind == "never":
        return f"Nothing collected yet: {what}."
    if cause.kind == "filtered":
        filters = [f"“{filter_text(column, selection.where.get(column, ()))}”" for column in cause.filters]
        together = f"without {' or '.join(filters)} some are left" if cause.alone else (
            f"{' and '.join(filters)} together leave none")  # fmt: skip
        return f"The filters leave no {what}: {together}."
    stored = ""
    if cause.stored is not None:
        first, last = (_day(moment, selection.timezone) for moment in cause.stored)
        stored = f"; what is stored runs from {first} to {last}"
    if cause.kind == "not collected":
        return f"No {what} in this range, which was not collected{stored}."
    if cause.kind == "not reported":
        return f"The source reports {what}, but not {figure or 'this figure'}."
    return f"No {what} in this range{stored}."


def _day(moment: datetime, timezone: str) -> str:
    return f"{moment.astimezone(zone(timezone)):%Y-%m-%d}"
