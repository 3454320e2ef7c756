"""Who collects a measurement, and how far a good run reaches: what tells a zero from what nobody knows yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from metricstore.catalogue import MEASUREMENTS
from metricstore.catalogue.collectors import COLLECTORS, Registration
from metricstore.catalogue.model import Measurement, Reach
from metricstore.errors import CatalogueError

HERE = "metricstore/catalogue/collectors.py"


@dataclass(frozen=True)
class Collected:
    """How a measurement comes into the store: what it says itself and what its collectors say, together."""

    by: tuple[str, ...]
    """Names of the collectors whose runs say how far it is known; none where the dashboard writes it itself."""
    told_by: tuple[str, ...]
    """The `source` of what `by` writes, where others write the measurement too."""
    reach: Reach
    snapshot: timedelta | None
    partial: bool
    conflicts: str
    settle: timedelta


def collected(measurement: Measurement, collectors: Iterable[Registration]) -> Collected:
    """CatalogueError when nobody collects it: its metrics would show zeros for times that nobody has looked at."""
    feeding = [one for one in collectors if measurement.name in one.feeds]
    if not feeding and measurement.reach != "always":
        raise CatalogueError(
            f'nothing says which collector writes the measurement "{measurement.name}": add it to `feeds` of its collector in {HERE} '
            '(or give the measurement reach="always", if the dashboard writes it itself)'
        )
    if feeding and measurement.reach == "always":
        raise CatalogueError(
            f'the measurement "{measurement.name}" says reach="always", which is for what the dashboard writes itself, but '
            f"{HERE} says that {feeding[0].name} collects it: remove one of the two"
        )
    joined = any(measurement.name in one.adds_to for one in collectors)
    return Collected(
        by=tuple(one.name for one in feeding),
        told_by=tuple(dict.fromkeys(one.source for one in feeding)) if joined else (),
        reach=measurement.reach,
        snapshot=measurement.snapshot,
        partial=measurement.partial,
        conflicts=measurement.conflicts,
        settle=measurement.settle,
    )


def require_measured(collectors: Iterable[Registration], measurements: Mapping[str, Measurement]) -> None:
    """CatalogueError names a collector's measurement that isn't declared."""
    for one in collectors:
        for name, _ in one.reads:
            if name not in measurements:
                raise CatalogueError(f'{HERE} says that the collector {one.name} reads "{name}", which isn\'t declared')
        for name in dict.fromkeys((*one.feeds, *one.adds_to, *filter(None, [one.records]))):
            if name not in measurements:
                raise CatalogueError(
                    f'{HERE} says that the collector {one.name} writes "{name}", which isn\'t declared: add it as a Measurement to '
                    "MEASUREMENTS of a file in metricstore/catalogue/ (a package: to `measurements` of its PackagedCollector)"
                )
        if one.records and one.records not in (*one.feeds, *one.adds_to):
            raise CatalogueError(
                f'{HERE}: `records` of the collector {one.name} is "{one.records}", which isn\'t in its `feeds`: add it there'
            )


require_measured(COLLECTORS, MEASUREMENTS)
COLLECTED: dict[str, Collected] = {name: collected(one, COLLECTORS) for name, one in MEASUREMENTS.items()}
"""Of every measurement."""


def add(collector: Registration, measurements: Iterable[Measurement]) -> None:
    """A collector from a package of its own and what it measures; only before anything is derived from these lists.

    CatalogueError says what it lacks, and leaves the lists as they were.
    """
    fresh = {one.name: one for one in measurements}
    taken = [
        *(name for name in fresh if name in MEASUREMENTS),
        *(one.name for one in COLLECTORS if one.name == collector.name),
    ]
    if taken:
        raise CatalogueError(f'the name "{taken[0]}" is taken: choose another')
    if not collector.code:
        raise CatalogueError(
            f'the Registration of {collector.name} doesn\'t say where its class is: add code="<module>:<Class>"'
        )
    together, measured = [*COLLECTORS, collector], MEASUREMENTS | fresh
    require_measured(together, measured)
    joined = {name: collected(one, together) for name, one in measured.items()}
    COLLECTORS.append(collector)
    MEASUREMENTS.update(fresh)
    COLLECTED.update(joined)
