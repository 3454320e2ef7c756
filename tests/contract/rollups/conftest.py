"""Each store that keeps rollups in turn, which keeps them however few points there are."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from metricstore import query as query_module
from metricstore.clickhouse import ClickHouseStore, hour_marks, rollup_state, rollups
from metricstore.duck import DuckStore
from metricstore.rollups import planner, upkeep
from tests.contract.rollups.asking import Kept, Open, made, regular


@pytest.fixture(autouse=True)
def kept_of_few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few there are, and for ranges of any length."""
    monkeypatch.setattr(upkeep, "FEWEST_POINTS", 1)
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 0)
    monkeypatch.setattr(planner, "FEWEST_HOURS", 1)
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(0))
    monkeypatch.setattr(hour_marks, "MOST_HOURS", 30)
    monkeypatch.setattr(rollup_state, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(rollups, "_AIM_SECONDS", 10.0)  # as quickly as it can be done


@pytest.fixture(params=["duck", pytest.param("clickhouse", marks=pytest.mark.clickhouse)])
def opened(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens one and the same store anew, which is empty at first; the one before is closed."""
    stores: list[Kept] = []
    if request.param == "duck":
        path = Path(
            shutil.copy(
                request.getfixturevalue("empty_duck_file"), request.getfixturevalue("tmp_path") / "metrics.duckdb"
            )
        )
        fresh = lambda: DuckStore(path)  # noqa: E731
    else:
        place = request.getfixturevalue("clickhouse").named(request.getfixturevalue("clickhouse_database"))
        fresh = lambda: ClickHouseStore(place)  # type: ignore[assignment, return-value]  # noqa: E731

    def again() -> Kept:
        for store in stores:
            store.close()
        stores.append(fresh())
        return stores[-1]

    yield again
    for store in stores:
        store.close()


@pytest.fixture
def empty(opened: Open) -> Kept:
    return opened()


@pytest.fixture
def store(empty: Kept) -> Kept:
    """Two months, a point every ten minutes, and rollups of all of them."""
    empty.write(regular())
    made(empty)
    return empty
