"""The schedule as data, and making a scheduler agree with it."""

# Imports inside functions: a single run starts faster without.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.base import Collector
from metricstore.catalogue.collectors import COLLECTORS

FOLLOWS: Mapping[str, tuple[str, ...]] = {one.name: one.follows for one in COLLECTORS if one.follows}
"""Collectors that also run after others have brought news."""

_STAGGER_SECONDS = 0.1


@dataclass(frozen=True)
class Entry:
    """When one collector runs."""

    name: str
    interval_seconds: float
    first_delay_seconds: float = 0.0
    follows: tuple[str, ...] = ()


def schedule_of(collectors: Sequence[Collector]) -> tuple[Entry, ...]:
    """Every collector at its own interval; all of them once right after the start, in their order."""
    return tuple(
        Entry(collector.name, collector.interval_seconds, place * _STAGGER_SECONDS, FOLLOWS.get(collector.name, ()))
        for place, collector in enumerate(collectors)
    )


def followers(entries: Sequence[Entry], name: str) -> tuple[str, ...]:
    """Who runs after collector `name` has brought news."""
    return tuple(entry.name for entry in entries if name in entry.follows)


def new_scheduler(collectors: int) -> Any:
    """An APScheduler scheduler for so many collectors, not started."""
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    pool = ThreadPoolExecutor(max_workers=2 * collectors + 2)
    return BackgroundScheduler(executors={"default": pool}, timezone=UTC)


def reconcile(scheduler: Any, entries: Sequence[Entry], run: Callable[[str], None]) -> None:
    """Add what is missing, change what differs, remove what the schedule no longer has. Repeating it changes nothing.

    `scheduler` is an APScheduler scheduler; jobs with a colon in their id (single runs) are left alone.
    """
    wanted = {entry.name: entry for entry in entries}
    present = {job.id: job for job in scheduler.get_jobs() if ":" not in job.id}
    for name in present.keys() - wanted.keys():
        scheduler.remove_job(name)
    for name, entry in wanted.items():
        interval = timedelta(seconds=entry.interval_seconds)
        if name in present:
            if present[name].trigger.interval != interval:
                scheduler.reschedule_job(name, trigger="interval", seconds=entry.interval_seconds)
            continue
        scheduler.add_job(
            run, "interval", args=[name], id=name, seconds=entry.interval_seconds, max_instances=1, coalesce=True,
            misfire_grace_time=max(1, int(entry.interval_seconds)),
            next_run_time=datetime.now(UTC) + timedelta(seconds=entry.first_delay_seconds),
        )  # fmt: skip
