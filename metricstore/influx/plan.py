"""How a question's filters divide between tags and fields, and the Flux that reads one field under them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from metricstore.catalogue import FieldType, Measurement
from metricstore.conditions import Condition, condition
from metricstore.influx import flux
from metricstore.influx.answers import blocks
from metricstore.influx.late import is_late, member
from metricstore.influx.line import MARKER
from metricstore.influx.spans import Span
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

    @classmethod
    def of(cls, source: Measurement, where: tuple[Filter, ...], span: Span | None = None) -> Conditions:
        """`span` is needed for filters on weekday and hour."""
        tags: list[Condition] = []
        fields: dict[str, tuple[Condition, ...]] = {}
        times: list[str] = []
        for wanted in where:
            ready = condition(source, wanted)
            if ready.kind == "time":
                assert span is not None
                times.append(flux.by_clock(ready, offsets(span.start, span.stop, wanted.timezone)))
            elif ready.kind == "tag":
                tags.append(ready)
            else:
                fields[wanted.column] = (*fields.get(wanted.column, ()), ready)
        return cls(source, tuple(tags), fields, tuple(times))

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

    def rows_of(self, field: str) -> str:
        """A `filter` for the rows of `field` (or of MARKER) that meet the tags' conditions and the field's own,
        but for those that are `late`."""
        named = [f"r._measurement == {flux.text(self.source.name)}", f"r._field == {flux.text(field)}"]
        own = self.fields.get(field, ())
        quick = [flux.tag_condition(one) for one in self.tags]
        quick += [flux.value_condition(one) for one in own]
        # Storage evaluates a filter only as a whole; what it can't do goes into one of its own behind it.
        steps = [f"|> filter(fn: (r) => {flux.both([*named, *(part for part in quick if part != flux.ALWAYS)])})"]
        if self.times:
            steps.append(f"|> filter(fn: (r) => {flux.both(self.times)})")
        return " ".join(steps)

    def rows_of_any(self, fields: Sequence[str]) -> str:
        """A `filter` for the rows of several fields under the conditions on tags."""
        named = [f"r._measurement == {flux.text(self.source.name)}"]
        named.append(flux.either([f"r._field == {flux.text(field)}" for field in fields]))
        named += [flux.tag_condition(one) for one in self.tags]
        return f"|> filter(fn: (r) => {flux.both(named)})"


def resolved(ask: Ask, span: Span, conditions: Conditions) -> Conditions:
    """The same with text searches in tags, and long lists of their values, reduced to values that are stored: these are
    few, storage has an index of them, and it can't search."""
    tags = tuple(
        _stored_values(ask, span, conditions.source, one) if is_late(one) else one for one in conditions.tags
    )  # fmt: skip
    return replace(conditions, tags=tags)


def _stored_values(ask: Ask, span: Span, source: Measurement, one: Condition) -> Condition:
    column = one.filter.column
    script = (
        f"{ranged(span)} {Conditions(source, (), {}).rows_of(MARKER)} |> first() |> group()"
        f" |> distinct(column: {flux.text(column)})"
    )
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
    return f"{ranged(span)} {conditions.rows_of(field)} |> group() |> keep(columns: {keep})"
