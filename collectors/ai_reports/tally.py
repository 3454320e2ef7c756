"""Buckets of a report added up into points. Money is added exactly and rounded once. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from collectors.base import DeadLetter
from collectors.isolation import Place, isolated, shown
from collectors.prices import nano_usd
from collectors.reading import digits
from metricstore.catalogue import FieldValue
from metricstore.point import Point

SECOND = 1_000_000_000
NONE = "none"
_LONGEST = 200
_LARGEST = 2**63 - 1

Key = tuple[str, int, tuple[tuple[str, str], ...]]


class BadRow(ValueError):
    """A row that can't be used; the text says why, without its content."""


@dataclass
class _Sum:
    counts: dict[str, int] = field(default_factory=dict)
    usd: Decimal | None = None
    unpriced: bool = False
    quantity: Decimal | None = None
    unit: str = ""
    mixed: bool = False


@dataclass
class Tally:
    """One window of a report by one source. Rows with the same tags in the same bucket are one point, their sum."""

    source: str
    records: int = 0
    letters: list[DeadLetter] = field(default_factory=list)
    calls: list[Point] = field(default_factory=list)
    """Points of single calls, as they are."""
    _sums: dict[Key, _Sum] = field(default_factory=dict)

    def usage(self, start: int, tags: Mapping[str, str], counts: Mapping[str, int | None]) -> None:
        """Tokens and requests of the bucket that begins at `start` (seconds). None: not reported, never 0."""
        found = self._sum("gen_ai_usage", start, tags)
        for name, value in counts.items():
            if value is not None:
                found.counts[name] = found.counts.get(name, 0) + value

    def cost(
        self, start: int, tags: Mapping[str, str], usd: Decimal | None, quantity: Decimal | None = None, unit: str = ""
    ) -> None:
        """Dollars of the day that begins at `start` (seconds). None: the source does not say how many."""
        found = self._sum("gen_ai_cost", start, tags)
        if usd is None:
            found.unpriced = True
        else:
            found.usd = (found.usd or Decimal(0)) + usd
        if quantity is not None:
            # a quantity of two units is none
            found.mixed = found.mixed or (found.quantity is not None and found.unit != unit)
            found.quantity, found.unit = (found.quantity or Decimal(0)) + quantity, unit

    @contextmanager
    def row(self, start: int, row: Any) -> Iterator[None]:
        """Handle one row of the bucket that begins at `start`; when that raises, it is set aside and the next one is read."""
        bad: list[DeadLetter] = []
        with isolated(bad, Place(self.source, 0, 0)):
            try:
                yield
            except BadRow as reason:
                self.spoilt(start, str(reason), row)
        for letter in bad:
            self.spoilt(start, letter.reason, row)

    def spoilt(self, start: int, reason: str, row: Any) -> None:
        """A row that can't be used: counted and kept, without stopping the rest."""
        names = ", ".join(sorted(map(str, row))) if isinstance(row, dict) else type(row).__name__
        text = f"row with {names}"[:500]
        time = start * SECOND + digits(f"{reason} {shown(row)}", SECOND)  # the same row is the same letter
        self.letters.append(DeadLetter(self.source, 0, reason, text, time))

    def finished(self) -> list[Point]:
        """A point for each bucket and set of tags, when all rows are in; a sum beyond 64 bits is set aside."""
        found = list(self.calls)
        for (measurement, start, tags), row in self._sums.items():
            with self.row(start, dict(tags)):
                fields = _usage_fields(row) if measurement == "gen_ai_usage" else _cost_fields(row)
                if fields:
                    found.append(Point(measurement, start * SECOND, dict(tags), fields))
        return found

    def _sum(self, measurement: str, start: int, tags: Mapping[str, str]) -> _Sum:
        self.records += 1
        named = {"source": self.source, **tags}
        return self._sums.setdefault((measurement, start, tuple(sorted(named.items()))), _Sum())


def _usage_fields(row: _Sum) -> dict[str, FieldValue]:
    for name, value in row.counts.items():
        if value > _LARGEST:
            raise BadRow(f"{name} adds up to more than can be stored")
    return dict(row.counts)


def _cost_fields(row: _Sum) -> dict[str, FieldValue]:
    fields: dict[str, FieldValue] = {"pricing": "unknown" if row.unpriced else "measured"}
    if row.usd is not None:
        fields["cost_nano_usd"] = nano_usd(row.usd)
    if row.quantity is not None and not row.mixed:
        fields["quantity"] = float(row.quantity)
        if row.unit:
            fields["quantity_unit"] = row.unit
    return fields


def word(value: Any, default: str = NONE) -> str:
    """A tag's value: one line, never empty, never absent."""
    text = " ".join(str(value).split())[:_LONGEST] if isinstance(value, str | int) else ""
    return text or default


def count(row: Mapping[str, Any], name: str) -> int | None:
    """A number of things; None when absent or null, BadRow for what is no such number."""
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, Decimal | float) and abs(found := Decimal(value)) <= _LARGEST and found == int(found):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise BadRow(f"{name} isn't a count")
    return value


def amount(value: Any, name: str) -> Decimal | None:
    """An exact number from a JSON number or text; None when null, BadRow for what isn't a number."""
    if value is None:
        return None
    if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            found = Decimal("NaN")
        if found.is_finite() and abs(found) < 10**12:
            return found
    raise BadRow(f"{name} isn't an amount")
