"""Whole months go at once, in whatever zone the server has filed them, and never a point too many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from metricstore.clickhouse import ClickHouseStore, months
from metricstore.clickhouse.months import Month
from metricstore.point import Point, nanoseconds

LIMIT = datetime(2024, 3, 10, tzinfo=UTC)


def test_a_month_is_over_when_it_is_over_everywhere() -> None:
    assert (Month(202402, 1).start, Month(202402, 1).stop) == (
        datetime(2024, 1, 31, tzinfo=UTC),
        datetime(2024, 3, 2, tzinfo=UTC),
    )
    assert Month(202312, 1).stop == datetime(2024, 1, 2, tzinfo=UTC)


@pytest.mark.clickhouse
@pytest.mark.parametrize("limit", [LIMIT, datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 2, tzinfo=UTC)])
def test_months_are_dropped_and_the_rest_is_deleted_by_rows(clickhouse_store: ClickHouseStore, limit: datetime) -> None:
    step = timedelta(hours=7)
    moments = [limit + step * number for number in range(-400, 40)]
    clickhouse_store.write([
        Point("log_record", nanoseconds(moment), {"level": "INFO", "event": "other"}, {"message": "x"}) for moment in moments
    ])  # fmt: skip
    dropped = list(months.droppable(clickhouse_store._connection, clickhouse_store._layout, "log_record", limit))
    assert dropped and all(month.stop <= limit for month in dropped)
    steps = list(clickhouse_store.expire("log_record", limit))
    assert steps[: len(dropped)] == [month.points for month in dropped]
    assert sum(steps) == 400
    assert clickhouse_store.bounds("log_record") == (limit, moments[-1])
    clickhouse_store.write(
        [Point("log_record", nanoseconds(moments[0]), {"level": "INFO", "event": "other"}, {"message": "y"})]
    )
    assert sum(clickhouse_store.expire("log_record", limit)) == 1, "a month that was dropped takes points again"
