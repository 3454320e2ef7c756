"""What the tests of deletion look at: records of some days, a look of the collector, what is stored and noted afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.runner import RunReport
from dashapp.retention.scheduled import ScheduledRetention
from dashapp.services import make_runner
from dashapp.settings import Settings
from metricstore.point import Point, nanoseconds
from metricstore.query import Query, RecordQuery
from metricstore.store import Store

EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def midnight() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def record(days: float, level: str = "INFO") -> Point:
    """So many days before this one began."""
    time = nanoseconds(midnight()) - round(days * 86_400) * 10**9
    return Point("log_record", time, {"level": level, "event": "other"}, {"message": "something"})


def look(settings: Settings, store: Store, later: timedelta = timedelta(0)) -> RunReport:
    collector = ScheduledRetention(settings.retention, now=lambda: datetime.now(UTC) + later)
    return make_runner(settings, store).run_in_place(collector)


def count(store: Store, name: str = "log_record") -> int:
    return int(store.ask(Query(name, "count", *EVER))["value"].iloc[0])


def deletions(store: Store) -> list[dict[str, Any]]:
    frame = store.records(RecordQuery("deletion", *EVER, descending=False)).frame
    return frame[["measurement", "points", "days"]].to_dict("records")
