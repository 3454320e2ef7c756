"""Between which stored numbers one lies that somebody typed as a table shows it: tables round what they show."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation

from layouts.field_texts import CENTS, FRACTIONS, MOST_OF_MONEY, NANO, is_money
from metricstore.catalogue import Measurement

_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")
"""As tables write thousands; any other comma may mean a fraction."""
_DIGITS = 15
"""So many decimals a stored number can tell apart."""


def limits(source: Measurement, column: str, text: str, *, exact: bool) -> tuple[float, float]:
    """(least, most), both included, as they are stored. Of an `exact` number both are itself. ValueError for what is no number."""
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    try:
        value = float(Decimal(text))
    except (InvalidOperation, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(text)
    money = is_money(source, column)
    if exact:
        return (round(value * NANO),) * 2 if money else (value, value)
    if source.field(column).type == "int" and not money:
        return value, value
    typed = -int(Decimal(text).as_tuple().exponent)
    return _of_money(value, typed) if money else _of_floats(value, min(max(FRACTIONS, typed), _DIGITS))


def _of_money(dollars: float, typed: int) -> tuple[float, float]:
    places = min(max(CENTS, typed), MOST_OF_MONEY)
    middle, half = round(dollars * NANO), 10 ** (MOST_OF_MONEY - places) // 2

    def alike(stored: int) -> bool:
        return round(stored / NANO, places) == round(dollars, places)

    # Of the ends, where rounding decides, one may be shown as the number beside it.
    low, high = middle - half, middle + half
    return float(low if alike(low) else low + 1), float(high if alike(high) else high - 1)


def _of_floats(value: float, places: int) -> tuple[float, float]:
    half = 0.5 / 10**places
    return _inward(value - half, value, places), _inward(value + half, value, places)


def _inward(end: float, value: float, places: int) -> float:
    """The nearest number to `end`, towards `value`, that is shown as it is."""
    while end != value and round(end, places) != round(value, places):
        end = math.nextafter(end, value)
    return end
