"""How much a segment lets through of what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from metricstore.catalogue import MEASUREMENTS, Measurement
from metricstore.errors import NotAllowed
from metricstore.query import Query, RecordQuery
from metricstore.restriction import RestrictedStore
from metricstore.segment import Segment
from metricstore.store import Store
from metricstore.time_parts import TIME_PARTS

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Share:
    """Of a measurement: how many records count inside the segment, of how many; why single ones stay closed, or "".

    What tells none of the segment's columns can't be parted by them: it is counted as a whole, and its records are
    closed. Then `parted` is false.
    """

    title: str
    inside: int
    all: int
    closed: str = ""
    parted: bool = True


def shares(store: Store, segment: Segment) -> list[Share]:
    """For each measurement that has anything."""
    narrowed = RestrictedStore(store, (segment,))
    found = []
    for source in MEASUREMENTS.values():
        bounds = store.bounds(source.name)
        if bounds is not None:
            query = Query(source.name, "count", bounds[0], bounds[1] + _TICK)
            counts = _count(narrowed, query), _count(store, query)
            told = (*source.columns, *TIME_PARTS)
            parted = all(column in told for column in segment.columns)
            found.append(Share(source.title, *counts, _closed(narrowed, source, query), parted))
    return found


def _count(store: Store, query: Query) -> int:
    try:
        return int(store.ask(query)["value"].sum())
    except NotAllowed:
        return 0


def _closed(narrowed: RestrictedStore, source: Measurement, query: Query) -> str:
    try:
        narrowed.access.narrowed_records(RecordQuery(source.name, query.start, query.stop))
    except NotAllowed as error:
        return str(error)
    return ""
