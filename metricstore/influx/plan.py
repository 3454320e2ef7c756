"""How a question's filters divide between tags and fields, and the Flux that reads one field under them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from metricstore.catalogue import FieldType, Measurement
from metricstore.conditions import Condition, condition
from metricstore.dates import stretches
from metricstore.influx import flux
from metricstore.influx.answers import blocks
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

    def rows(self, span: Span, *fields: str) -> str:
        """Rows of `fields` (or of MARKER) in a span that meet the conditions on tags and time and, of a single field, its own."""
        if self.timezone is None or self.source.dates is None:
            return f"{ranged(span)} {self._filtered(fields, self.times)}"
        rows = []
        if self.source.dates.tag:
            rows.append(f"{ranged(span)} {self._filtered(fields, self.times, flux.not_tagged(self.source.dates))}")
        dated = self._filtered(fields, self.dates, *([flux.tagged(self.source.dates)] if self.source.dates.tag else ()))
        for one in stretches(span.start, span.stop, self.timezone):
            moved = f" |> timeShift(duration: {flux.duration(-one.ahead)})" if one.ahead else ""
            rows.append(f"{ranged(clamped(one.start, one.stop))} {dated}{moved}")
        rows = rows or [f"{ranged(NOWHERE)} {dated}"]
        return rows[0] if len(rows) == 1 else f"union(tables: [{', '.join(rows)}])"

    def _filtered(self, fields: Sequence[str], times: Sequence[str], *kinds: str) -> str:
        """A `filter`. Storage evaluates one only as a whole: what it can't do goes into one of its own behind it."""
        own = self.fields.get(fields[0], ()) if len(fields) == 1 else ()
        quick = [f"r._measurement == {flux.text(self.source.name)}"]
        named = [f"r._field == {flux.text(field)}" for field in fields]
        quick += [*named] if len(named) == 1 else [flux.either(named)]
        quick += [*kinds, *(flux.tag_condition(one) for one in self.tags), *(flux.value_condition(one) for one in own)]
        slow = [flux.contains("r._value", one) for one in own if flux.is_slow(one)] + list(times)
        steps = [f"|> filter(fn: (r) => {flux.both([part for part in quick if part != flux.ALWAYS])})"]
        if slow:
            steps.append(f"|> filter(fn: (r) => {flux.both(slow)})")
        return " ".join(steps)


def resolved(ask: Ask, span: Span, conditions: Conditions) -> Conditions:
    """The same with text searches in tags replaced by the values that hold the text: storage can't search."""
    tags = list(conditions.tags)
    for number, one in enumerate(tags):
        if flux.is_slow(one):
            column = one.filter.column
            script = (
                f"{conditions.only_tags().rows(span, MARKER)} |> first() |> group()"
                f" |> distinct(column: {flux.text(column)}) |> filter(fn: (r) => {flux.contains('r._value', one)})"
            )
            values = tuple(sorted({text for block in blocks(ask(script)) for text in block.column("_value")}))
            tags[number] = Condition(Filter(column, "any", values), "tag", values)
    return replace(conditions, tags=tuple(tags))


def field_type(source: Measurement, field: str) -> FieldType:
    return "int" if field == MARKER else source.field(field).type


def ranged(span: Span) -> str:
    return f"from(bucket: bucket) |> range(start: {flux.time(span.start)}, stop: {flux.time(span.stop)})"


def table_of(span: Span, conditions: Conditions, field: str, tags: Sequence[str]) -> str:
    """One table with `_time`, `_value` and `tags` of every row of `field`."""
    keep = flux.texts(["_time", "_value", *tags])
    return f"{conditions.rows(span, field)} |> group() |> keep(columns: {keep})"
