"""Whole months of points dropped at once: a measurement's table is kept on the disk by months.

Which month a point is filed under was for the server's time zone to say when it was written. So a month is dropped only when it has
ended in every zone before the limit; what is left of it is deleted as other points are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from metricstore.clickhouse.connection import Connection
from metricstore.clickhouse.tables import PARTITION, Layout
from metricstore.point import nanoseconds

_ZONES = timedelta(days=1)
"""None is further from UTC."""


@dataclass(frozen=True)
class Month:
    """As the server files it, such as 202602, and how many points are in it."""

    number: int
    points: int

    @property
    def start(self) -> datetime:
        """Nothing that is filed under it, in whatever zone, is dated before."""
        return datetime(*divmod(self.number, 100), 1, tzinfo=UTC) - _ZONES

    @property
    def stop(self) -> datetime:
        """Nor from then on."""
        first = datetime(*divmod(self.number, 100), 1, tzinfo=UTC)
        return (first + timedelta(days=32)).replace(day=1) + _ZONES


def droppable(connection: Connection, layout: Layout, name: str, before: datetime) -> Iterator[Month]:
    """Those that hold points and lie before a moment in whole, the oldest first."""
    text = (
        f"SELECT {PARTITION} AS month, count() FROM {layout.whole(name)} FINAL WHERE time < {nanoseconds(before)} "
        "GROUP BY month ORDER BY month"
    )
    months = (Month(int(number), int(points)) for number, points in connection.query(text, ()).result_rows)
    return (month for month in months if month.stop <= before)


def drop(connection: Connection, layout: Layout, name: str, month: Month) -> None:
    connection.command(f"ALTER TABLE {layout.stored(name)}{layout.everywhere} DROP PARTITION {month.number}")
