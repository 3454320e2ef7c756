"""A write that the client sends in several blocks arrives whole."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from metricstore.clickhouse import ClickHouseStore
from metricstore.point import Point, nanoseconds

pytestmark = pytest.mark.clickhouse

BEGIN = nanoseconds(datetime(2024, 3, 10, tzinfo=UTC))


def test_points_of_many_fields_beyond_a_block_are_all_there(clickhouse_store: ClickHouseStore) -> None:
    tags = {"source": "buffer", "platform": "linkedin"}
    text = "x" * 100
    points = [
        Point(
            "social_post",
            BEGIN + place * 10**9,
            tags,
            {"service_post_id": f"{place}", "error_text": text, "status": "sent"},
        )
        for place in range(40_000)
    ]
    clickhouse_store.write(points)
    assert clickhouse_store.info().points == 40_000
