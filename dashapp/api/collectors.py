"""`/collectors`: how the collectors are doing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, current_app

from dashapp.api import encoding
from dashapp.api.conditional import plain
from dashapp.api.endpoints import Endpoint, endpoint
from dashapp.api.schemas import NUMBER, TEXT, TEXTS, TRUTH, WHEN, WHOLE, data_of, maybe, record
from metricstore.catalogue import measurement
from metricstore.query import Filter, RecordQuery
from metricstore.store import Store

RUN = measurement("collector_run")
LOOK_BACK = timedelta(days=90)
_LIVE = ("interval_seconds", "running", "last_success", "consecutive_failures", "next_run", "lag_seconds",
         "checkpoint_age_seconds")  # fmt: skip


@endpoint(Endpoint(
    "/collectors", "How each collector is doing",
    "`{data: [{name, last_run, last_outcome, last_error, records, points, rejected, duration_seconds, "
    "warnings, last_success, interval_seconds, running, consecutive_failures, next_run, lag_seconds, checkpoint_age_seconds}]}`; "
    "what only the process that runs the collectors knows is null elsewhere",
    example="/api/v1/collectors",
    schema=data_of(record("Collector", name=TEXT, last_run=maybe(WHEN), last_outcome=maybe(TEXT), last_error=maybe(TEXT), records=maybe(WHOLE),
                   points=maybe(WHOLE), rejected=maybe(WHOLE), duration_seconds=maybe(NUMBER), warnings=TEXTS, last_success=maybe(WHEN),
                   interval_seconds=maybe(NUMBER), running=maybe(TRUTH), consecutive_failures=maybe(WHOLE),
                   next_run=maybe(WHEN), lag_seconds=maybe(NUMBER), checkpoint_age_seconds=maybe(NUMBER))),
))  # fmt: skip
def collectors() -> Response:
    # Runs name no platform and hold counts alone, so every viewer may see them: the store is asked directly.
    store: Store = current_app.extensions["metricstore"]
    runner: Any = current_app.extensions.get("runner")
    live = {state.name: state for state in runner.states()} if runner is not None else {}
    stop = datetime.now(UTC) + timedelta(seconds=1)
    stored = store.values(RUN.name, "collector", stop - LOOK_BACK, stop)
    return plain(
        {"data": [_state(store, name, live.get(name), stop) for name in (*live, *sorted({*stored} - {*live}))]}
    )


def _state(store: Store, name: str, live: Any, stop: datetime) -> dict[str, object]:
    last = _last(store, name, stop)
    state: dict[str, object] = {
        "name": name,
        "last_run": last.get("time"),
        "last_outcome": last.get("outcome"),
        "last_error": last.get("error"),
        **{key: last.get(key) for key in ("records", "points", "rejected", "duration_seconds")},
        "warnings": str(last.get("warnings") or "").splitlines(),
    }
    if live is None:
        succeeded = _last(store, name, stop, Filter("outcome", "any", ("ok",)))
        return state | dict.fromkeys(_LIVE) | {"last_success": succeeded.get("time")}
    told = {key: getattr(live, key) for key in ("last_run", "last_outcome", "last_error", "warnings", *_LIVE)}
    # Runs that found nothing new leave no point, so the runner knows of later ones than the store.
    return state | {
        key: encoding.moment(value, "UTC") if isinstance(value, datetime) else value
        for key, value in told.items()
        if value is not None or key in _LIVE
    }


def _last(store: Store, name: str, stop: datetime, *also: Filter) -> dict[str, object]:
    where = (Filter("collector", "any", (name,)), *also)
    page = store.records(RecordQuery(RUN.name, stop - LOOK_BACK, stop, where, limit=1))
    found = encoding.records(page.frame, RUN, "UTC")
    return found[0] if found else {}
