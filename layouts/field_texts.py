"""Values of records as text: numbers of a column with the same decimals, money in its currency, moments on the page's clock."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from layouts.formats import NOTHING, decimals_at, moment, number
from metricstore.catalogue import Measurement

NANO_USD = "nUSD"
"""The unit of money that is kept in billionths of a US dollar; people read it in dollars."""
_NAMES = ("line", "offset", "post_number", "tweet_number", "position")
"""Numbers that say which one, not how many: written without separators."""
_LISTS = ("not_reported",)
"""Lists of words, kept with a comma alone between them."""
NANO = 1e9
FRACTIONS, CENTS, MOST_OF_MONEY = 2, 6, 9
"""Decimals of numbers that are not whole, the fewest of money, and the most of it: no smaller part of a dollar is stored."""


def field_text(source: Measurement, column: str, value: object, timezone: str, decimals: int | None = None) -> str:
    """A field's value as text; a dash for nothing. `decimals`: those of the other values beside it, else as many as it needs."""
    if is_absent(value):
        return NOTHING
    field = source.field(column) if source.has_field(column) else None
    if isinstance(value, str):
        value = value.replace(",", ", ") if column in _LISTS else value
        return _moment(value, timezone) if field is not None and field.moment else value
    places = decimals_of(source, column, [value]) if decimals is None else decimals
    if is_money(source, column):
        return number(float(value) / NANO, places)  # type: ignore[arg-type]
    text = number(float(value), places)  # type: ignore[arg-type]
    return text.replace(",", "") if column in _NAMES else text


def decimals_of(source: Measurement, column: str, values: Iterable[object]) -> int:
    """So many decimals that all of the column's values can be written alike: none where all are whole, and of money so many that the
    smallest shows two digits."""
    known = [float(value) for value in values if not is_absent(value) and not isinstance(value, str)]  # type: ignore[arg-type]
    if is_money(source, column):
        return min(MOST_OF_MONEY, max([CENTS, *(decimals_at(one / NANO, CENTS) for one in known)]))
    return FRACTIONS if any(math.isfinite(one) and not one.is_integer() for one in known) else 0


def is_money(source: Measurement, column: str) -> bool:
    """Whether the column is kept in billionths of a US dollar."""
    return source.has_field(column) and source.field(column).unit == NANO_USD


def is_absent(value: object) -> bool:
    """Whether a record has no such field."""
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def _moment(text: str, timezone: str) -> str:
    """What says no time of day, or is no moment, stays as it is."""
    if len(text) <= len("2026-11-10"):
        return text
    try:
        return moment(datetime.fromisoformat(text), timezone)
    except ValueError:
        return text
