"""How a question's filters divide between tags and fields, and the Flux that reads one field under them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from metricstore.catalogue import FieldType, Measurement
from metricstore.conditions import Condition, condition
from metricstore.influx import flux
from metricstore.influx.answers import blocks
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

    def rows_of(self, field: str) -> str:
        """A `filter` for the rows of `field` (or of MARKER) that meet the tags' conditions and the field's own."""
        named = [f"r._measurement == {flux.text(self.source.name)}", f"r._field == {flux.text(field)}"]
        own = self.fields.get(field, ())
        quick = [flux.tag_condition(one) for one in self.tags]
        quick += [flux.value_condition(one) for one in own]
        slow = [flux.contains("r._value", one) for one in own if flux.is_slow(one)] + list(self.times)
        # Storage evaluates a filter only as a whole; what it can't do goes into one of its own behind it.
        steps = [f"|> filter(fn: (r) => {flux.both([*named, *(part for part in quick if part != flux.ALWAYS)])})"]
        if slow:
            steps.append(f"|> filter(fn: (r) => {flux.both(slow)})")
        return " ".join(steps)

    def rows_of_any(self, fields: Sequence[str]) -> str:
        """A `filter` for the rows of several fields under the conditions on tags."""
        named = [f"r._measurement == {flux.text(self.source.name)}"]
        named.append(flux.either([f"r._field == {flux.text(field)}" for field in fields]))
        named += [flux.tag_condition(one) for one in self.tags]
        return f"|> filter(fn: (r) => {flux.both(named)})"


def resolved(ask: Ask, span: Span, conditions: Conditions) -> Conditions:
    """The same with text searches in tags replaced by the values that hold the text: storage can't search."""
    tags = list(conditions.tags)
    for number, one in enumerate(tags):
        if flux.is_slow(one):
            column = one.filter.column
            script = (
                f"{ranged(span)} {conditions.only_tags().rows_of(MARKER)} |> first() |> group()"
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
    return f"{ranged(span)} {conditions.rows_of(field)} |> group() |> keep(columns: {keep})"
