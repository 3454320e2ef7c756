"""What was recorded of AI calls, by UTC day and model, as the viewer may see it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np

from dashapp.bills.matching import Recorded
from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.selection import Selection
from metricstore.store import Store

_NANO = Decimal("0.000000001")


def providers(store: Store, first: date, last: date) -> list[str]:
    """Providers that calls of these days are known of."""
    start, stop = _span(first, last)
    return store.values("gen_ai_request", "provider", start, stop)


def recorded(store: Store, first: date, last: date, provider: str = "") -> list[Recorded]:
    """Of the observed system's own record; days and models without a call are left out. StoreError when it can't be asked."""
    start, stop = _span(first, last)
    where = {"provider": (provider,)} if provider else {}
    selection = Selection(start.isoformat(), stop.isoformat(), "UTC", "1d", where=where)
    names = ("ai_cost", "ai_calls", "ai_unpriced_calls")
    found: dict[tuple[date, str], dict[str, float]] = {}
    for name in names:
        frame = evaluate(store, metric(name), selection, by=("model",)).frame
        for time, model, value in zip(frame["time"], frame["model"], frame["value"], strict=True):
            if not np.isnan(value) and value:
                found.setdefault((time.date(), str(model)), {})[name] = float(value)
    return [
        Recorded(day, model, Decimal(str(values.get("ai_cost", 0.0))).quantize(_NANO), int(values.get("ai_calls", 0)),
                 int(values.get("ai_unpriced_calls", 0)))
        for (day, model), values in found.items()
    ]  # fmt: skip


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(first, datetime.min.time(), UTC)
    return midnight, datetime.combine(last, datetime.min.time(), UTC) + timedelta(days=1)
