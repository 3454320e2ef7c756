"""Rollups of few points, at once, and stores of several processes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from metricstore import query as query_module
from metricstore.influx import InfluxStore
from metricstore.influx.rollups import keeping
from metricstore.rollups import planner, upkeep
from tests.influx.rollups.asking import OPENED
from tests.stores import InfluxServer


@pytest.fixture(autouse=True)
def kept_of_few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few there are, for ranges of any length, and at once."""
    monkeypatch.setattr(upkeep, "FEWEST_POINTS", 1)
    monkeypatch.setattr(keeping, "SETTLED_SECONDS", 0.0)
    monkeypatch.setattr(keeping, "DECIDE_SECONDS", 0.0)
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 0)
    monkeypatch.setattr(upkeep, "SAMPLED_HOURS", 12)
    monkeypatch.setattr(planner, "FEWEST_HOURS", 1)
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(0))


@pytest.fixture
def opened(influxd: InfluxServer, influx_bucket: str) -> Iterator[OPENED]:
    """Another process's store of the bucket at each call."""
    stores: list[InfluxStore] = []

    def another() -> InfluxStore:
        stores.append(InfluxStore(influxd.url, influxd.token, influxd.org, influx_bucket))
        return stores[-1]

    yield another
    for store in stores:
        store.close()
