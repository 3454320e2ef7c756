"""What `dashapp retention` says: what is stored of each measurement, what would be deleted of it, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from collectors.runner.checkpoints import remembered
from dashapp.backup.counting import counts
from dashapp.retention.judging import Judgement, Memory, judged, memories
from dashapp.retention.scheduled import NAME
from dashapp.retention.standing import Standing, standings
from dashapp.services import make_source
from dashapp.settings import Settings
from metricstore.catalogue import MEASUREMENTS
from metricstore.catalogue.collectors import COLLECTORS
from metricstore.metrics import METRICS
from metricstore.point import moment, nanoseconds
from metricstore.retention import Retention, settled_before
from metricstore.store import DiskUse, Store

Row = dict[str, Any]


def report(store: Store, settings: Settings, retention: Retention, now: datetime | None = None) -> list[Row]:
    """A mapping for each measurement that has points or isn't kept for ever; see `_row`. Those that aren't come first."""
    now = now or datetime.now(UTC)
    found, use = counts(store), store.disk()
    stored = sum(found.values())
    limited = {one.measurement: one for one in standings(store, retention, now, counted=True)}
    known = _memories(settings)
    rows = [
        _row(one.measurement, one.points, one.first, use, stored)
        | _limited(one, known.get(one.measurement, Memory()), use, stored, now)
        for one in limited.values()
    ]
    for name, points in found.items():
        if name not in limited:
            ends = store.bounds(name)
            rows.append(_row(name, points, ends[0] if ends else None, use, stored))
    return rows


def _row(name: str, points: int, first: datetime | None, use: DiskUse, stored: int) -> Row:
    """`bytes`: about what it takes on the disk; None where the store can't say."""
    size = use.bytes_of(name, points, stored)
    return {
        "measurement": name,
        "title": MEASUREMENTS[name].title,
        "points": points,
        "since": first.isoformat() if first else None,
        "bytes": size,
        "bytes_per_point": round(size / points, 1) if size is not None and points else None,
        "days": None,
    }


def _limited(stands: Standing, memory: Memory, use: DiskUse, stored: int, now: datetime) -> Row:
    size = use.bytes_of(stands.measurement, stands.points, stored)
    judgement = judged(stands, memory, now)
    return {
        "days": stands.days,
        "before": stands.limit.isoformat(),
        "older": stands.older,
        "older_bytes": round(size * stands.older / stands.points) if size is not None and stands.points else None,
        "next": _next(stands, memory, judgement),
        "empty": [one.title for one in METRICS.values() if stands.measurement in one.measurements],
        "settled": list(_settled(stands)),
    }


def _next(stands: Standing, memory: Memory, judgement: Judgement) -> str:
    """What is to follow. A policy of which the program has announced nothing yet may be one of this command only."""
    if judgement.memory.announced not in (None, memory.announced):
        return "Once the program runs with this setting it is announced for a day, then deleted."
    return judgement.sentence or ("The next scheduled run deletes them." if stands.older else "")


def _settled(stands: Standing) -> Iterator[str]:
    """What is put together of it."""
    for one in COLLECTORS:
        if stands.measurement in dict(one.reads):
            edge = moment(settled_before(one, {stands.measurement: nanoseconds(stands.limit)}))
            yield f"{one.title}: what it has put together of before {edge:%Y-%m-%d} stays as it is, and nothing is added to it"


def _memories(settings: Settings) -> dict[str, Memory]:
    _, checkpoint = remembered(settings.data_dir, make_source(settings).root).get(NAME, ("", {}))
    return memories(checkpoint)
