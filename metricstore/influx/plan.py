"""How a question's filters divide between tags and fields, and the Flux that reads one field under them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from metricstore.catalogue import FieldType, Measurement
from metricstore.conditions import Condition, condition
from metricstore.dates import stretches
from metricstore.influx import flux
from metricstore.influx.answers import blocks
from metricstore.influx.late import is_late, member
from metricstore.influx.line import MARKER
from metricstore.influx.spans import NOWHERE, Span, clamped
from metricstore.query import Filter
from metricstore.time_parts import offsets

Ask = Callable[[str], bytes]
"""Runs a script and returns its annotated answer."""


@dataclass(frozen=True)
class Conditions:
    """Filters of a question on `source`: those on tags, and those on fields by field."""

    source: Measurement
    tags: tuple[Condition, ...]
    fields: dict[str, tuple[Condition, ...]]
    times: tuple[str, ...] = ()
    """Flux conditions on the time of a row."""
    dates: tuple[str, ...] = ()
    """The same for rows whose time is a date."""
    timezone: str | None = None
    """Where dates count; None: all times are meant as they are stored."""

    @classmethod
    def of(
        cls, source: Measurement, where: tuple[Filter, ...], span: Span | None = None, timezone: str | None = None
    ) -> Conditions:
        """`span` is needed for filters on weekday and hour."""
        tags: list[Condition] = []
        fields: dict[str, tuple[Condition, ...]] = {}
        times: list[str] = []
        dates: list[str] = []
        for wanted in where:
            ready = condition(source, wanted)
            if ready.kind == "time":
                assert span is not None
                times.append(flux.by_clock(ready, offsets(span.start, span.stop, wanted.timezone)))
                dates.append(flux.by_date(ready))
            elif ready.kind == "date":
                dates.append(flux.date_limit(ready))
            elif ready.kind == "tag":
                tags.append(ready)
            else:
                fields[wanted.column] = (*fields.get(wanted.column, ()), ready)
        apart = source.dates is not None and timezone is not None and (timezone != "UTC" or dates)
        return cls(source, tuple(tags), fields, tuple(times), tuple(dates), timezone if apart else None)

    def only_tags(self) -> Conditions:
        return replace(self, fields={})

    def demands(self, field: str) -> bool:
        """Whether only points that have `field` can meet its filters."""
        return any(not flux.passes_without(one) for one in self.fields.get(field, ()))

    def late(self, field: str) -> tuple[Condition, ...]:
        """Conditions on `field` that are left for those who read its rows."""
        return tuple(one for one in self.fields.get(field, ()) if is_late(one))

    @property
    def any_late(self) -> bool:
        """Whether rows have to be read to know which points meet the conditions."""
        return any(map(self.late, self.fields))

    def rows_of(self, parts: Sequence[Span], field: str) -> str:
        """As `rows`, of several spans."""
        return flux.union([self.rows(span, field) for span in parts])

    def rows(self, span: Span, *fields: str) -> str:
        """Rows of `fields` (or of MARKER) in a span that meet the conditions on tags and time and, of a single field,
        its own but for those that are `late`."""
        if self.timezone is None or self.source.dates is None:
            return f"{ranged(span)} {self._filtered(fields, self.times)}"
        rows = []
        if self.source.dates.tag:
            rows.append(f"{ranged(span)} {self._filtered(fields, self.times, flux.not_tagged(self.source.dates))}")
        dated = self._filtered(fields, self.dates, *([flux.tagged(self.source.dates)] if self.source.dates.tag else ()))
        for one in stretches(span.start, span.stop, self.timezone):
            moved = f" |> timeShift(duration: {flux.duration(-one.ahead)})" if one.ahead else ""
            rows.append(f"{ranged(clamped(one.start, one.stop))} {dated}{moved}")
        return flux.union(rows or [f"{ranged(NOWHERE)} {dated}"])

    def _filtered(self, fields: Sequence[str], times: Sequence[str], *kinds: str) -> str:
        """A `filter`. Storage evaluates one only as a whole: what it can't do goes into one of its own behind it."""
        own = self.fields.get(fields[0], ()) if len(fields) == 1 else ()
        quick = [f"r._measurement == {flux.text(self.source.name)}"]
        named = [f"r._field == {flux.text(field)}" for field in fields]
        quick += [*named] if len(named) == 1 else [flux.either(named)]
        quick += [*kinds, *(flux.tag_condition(one) for one in self.tags), *(flux.value_condition(one) for one in own)]
        steps = [f"|> filter(fn: (r) => {flux.both([part for part in quick if part != flux.ALWAYS])})"]
        if times:
            steps.append(f"|> filter(fn: (r) => {flux.both(list(times))})")
        return " ".join(steps)


def resolved(ask: Ask, span: Span, conditions: Conditions) -> Conditions:
    """The same with text searches in tags, and long lists of their values, reduced to values that are stored: these are
    few, storage has an index of them, and it can't search."""
    tags = tuple(
        _stored_values(ask, span, conditions, one) if is_late(one) else one for one in conditions.tags
    )  # fmt: skip
    return replace(conditions, tags=tags)


def _stored_values(ask: Ask, span: Span, conditions: Conditions, one: Condition) -> Condition:
    column, everything = one.filter.column, replace(conditions, tags=(), fields={}, times=(), dates=())
    script = f"{everything.rows(span, MARKER)} |> first() |> group() |> distinct(column: {flux.text(column)})"
    stored = pd.Series(
        sorted({text for block in blocks(ask(script)) for text in block.column("_value")} - {""}), dtype=str
    )
    values = tuple(stored[member(one, stored, "string")])
    operator = "any" if one.filter.operator == "contains" else one.filter.operator
    return replace(one, filter=replace(one.filter, operator=operator, values=values), values=values)


def field_type(source: Measurement, field: str) -> FieldType:
    return "int" if field == MARKER else source.field(field).type


def ranged(span: Span) -> str:
    return f"from(bucket: bucket) |> range(start: {flux.time(span.start)}, stop: {flux.time(span.stop)})"


def table_of(span: Span, conditions: Conditions, field: str, tags: Sequence[str]) -> str:
    """One table with `_time`, `_value` and `tags` of every row of `field`."""
    keep = flux.texts(["_time", "_value", *tags])
    return f"{conditions.rows(span, field)} |> group() |> keep(columns: {keep})"
