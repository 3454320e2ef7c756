"""What sources did last, and how far their records reach."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from collectors.punctuality import RETIRED, interval, late_after
from collectors.runner.report import CollectorState
from layouts.source_state import SourceState
from metricstore.coverage import brought_anything
from metricstore.query import Filter, RecordQuery
from metricstore.restriction import unrestricted
from metricstore.retention import RUN_DAYS
from metricstore.store import Store
from questions.newest_records import with_records

NOT_RUNNING_HERE: Mapping[str, CollectorState] = {}
_LOOK_BACK = timedelta(days=RUN_DAYS)


_OF_RUN = ("outcome", "warnings", "records", "points")


def last_runs(
    viewer: Store, now: datetime, only: Collection[str] = (), live: Mapping[str, CollectorState] = NOT_RUNNING_HERE
) -> list[SourceState]:
    """The latest run of every collector that ever ran (of `only` these), and when it last went well. When sources were
    read says nothing of what they hold: it is the same for every viewer. `live`: what the runner says of its collectors, where it is part
    of this process."""
    source = unrestricted(viewer)
    start, stop = now - _LOOK_BACK, now + timedelta(days=1)
    found = []
    for collector in only or source.values("collector_run", "collector", start, stop):
        own = Filter("collector", "any", (collector,))
        runs = source.records(RecordQuery("collector_run", start, stop, (own,), _OF_RUN, limit=1)).frame
        if runs.empty:
            continue
        last = runs.iloc[0]
        outcome = str(last["outcome"])
        well = last["time"] if outcome == "ok" else _last_good(source, own, start, stop)
        at = last["time"].floor("us").to_pydatetime()
        found.append(SourceState(
            collector, outcome, at, well.floor("us").to_pydatetime() if well is not None else None,
            late_after(collector), interval(collector), _due(collector, at, live.get(collector)),
            collector in live and live[collector].running, _warnings(last["warnings"], live.get(collector)),
            outcome != "ok" or bool(last[["records", "points"]].fillna(0).any()) or brought_anything(source, collector)
            or _had_records(source, own, start, stop),
        ))  # fmt: skip
    return found


def sources(
    viewer: Store,
    now: datetime,
    timezone: str,
    only: Collection[str] = (),
    live: Mapping[str, CollectorState] = NOT_RUNNING_HERE,
) -> list[SourceState]:
    """As `last_runs`, of those that have something to read from, with their newest record that the viewer may see. One that
    this version no longer has is left out when it has not run for long: nobody could ever make it well."""
    states = [state for state in last_runs(viewer, now, only, live) if state.given and not _gone(state, now)]
    return with_records(viewer, states, now, timezone)


def _gone(state: SourceState, now: datetime) -> bool:
    return interval(state.collector) is None and now - state.at >= RETIRED


def _warnings(stored: Any, live: CollectorState | None) -> tuple[str, ...]:
    """The runner's word, where it is part of this process and has run; else what the latest stored run says."""
    if live is not None and live.last_run is not None:
        return live.warnings
    return tuple(stored.splitlines()) if isinstance(stored, str) else ()


def _due(collector: str, at: datetime, live: CollectorState | None) -> datetime | None:
    """When the next run is expected."""
    if live is not None and live.next_run is not None:
        return live.next_run
    every = interval(collector)
    return at + every if every is not None else None


def _had_records(source: Store, own: Filter, start: datetime, stop: datetime) -> bool:
    """Whether any run had some: checks of the program itself store no points, and have nothing to look at most of the time."""
    some = Filter("records", "min", (1,))
    return not source.records(RecordQuery("collector_run", start, stop, (own, some), ("outcome",), limit=1)).frame.empty


def _last_good(source: Store, own: Filter, start: datetime, stop: datetime) -> Any:
    good = Filter("outcome", "any", ("ok",))
    runs = source.records(RecordQuery("collector_run", start, stop, (own, good), ("outcome",), limit=1)).frame
    return None if runs.empty else runs.iloc[0]["time"]
