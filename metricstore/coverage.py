"""Between which moments a measurement is known in whole: what tells a counted zero from what nobody knows yet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from metricstore.catalogue import measurement
from metricstore.catalogue.collected import COLLECTED, Collected
from metricstore.catalogue.selfwatch import DELETION
from metricstore.dates import as_given, known_until, whole_units
from metricstore.deletions import Deletions, deletions
from metricstore.query import Filter, RecordQuery
from metricstore.restriction import access, restricted, unrestricted
from metricstore.retention import RUN_DAYS
from metricstore.segment import Segment
from metricstore.store import Store

_AHEAD = datetime.max.replace(tzinfo=UTC)
_LOOK_BACK, _LOOK_AHEAD = timedelta(days=RUN_DAYS), timedelta(days=1)
_SECONDS = 60.0
"""What is kept under a revision that has passed is of no use to anybody."""
_lock = threading.Lock()
_kept: WeakKeyDictionary[Store, dict[Any, tuple[float, Any]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Coverage:
    """[start, until) is known. `start` None: nothing was ever collected."""

    start: datetime | None
    until: datetime

    def holds(self, opened: datetime, closed: datetime) -> bool:
        """Whether any of [opened, closed) is known."""
        return self.start is not None and closed > self.start and opened < self.until


EVERYTHING = Coverage(datetime.min.replace(tzinfo=UTC), _AHEAD)


def coverage(store: Store, measurements: Iterable[str], timezone: str = "UTC") -> Coverage:
    """What is known of all `measurements`, of dates as they count in `timezone`. Who sees only a part is not told from when on there is anything at all,
    only how far sources were read."""
    whole, limited = unrestricted(store), access(store).is_limited
    found, kept = EVERYTHING, kept_from(whole)
    for name in measurements:
        collected = COLLECTED[name]
        one = None
        if collected.reach != "always":
            one = _read(whole, collected) if limited else _coverage(whole, name, collected, timezone)
        if name in kept:
            one = one or EVERYTHING
            one = replace(one, start=max(one.start, kept[name]) if one.start is not None else None)
        if one is None:
            continue
        if found.start is None or one.start is None:
            return Coverage(None, found.until)
        found = Coverage(max(found.start, one.start), min(found.until, one.until))
    return found


def compared_coverage(store: Store, measurements: Sequence[str], timezone: str = "UTC") -> Coverage:
    """As `coverage`, for a time that is compared with. Who sees only a part is told of nothing before the first point
    that they may see: a change measured against it would be made up."""
    known = coverage(store, measurements, timezone)
    if not access(store).is_limited or known == EVERYTHING:
        return known
    for name in measurements:
        if COLLECTED[name].reach != "always":
            seen = _told(store, name, COLLECTED[name].told_by, timezone)
            known = replace(known, start=max(known.start or _AHEAD, seen[0]) if seen else None)
    return known


def _coverage(store: Store, name: str, collected: Collected, timezone: str) -> Coverage:
    siblings = [other for other, how in COLLECTED.items() if set(how.by) & set(collected.by)]
    ends = ((other, _bounds(store, other, collected.told_by, timezone)) for other in siblings)
    starts = [whole_units(measurement(other), known[0]) for other, known in ends if known is not None]
    if not starts:
        return Coverage(None, _AHEAD)
    read = _read(store, collected)
    if read is None:
        return EVERYTHING
    if collected.reach == "newest":
        newest = _bounds(store, name, collected.told_by, timezone)
        return Coverage(min(starts), known_until(measurement(name), newest[1], timezone) if newest else min(starts))
    return Coverage(min(starts), read.until)


def kept_from(store: Store) -> dict[str, datetime]:
    """By measurement: from when on points are kept, where older ones were deleted because of their age. Nobody knows any more how many
    there were before."""
    return _noted(store).limits()


def left_out(store: Store) -> dict[str, datetime]:
    """By measurement: before which moment points were left out at writing, as far as that still holds."""
    return _noted(store).left_out()


def cut_off(store: Store, measurements: Iterable[str]) -> datetime | None:
    """What began before it has lost some of its points because of their age: a total of it is less than it was. None: nothing has."""
    limits = kept_from(unrestricted(store))
    return max((limits[name] for name in measurements if name in limits), default=None)


def _noted(store: Store) -> Deletions:
    found: Deletions = _kept_for(store, ("deleted", store.revision(DELETION.name)), lambda: deletions(store))
    return found


def _read(store: Store, collected: Collected) -> Coverage | None:
    """How far sources were read; None where points came by another way than a collector, so that nobody says."""
    runs = [well for collector in collected.by if (well := last_good_run(store, collector)) is not None]
    if not runs:
        return None
    return Coverage(EVERYTHING.start, max(runs) if collected.reach == "run" else _AHEAD)


def _bounds(
    store: Store, name: str, told_by: tuple[str, ...], timezone: str
) -> tuple[datetime, datetime] | None:  # fmt: skip
    zoned = timezone if measurement(name).dates else "UTC"
    key = ("bounds", name, zoned, *told_by, store.revision(name))
    found: tuple[datetime, datetime] | None = _kept_for(store, key, lambda: _told(store, name, told_by, zoned))
    return found


def bounds(store: Store, name: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None:
    """Time of the first and last point of those that its metrics are about: others may tell the same a second time."""
    told_by = COLLECTED[name].told_by if name in COLLECTED else ()
    # What a limited viewer sees is made for one request.
    ask = _told if access(store).is_limited else _bounds
    return ask(store, name, told_by, timezone)


def _told(store: Store, name: str, told_by: tuple[str, ...], timezone: str) -> tuple[datetime, datetime] | None:
    if told_by and "source" in measurement(name).tag_names:
        store = restricted(store, Segment((("source", told_by),)))
    return store.bounds(name, timezone)


def data_until(store: Store, name: str, timezone: str = "UTC") -> date | datetime | None:
    """How far what is shown of a measurement reaches: its last good reading; where figures are handed over, the
    newest of them, a date where that is all its source gives. None where nobody says."""
    collected = COLLECTED.get(name)
    read = _read(unrestricted(store), replace(collected, reach="run")) if collected else None
    if collected is None or read is None:
        return None
    newest = store.bounds(name, timezone) if collected.reach == "newest" else None
    if newest is None or newest[1] > read.until:
        return read.until
    return as_given(measurement(name), newest[1], timezone)


def last_good_run(store: Store, collector: str) -> datetime | None:
    """When the collector's last good run began; None when there is none in the last 400 days."""

    def ask() -> datetime | None:
        now = datetime.now(UTC)
        where = (Filter("collector", "any", (collector,)), Filter("outcome", "any", ("ok",)))
        wanted = RecordQuery("collector_run", now - _LOOK_BACK, now + _LOOK_AHEAD, where, ("outcome",), limit=1)
        runs = store.records(wanted).frame
        return pd.Timestamp(runs.iloc[0]["time"]).floor("us").to_pydatetime() if len(runs) else None

    key = ("run", collector, store.revision("collector_run"))
    found: datetime | None = _kept_for(store, key, ask)
    return found


def brought_anything(store: Store, collector: str) -> bool:
    """Whether a run of the collector stored points in the last 400 days: one that has nothing to read from never does."""

    def ask() -> bool:
        now = datetime.now(UTC)
        where = (Filter("collector", "any", (collector,)), Filter("points", "min", (1,)))
        wanted = RecordQuery("collector_run", now - _LOOK_BACK, now + _LOOK_AHEAD, where, ("outcome",), limit=1)
        return len(store.records(wanted).frame) > 0

    found: bool = _kept_for(store, ("brought", collector), ask)
    return found


def _kept_for(store: Store, key: tuple[str, ...], ask: Callable[[], Any]) -> Any:
    now = time.monotonic()
    with _lock:
        known = _kept.setdefault(store, {}).get(key)
    if known is not None and known[0] > now:
        return known[1]
    answer = ask()
    with _lock:
        kept = _kept.setdefault(store, {})
        for old in [other for other, (until, _) in kept.items() if until <= now]:
            del kept[old]
        kept[key] = (now + _SECONDS, answer)
    return answer
