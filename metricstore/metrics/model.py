"""The words a metric is declared with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from metricstore.catalogue import Measurement, measurement
from metricstore.query import Aggregate, Filter
from metricstore.time_parts import TIME_PARTS

Good = Literal["up", "down", "neither"]


@dataclass(frozen=True)
class Measure:
    """What is aggregated over one measurement."""

    measurement: str
    aggregate: Aggregate = "count"
    field: str | None = None
    where: tuple[Filter, ...] = ()
    usual: tuple[Filter, ...] = ()
    """Conditions that hold as long as nobody filters or groups by their columns."""

    def conditions(self, chosen: Collection[str] = ()) -> tuple[Filter, ...]:
        """What is asked beside the viewer's own filters; `chosen` are the columns they filter or group by."""
        return self.where + tuple(one for one in self.usual if one.column not in chosen)


@dataclass(frozen=True)
class Metric:
    """A named question. With `per`, the value is `measure` divided by `per`, times `scale`."""

    name: str
    title: str
    unit: str
    meaning: str
    measure: Measure
    per: Measure | None = None
    scale: float = 1.0
    good: Good = "neither"
    decimals: int = 0
    formula: str = ""
    """Printed under the number wherever it is derived from more than one measured value."""
    provenance: Literal["measured", "imported", "modelled"] = "measured"

    @property
    def source(self) -> Measurement:
        return measurement(self.measure.measurement)

    @property
    def measurements(self) -> tuple[str, ...]:
        """Every measurement that is asked."""
        asked = (self.measure, self.per) if self.per is not None else (self.measure,)
        return tuple(dict.fromkeys(measure.measurement for measure in asked))

    @property
    def filterable(self) -> tuple[str, ...]:
        """What it can be filtered by: its measurement's columns, and the clock's parts."""
        return (*self.source.columns, *TIME_PARTS)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What it can be grouped and filtered by."""
        return self.source.dimensions

    @property
    def aggregates(self) -> tuple[str, ...]:
        """Aggregates a caller may ask for instead of its own."""
        if self.per is not None:
            return (self.measure.aggregate,)
        if self.measure.field is None:
            return ("count", "rate")
        return ("count", "sum", "mean", "min", "max", "last", "distinct", "p50", "p90", "p95", "p99", "rate")

    def unit_of(self, aggregate: str) -> str:
        """The unit of the answer under `aggregate`: a rate of posts is posts/h, a count of seconds counts records."""
        if aggregate == self.measure.aggregate or self.per is not None:
            return self.unit
        if aggregate == "rate":
            return f"{self.unit if self.measure.field is None else 'records'}/h"
        if aggregate == "count":
            return "records"
        return "values" if aggregate == "distinct" else self.unit


def any_of(column: str, *values: str) -> Filter:
    return Filter(column, "any", values)
