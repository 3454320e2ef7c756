"""From values to places, and where the ticks stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Tick:
    place: float
    text: str


class Linear:
    """Numbers from `low` to `high` on `start` … `stop` pixels."""

    def __init__(self, low: float, high: float, start: float, stop: float) -> None:
        self.low, self.high, self.start, self.stop = low, high, start, stop

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / ((self.high - self.low) or 1.0) * (self.stop - self.start)

    def ticks(self, most: int, least: float = 0.0) -> list[Tick]:
        """At most about `most`, at least `least` apart."""
        step = max(least, _step(self.high - self.low, most))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [Tick(self(place * step), _number(place * step, step)) for place in range(first, last + 1)]


def reach(values: Sequence[float], *, zero: bool, room: float = 0.05) -> tuple[float, float]:
    """(low, high) that shows all values; with `zero` its line is shown too."""
    known = [value for value in values if not math.isnan(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = (low, low + 1.0) if zero and low >= 0 else (low - 0.5, high + 0.5)
    space = (high - low) * room
    return (low if zero and low == 0 else low - space), (high if zero and high == 0 else high + space)


def _step(span: float, most: int) -> float:
    raw = span / max(1, most)
    power = 10.0 ** math.floor(math.log10(raw)) if raw > 0 else 1.0
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))


def _number(value: float, step: float) -> str:
    """As short as the axis allows: `1.5k`, `2M`, `0.25`."""
    for limit, divisor, sign in ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if abs(value) >= limit:
            return f"{value / divisor:.{_decimals(step / divisor)}f}{sign}"
    return (
        f"{value:,.{_decimals(step)}f}".replace("-0", "0") if abs(value) < step / 2 else f"{value:,.{_decimals(step)}f}"
    )


def _decimals(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0


class Times:
    """Wall-clock moments (ISO 8601 without zone) on `start` … `stop` pixels."""

    def __init__(self, low: datetime, high: datetime, start: float, stop: float) -> None:
        self.low, self.high = low, high
        self._scale = Linear(0.0, max(1.0, (high - low).total_seconds()), start, stop)

    def __call__(self, moment: datetime) -> float:
        return self._scale((moment - self.low).total_seconds())

    def ticks(self, most: int) -> list[Tick]:
        days = (self.high - self.low) / timedelta(days=1)
        moments, words = _months(self, most) if days > 75 else _days(self, most) if days > 2 else _hours(self, most)
        return [
            Tick(self(moment), moment.strftime(words).lstrip("0" if words.startswith("%d") else ""))
            for moment in moments
        ]


def _months(axis: Times, most: int) -> tuple[list[datetime], str]:
    count = (axis.high.year - axis.low.year) * 12 + axis.high.month - axis.low.month + 1
    step = next(step for step in (1, 2, 3, 4, 6, 12, 24, 60, 120, 1200) if count / step <= most or step == 1200)
    first = axis.low.year * 12 + axis.low.month - 1
    if step < 12 or first % 12:
        first += -first % step if step >= 12 else 0
    found = [datetime(place // 12, place % 12 + 1, 1) for place in range(first, first + count + 1, step)]  # noqa: DTZ001
    return [moment for moment in found if axis.low <= moment <= axis.high], "%Y" if step >= 12 else "%b %Y"


def _days(axis: Times, most: int) -> tuple[list[datetime], str]:
    span = (axis.high - axis.low).days + 1
    step = next(step for step in (1, 2, 3, 5, 7, 14, 28, 56) if span / step <= most or step == 56)
    first = axis.low.replace(hour=0, minute=0, second=0, microsecond=0)
    found = [first + timedelta(days=place) for place in range(0, span + 1, step)]
    return [moment for moment in found if axis.low <= moment <= axis.high], "%d %b"


def _hours(axis: Times, most: int) -> tuple[list[datetime], str]:
    span = (axis.high - axis.low) / timedelta(minutes=1)
    step = next(step for step in (1, 5, 10, 15, 30, 60, 120, 180, 360, 720) if span / step <= most or step == 720)
    first = axis.low.replace(minute=0, second=0, microsecond=0)
    found = [first + timedelta(minutes=place * step) for place in range(int(span / step) + 62)]
    return [moment for moment in found if axis.low <= moment <= axis.high], "%H:%M"


class Band:
    """A place of its own for each category; repeated ones share it."""

    def __init__(self, names: Sequence[str], start: float, stop: float) -> None:
        self.names = list(dict.fromkeys(names))
        self.start, self.size = start, (stop - start) / max(1, len(self.names))
        self._places = {name: place for place, name in enumerate(self.names)}

    def __call__(self, name: str) -> float:
        """The middle of a category's place."""
        return self.start + (self._places[name] + 0.5) * self.size
