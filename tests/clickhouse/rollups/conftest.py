"""Two processes' stores on one database, which keep rollups however few points there are."""

from __future__ import annotations

import pytest

from metricstore.clickhouse import ClickHouseStore, rollup_state, rollups
from metricstore.rollups import planner, upkeep
from tests.clickhouse.server import ClickHouseServer
from tests.contract.asking import START, generation, hours
from tests.contract.rollups.asking import SECONDS, made


@pytest.fixture(autouse=True)
def kept_of_few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "FEWEST_POINTS", 1)
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 0)
    monkeypatch.setattr(planner, "FEWEST_HOURS", 1)
    monkeypatch.setattr(rollup_state, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(rollups, "_AIM_SECONDS", 10.0)


@pytest.fixture
def store(clickhouse_store: ClickHouseStore) -> ClickHouseStore:
    """Twenty days, a point every half an hour, and rollups of all of them."""
    clickhouse_store.write([generation(START + hours(n / 2), **{SECONDS: 1.0}) for n in range(960)])
    made(clickhouse_store)
    assert clickhouse_store.rollups.left() == 0
    return clickhouse_store


@pytest.fixture
def other(clickhouse: ClickHouseServer, clickhouse_database: str) -> ClickHouseStore:
    """Another process's store on the same database."""
    return ClickHouseStore(clickhouse.named(clickhouse_database))
