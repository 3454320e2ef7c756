"""What the collectors did, as the store has it: they may run in another process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flask import Flask

from dashapp.monitoring.families import LAG, LETTERS, RECORDS, RUNS, SUCCESS
from dashapp.monitoring.sample import Sample
from metricstore.query import Query
from metricstore.store import Store
from questions.source_states import last_runs

_BEGIN = datetime(1990, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_STILL_MOVING = 2 * _DAY
"""Runs whose points were written late, while the store was away, are counted if they are no older."""


class CollectorFigures:
    """Asks anew what may have changed, and once a day for all that is older."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._older: tuple[datetime, dict[tuple[str, ...], float]] | None = None

    def __call__(self) -> list[Sample]:
        now = datetime.now(UTC)
        store: Store = self._app.extensions["metricstore"]
        return [*self._runs(store, now), *_letters(store, now), *self._timely(store, now)]

    def _runs(self, store: Store, now: datetime) -> Iterator[Sample]:
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        border = today - _STILL_MOVING
        if self._older is None or self._older[0] != border:
            self._older = (border, _counted(store, _BEGIN, border))
        # To the end of tomorrow: the same question all day, answered by the cache while nothing is new.
        recent = _counted(store, border, today + 2 * _DAY)
        records: dict[str, float] = {}
        for key in sorted({*recent, *self._older[1]}):
            value = recent.get(key, 0.0) + self._older[1].get(key, 0.0)
            what, collector, outcome = key
            if what == "runs":
                yield Sample(RUNS, (collector, outcome), value)
            else:
                records[collector] = records.get(collector, 0.0) + value
        for collector, value in records.items():
            yield Sample(RECORDS, (collector,), value)

    def _timely(self, store: Store, now: datetime) -> Iterator[Sample]:
        runner = self._app.extensions.get("runner")
        # Runs that found nothing leave no point, so the runner knows of later ones, where it is part of this process.
        known = {state.name: state.last_success for state in runner.states()} if runner is not None else {}
        for state in last_runs(store, now):
            well = max((moment for moment in (state.well, known.get(state.collector)) if moment), default=None)
            if well is None:
                continue
            yield Sample(SUCCESS, (state.collector,), well.timestamp())
            if state.every is not None:
                yield Sample(LAG, (state.collector,), max(0.0, (now - well - state.every).total_seconds()))


def _counted(store: Store, start: datetime, stop: datetime) -> dict[tuple[str, ...], float]:
    """("runs" or "records", collector, outcome) → how many in [start, stop)."""
    by = ("collector", "outcome")
    asked = {
        "runs": Query("collector_run", "count", start, stop, by=by),
        "records": Query("collector_run", "sum", start, stop, "records", by=by),
    }
    found: dict[tuple[str, ...], float] = {}
    for what, answer in zip(asked, store.ask_all(list(asked.values())), strict=True):
        for (collector, outcome), value in zip(answer.labels, answer["value"].tolist(), strict=True):
            if value == value:  # NaN: nothing to add up
                found[what, collector, outcome] = value
    return found


def _letters(store: Store, now: datetime) -> Iterator[Sample]:
    """A record's own time may lie anywhere, so all of it is asked; few are set aside, and the cache knows it until one is."""
    end = now.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0) + 800 * _DAY
    answer = store.ask_all([Query("dead_letter", "count", _BEGIN, end, by=("collector",))])[0]
    for (collector,), value in zip(answer.labels, answer["value"].tolist(), strict=True):
        yield Sample(LETTERS, (collector,), value)
