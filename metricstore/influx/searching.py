"""Records in the order of time whose texts have to be read to be searched: stretch after stretch, from the end that the page begins at.

It ends as soon as the page is full. Who waits for some time only is also given how many there are, where a part of that time is enough to
find out; and what was found until the time was over.
"""

from __future__ import annotations

from datetime import datetime
from math import inf

import pandas as pd

from metricstore import patience
from metricstore.influx.ordering import behind, in_order
from metricstore.influx.plan import Conditions
from metricstore.influx.rows import AT_ONCE, Ask, matching
from metricstore.influx.spans import NOWHERE, Span
from metricstore.influx.stretches import stretches
from metricstore.paging import Place
from metricstore.point import moment
from metricstore.query import RecordQuery

_MICROSECOND = 1_000
"""In nanoseconds: nobody can say an edge of a range more finely."""
_FOR_COUNTING = 0.3
"""The share of the time that is spent to count more than the page shows."""


def by_time(
    ask: Ask, query: RecordQuery, conditions: Conditions, span: Span, place: Place | None, total: int | None
) -> tuple[pd.DataFrame, datetime | None, int | None]:
    """(records behind `place`, sorted, at least those of the page and one more if there are so many; where the search ended, None where
    nothing is left to search; how many there are, or so many were found)."""
    needed, count = query.offset + query.limit + 1, 0
    found: list[pd.DataFrame] = []
    limited, edge = patience.limited(), None
    parts = stretches(ask, conditions, behind(span, query, place), AT_ONCE, descending=query.descending)
    for number, part in enumerate(parts):
        full = count >= needed and (not limited or patience.spent(_FOR_COUNTING))
        if number and (full or patience.spent()):  # never without a step forward
            edge = part.stop + _MICROSECOND - 1 if query.descending else part.start
            break
        with patience.patience(inf):  # a stretch is short, and what was begun is worth its end
            rows = in_order(query, matching(ask, part, conditions), place)
        count += len(rows)
        if len(rows):
            found.append(rows)
    frame = pd.concat(found, ignore_index=True) if found else _none(ask, query, conditions)
    if not limited:
        return frame, None, total
    return frame, None if edge is None else moment(edge), count if place is None else None


def _none(ask: Ask, query: RecordQuery, conditions: Conditions) -> pd.DataFrame:
    return in_order(query, matching(ask, NOWHERE, conditions))
