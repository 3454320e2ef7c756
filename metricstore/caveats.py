"""What stands beside a metric's values: records they rest on that are not sure, and rows of a source that are not counted.

Each is a count by window and group, asked with the values, so that a row, a range and a whole say the same of themselves.
A sum that lacks something is the least it can be; a share of posts that one source alone has judged is the most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from metricstore.catalogue.collected import COLLECTED
from metricstore.metrics import Metric, metric
from metricstore.metrics.model import Side
from metricstore.query import Query

if TYPE_CHECKING:
    from metricstore.evaluation import Answer

UNSURE: Final = "unsure"
"""Of an answer's frame: how many records the value of the row is not sure of, for metrics that declare a bound."""
OUT_OF: Final = "unsure_of"
"""Of how many, where the bound says it."""
CONFLICTING: Final = "conflicting_rows"
"""How many rows of the source claim the same as others with other figures, and are not counted."""


@dataclass(frozen=True)
class Bound:
    """How sure a range's value is: `count` records it is not sure of, `of` so many where that is known."""

    side: Side
    count: int
    of: int | None
    counted_by: Metric

    @property
    def sign(self) -> str:
        return "≥" if self.side == "lower" else "≤"


def counting(declared: Metric) -> dict[str, Metric]:
    """By column the metric that counts it."""
    bound = declared.bound
    if bound is None:
        return {}
    return {UNSURE: metric(bound.counted_by)} | ({OUT_OF: metric(bound.of)} if bound.of else {})


def conflicts_question(declared: Metric, queries: list[Query]) -> Query | None:
    """How many rows are not counted, of the records that a metric is about; None where no source may have such.

    `queries`: those of the metric's measures, without the conditions that a ratio adds."""
    for query in queries:
        if column := COLLECTED[query.measurement].conflicts:
            return replace(query, aggregate="sum", field=column, compare=None)
    return None


def bound_of(answer: Answer) -> Bound | None:
    """Of everything in an answer, groups that have no value of their own included; None where values are what they are."""
    declared, count = answer.metric.bound, answer.totals.get(UNSURE, 0)
    if declared is None or not count:
        return None
    return Bound(declared.side, count, answer.totals.get(OUT_OF), metric(declared.counted_by))


def conflicting(answer: Answer) -> int:
    """Rows that are not counted, in all of an answer."""
    return answer.totals.get(CONFLICTING, 0)


def row_bounds(declared: Metric, frame: pd.DataFrame) -> pd.Series[str]:
    """The side each row's value may be off to; "" where it is what it is."""
    if declared.bound is None or UNSURE not in frame:
        return pd.Series("", index=frame.index, dtype="str")
    sure = (frame[UNSURE] == 0) | frame["value"].isna()
    return pd.Series(declared.bound.side, index=frame.index, dtype="str").where(~sure, "")
