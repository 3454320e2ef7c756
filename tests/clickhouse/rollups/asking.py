"""What these tests ask."""

from __future__ import annotations

from metricstore.clickhouse import ClickHouseStore
from tests.contract.asking import asked, assert_same, rows
from tests.contract.rollups.asking import SECONDS, of_points

DAY = asked("sum", "1d", field=SECONDS)


def right(store: ClickHouseStore, query: object = DAY) -> None:
    assert_same(rows(store.ask(query)), of_points(store, query))  # type: ignore[arg-type]
