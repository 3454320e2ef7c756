"""What was recorded of AI calls, and what providers report of them, by UTC day and model, as the viewer may see it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np

from dashapp.bills.matching import Recorded, Reported
from metricstore.errors import NotAllowed
from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.restriction import access
from metricstore.selection import Selection
from metricstore.store import Store

_NANO = Decimal("0.000000001")


def providers(store: Store, first: date, last: date) -> list[str]:
    """Providers that anything of these days is known of."""
    start, stop = _span(first, last)
    found = [store.values(name, "provider", start, stop) for name in ("gen_ai_request", "gen_ai_cost")]
    return sorted({*found[0], *found[1]})


def recorded(store: Store, first: date, last: date, provider: str = "") -> list[Recorded]:
    """Of the observed system's own record; days and models without a call are left out. StoreError when it can't be asked."""
    start, stop = _span(first, last)
    where = {"provider": (provider,)} if provider else {}
    selection = Selection(start.isoformat(), stop.isoformat(), "UTC", "1d", where=where)
    names = ("ai_cost", "ai_calls", "ai_unpriced_calls")
    return [
        Recorded(day, model, _dollars(values.get("ai_cost", 0.0)), int(values.get("ai_calls", 0)),
                 int(values.get("ai_unpriced_calls", 0)))
        for (day, model), values in _by_day_and_model(store, names, selection).items()
    ]  # fmt: skip


def reported(store: Store, first: date, last: date, provider: str = "") -> list[Reported] | None:
    """Of the providers' own reports, a gateway's left out. None where the viewer sees a part of the calls alone, beside
    which a whole report would say nothing."""
    start, stop = _span(first, last)
    try:
        access(store).require_alike(("gen_ai_request", "gen_ai_cost"))
    except NotAllowed:
        return None
    where = {"provider": (provider,)} if provider else {}
    selection = Selection(start.isoformat(), stop.isoformat(), "UTC", "1d", where=where)
    found = _by_day_and_model(store, ("ai_billed_cost", "ai_billed_unknown"), selection)
    return [
        Reported(day, "" if model == "none" else model,
                 _dollars(values["ai_billed_cost"]) if "ai_billed_cost" in values else None, int(values.get("ai_billed_unknown", 0)))
        for (day, model), values in found.items()
    ]  # fmt: skip


def _by_day_and_model(
    store: Store, names: tuple[str, ...], selection: Selection
) -> dict[tuple[date, str], dict[str, float]]:
    """What there is of each metric and is not 0."""
    found: dict[tuple[date, str], dict[str, float]] = {}
    for name in names:
        frame = evaluate(store, metric(name), selection, by=("model",)).frame
        for time, model, value in zip(frame["time"], frame["model"], frame["value"], strict=True):
            if not np.isnan(value) and value:
                found.setdefault((time.date(), str(model)), {})[name] = float(value)
    return found


def _dollars(value: float) -> Decimal:
    return Decimal(str(value)).quantize(_NANO)


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(first, datetime.min.time(), UTC)
    return midnight, datetime.combine(last, datetime.min.time(), UTC) + timedelta(days=1)
