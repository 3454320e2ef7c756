"""How many points a store holds, by measurement."""

from __future__ import annotations

from datetime import timedelta

from metricstore.catalogue import MEASUREMENTS
from metricstore.query import Query
from metricstore.store import Store

_TICK = timedelta(microseconds=1)


def counts(store: Store) -> dict[str, int]:
    """Measurements without points are left out."""
    found = {}
    for name in MEASUREMENTS:
        ends = store.bounds(name)
        if ends is not None:
            found[name] = int(store.ask(Query(name, "count", ends[0], ends[1] + _TICK))["value"].iloc[0])
    return found
