"""Conditions on fields that are decided here, on rows that were read, rather than in InfluxDB.

Storage compares each row with each value of a list, one after the other, and can't search texts at all: measured on
200,000 rows it needs 0.3 s for 10 values, 3 s for 100 and 43 s for 1,000, and 4 s for a search, while bringing the rows
here takes 0.7 s whatever is asked of them (docs/performance.md).
"""

from __future__ import annotations

import pandas as pd

from metricstore.catalogue import FieldType
from metricstore.conditions import Condition
from metricstore.text_search import TextSearch

FEW = 24
"""So many values storage compares quicker than rows are read."""


def is_late(condition: Condition) -> bool:
    """Whether a condition on a field is decided here. All others are decided by storage."""
    operator = condition.filter.operator
    if operator == "contains":
        return not condition.absent
    return operator in ("any", "none") and len(condition.values) > FEW


def member(condition: Condition, values: pd.Series, kind: FieldType) -> pd.Series:
    """Which values are among the condition's, or hold one of its words; a missing one never."""
    if condition.filter.operator == "contains":
        search = TextSearch(map(str, condition.values))
        found = {text: search.finds(text) for text in values.dropna().unique()}
        return values.map(found).fillna(False).astype(bool)
    return values.isin(_comparable(condition, kind)).fillna(False).astype(bool)


def _comparable(condition: Condition, kind: FieldType) -> list[str] | list[int] | list[float]:
    """Values of the column's own type: mixed ones would all be compared as floats, and large whole numbers confused."""
    if kind == "int":
        return [value for value in condition.values if isinstance(value, int)]
    if kind == "float":
        return [float(value) for value in condition.values]
    return [str(value) for value in condition.values]


def passing(condition: Condition, values: pd.Series, kind: FieldType) -> pd.Series:
    """Which of the rows that have the field meet a late condition."""
    among = member(condition, values, kind)
    return ~among if condition.filter.operator == "none" else among
