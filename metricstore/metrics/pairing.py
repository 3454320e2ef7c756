"""Which columns a record must have to count in a ratio: numerator and denominator are taken of the same records.

A ratio is what `Metric.per` divides, or a division or an interval within a formula. Each of its measures over the same
measurement is taken of those records alone that have the fields and columns that the others look at, so that a record
that lacks one of the parts changes nothing. Measures over different measurements have no record in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from metricstore.time_parts import TIME_PARTS

if TYPE_CHECKING:
    from metricstore.metrics.model import Measure


def paired(measures: Sequence[Measure], ratios: Iterable[Iterable[int]]) -> tuple[Measure, ...]:
    """`measures` with what each needs `beside` its own. `ratios`: places of the measures that form one, each."""
    needed: list[set[str]] = [set() for _ in measures]
    groups = _joined(measures, ratios)
    for group in groups:
        columns = set().union(*(_looked_at(measures[place]) for place in group))
        for place in group:
            needed[place] = columns - _looked_at(measures[place])
    return tuple(
        replace(measure, beside=tuple(sorted(columns))) if columns else measure
        for measure, columns in zip(measures, needed, strict=True)
    )


def _joined(measures: Sequence[Measure], ratios: Iterable[Iterable[int]]) -> list[set[int]]:
    """Places of measures over one measurement that share a ratio, or are linked by a third that shares one with each."""
    groups: list[set[int]] = []
    for ratio in ratios:
        by_source: dict[str, set[int]] = {}
        for place in ratio:
            by_source.setdefault(measures[place].measurement, set()).add(place)
        for own in by_source.values():
            linked = [group for group in groups if group & own]
            groups = [group for group in groups if not group & own]
            groups.append(own.union(*linked))
    return groups


def _looked_at(measure: Measure) -> set[str]:
    """Columns that every record in the measure has: its field, and those that its conditions demand."""
    demanded = {one.column for one in measure.where if one.column not in TIME_PARTS and one.demands_column}
    return demanded | ({measure.field} if measure.field is not None else set())
