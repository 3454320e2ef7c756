"""Counting points by the value of one of their fields, without reading them.

Storage can't group by a value but it can filter by one and count what is left, so each value is counted by itself.
Points without the field are all points less those counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from metricstore.catalogue import Measurement
from metricstore.conditions import Condition, condition
from metricstore.grid import Grid
from metricstore.influx.aggregation import step_grid, step_script
from metricstore.influx.answers import blocks, tables
from metricstore.influx.clock_windows import cut
from metricstore.influx.excluding import less
from metricstore.influx.line import EMPTY, MARKER
from metricstore.influx.plan import Ask, Conditions
from metricstore.influx.spans import Span, stretches
from metricstore.query import PER_TIME, Filter, Query

MOST_VALUES = 12
"""With more of them reading the field once is quicker."""


def dimension_of(query: Query, conditions: Conditions) -> str | None:
    """The one field whose values the question counts points by; None when it asks for anything else."""
    fields = [name for name in query.by if query.source.has_field(name)]
    if (
        query.aggregate not in ("count", *PER_TIME)
        or query.field is not None
        or len(fields) != 1
        or conditions.any_late
    ):
        return None
    return fields[0] if set(conditions.fields) <= set(fields) else None


def distinct_texts(ask: Ask, parts: Sequence[Span], conditions: Conditions, field: str) -> list[str]:
    """Values of a text field that meet its filters, the empty text aside, sorted."""
    script = f'{conditions.rows_of(parts, field)} |> distinct() |> group() |> keep(columns: ["_value"])'
    found = {text.replace("\r\n", "\n") for block in blocks(ask(script)) for text in block.column("_value")}
    return sorted(found - {"", EMPTY})


def counted_by_value(
    ask: Ask, query: Query, conditions: Conditions, field: str, parts: Sequence[Query] = ()
) -> Grid | None:
    """The question's answer, over parts of its range where there are some; None when the field has too many values for this way."""
    own = conditions.fields.get(field, ())
    if own and not conditions.demands(field):
        # Points without the field are only known once all others are counted.
        everything = counted_by_value(ask, query, conditions.only_tags(), field, parts)
        if everything is None:
            return None
        place = query.by.index(field)
        return everything.with_labels([label for label in everything.labels if _passes(label[place], own)], 0.0)
    found = cut(query, conditions, parts)
    values = distinct_texts(ask, stretches(found.spans), found.conditions, field)
    if len(values) > MOST_VALUES:
        return None
    tags = [name for name in query.by if name != field]
    scripts = [
        step_script(
            found.spans, _only(query.source, found.conditions, field, value), field, "count", tags, f"value {number}"
        )
        for number, value in enumerate(values)
    ]
    if not conditions.fields:
        scripts.append(step_script(found.spans, found.conditions, MARKER, "count", tags, "all"))
    answer = found.passing(tables(ask("\n".join(scripts)))) if scripts else {}
    counted = [answer[f"value {number}"].assign(**{field: value}) for number, value in enumerate(values)
               if f"value {number}" in answer]  # fmt: skip
    without = less(answer.get("all"), counted, tags)
    return step_grid(query, "count", [*counted, None if without is None else without.assign(**{field: ""})])


def _passes(value: str, conditions: Sequence[Condition]) -> bool:
    """Whether points with this value of the field, or without it (""), meet filters that those without it do."""
    return not value or all((value in one.values) == (one.filter.operator == "any") for one in conditions)


def _only(source: Measurement, conditions: Conditions, field: str, value: str) -> Conditions:
    wanted = condition(source, Filter(field, "any", (value,)))
    return replace(conditions, fields={field: (*conditions.fields.get(field, ()), wanted)})
