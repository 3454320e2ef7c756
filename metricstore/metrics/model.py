"""The words a metric is declared with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from metricstore.assumptions import Assumed
from metricstore.catalogue import Measurement, measurement
from metricstore.errors import UnknownName
from metricstore.metrics.formula import Formula
from metricstore.metrics.pairing import paired
from metricstore.query import AGGREGATES, COUNTED, PER_TIME, Aggregate, Filter, has
from metricstore.time_parts import TIME_PARTS

Good = Literal["up", "down", "neither"]
Provenance = Literal["measured", "imported", "modelled"]
Side = Literal["lower", "upper"]


@dataclass(frozen=True)
class Measure:
    """What is aggregated over one measurement."""

    measurement: str
    aggregate: Aggregate = "count"
    field: str | None = None
    where: tuple[Filter, ...] = ()
    usual: tuple[Filter, ...] = ()
    """Conditions that hold as long as nobody filters or groups by their columns."""
    beside: tuple[str, ...] = ()
    """Columns that its records must have because the other parts of a ratio look at them; see `pairing`."""

    @property
    def presence(self) -> tuple[Filter, ...]:
        """`beside` as conditions."""
        return tuple(has(column) for column in self.beside)

    def conditions(self, chosen: Collection[str] = ()) -> tuple[Filter, ...]:
        """What is asked beside the viewer's own filters; `chosen` are the columns they filter or group by."""
        return self.where + tuple(one for one in self.usual if one.column not in chosen) + self.presence


@dataclass(frozen=True)
class DeclaredBound:
    """A metric whose value is the least (`lower`) or the most (`upper`) it can be while records are not sure."""

    side: Side
    counted_by: str
    """Name of the metric that counts those records."""
    of: str = ""
    """Name of the metric that counts all records of which they are a part, where that is worth saying."""


@dataclass(frozen=True)
class Metric:
    """A named question. With `per`, the value is `measure` divided by `per`, times `scale`; with `model`, what its
    formula makes of its terms, of which `measure` is the first."""

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
    provenance: Provenance = "measured"
    model: Formula | None = None
    needs: int = 0
    """How many values a percentile must rest on; of fewer it is not told."""
    bound: DeclaredBound | None = None

    def __post_init__(self) -> None:
        if self.assumptions and self.provenance != "modelled":
            raise ValueError(f"{self.name} assumes something: its provenance is modelled")

    @property
    def source(self) -> Measurement:
        return measurement(self.measure.measurement)

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """Everything that is asked of the store for it; the parts of a ratio are taken of the same records."""
        if self.model is not None:
            return paired([term.measure for term in self.model.terms], self.model.ratios)
        return (self.measure,) if self.per is None else paired((self.measure, self.per), [(0, 1)])

    @property
    def counts(self) -> bool:
        """Whether it says how many there are, so that none is 0."""
        return self.per is None and self.model is None and self.measure.aggregate == "count"

    @property
    def judged(self) -> Measure:
        """The one whose records it is about: a share's are all those it was judged on, a count's those counted."""
        return self.measures[self.judged_place]

    @property
    def judged_place(self) -> int:
        """Its place among `measures`."""
        return len(self.measures) - 1 if self.per is not None else 0

    @cached_property
    def measurements(self) -> tuple[str, ...]:
        """Names of the measurements it depends on."""
        return tuple(dict.fromkeys(measure.measurement for measure in self.measures))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Names of what it assumes."""
        return self.model.assumptions if self.model is not None else ()

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """What it can be grouped by: what all its measurements know. Costs of time belong to no group."""
        if self.model is not None and self.model.over_time:
            return ()
        return tuple(name for name in self.source.dimensions
                     if all(name in measurement(other).dimensions for other in self.measurements))  # fmt: skip

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What it can be filtered by, `weekday` and `hour` aside: all columns, unless several measurements must know them."""
        return self.source.columns if len(self.measurements) == 1 and self._shared_out else self.dimensions

    @cached_property
    def filterable(self) -> tuple[str, ...]:
        """Everything it can be filtered by."""
        return (*self.columns, *TIME_PARTS) if self._shared_out else ()

    def ignored(self, columns: Iterable[str]) -> list[str]:
        """Those it can't be filtered by: they are left out of its question, which has to be said."""
        return [column for column in columns if column not in self.filterable]

    @property
    def _shared_out(self) -> bool:
        return self.model is None or not self.model.over_time

    def require_dimension(self, name: str) -> str:
        if name not in self.dimensions:
            raise UnknownName("dimension", name, self.dimensions)
        return name

    def under(self, assumed: Assumed) -> Metric:
        """Itself as it is shown under these assumptions: the currency in its unit, the numbers in its formula."""
        formula = self.model.told(assumed) if self.model is not None else self.formula
        return replace(self, unit=assumed.unit(self.unit), formula=formula)

    def scale_of(self, aggregate: str) -> float:
        """What an answer under `aggregate` is multiplied by: how many values there are is not in the values' unit."""
        own = aggregate == self.measure.aggregate or self.per is not None
        return self.scale if own or aggregate not in COUNTED else 1.0

    @property
    def aggregates(self) -> tuple[str, ...]:
        """Aggregates a caller may ask for instead of its own."""
        if self.per is not None or self.model is not None:
            return (self.measure.aggregate,)
        if self.measure.field is None:
            return ("count", *PER_TIME)
        return AGGREGATES

    def unit_of(self, aggregate: str) -> str:
        """The unit of the answer under `aggregate`: a rate of posts is posts/h, a count of seconds counts records."""
        if aggregate == self.measure.aggregate or self.per is not None:
            return self.unit
        if aggregate in PER_TIME:
            counted = self.unit if self.measure.field is None else "records"
            return f"{counted.split('/')[0]}/{'h' if aggregate == 'rate' else 'day'}"
        if aggregate == "count":
            return "records"
        return "values" if aggregate == "distinct" else self.unit


def any_of(column: str, *values: str) -> Filter:
    return Filter(column, "any", values)


def modelled(
    name: str, title: str, unit: str, meaning: str, formula: Formula, *, good: Good = "up", decimals: int = 0,
    bound: DeclaredBound | None = None,
) -> Metric:  # fmt: skip
    """A metric that assumes something; its formula is printed from the one that is computed."""
    return Metric(name, title, unit, meaning, formula.terms[0].measure, good=good, decimals=decimals,
                  formula=formula.told(), provenance="modelled", model=formula, bound=bound)  # fmt: skip
