"""Sums that are the least they can be: what is missing from them is counted, and said wherever they are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np

from metricstore.evaluation import evaluate
from metricstore.metrics import Metric, metric
from metricstore.selection import Selection
from metricstore.store import Store


def missing_from(store: Store, declared: Metric, selection: Selection, now: datetime | None = None) -> int:
    """How much of what a metric counts as its blind spot lies in the range; 0 for metrics that see everything."""
    if not declared.blind:
        return 0
    whole = replace(selection, every="none", compare=None)
    value = float(evaluate(store, metric(declared.blind), whole, now=now).frame["value"].sum())
    return 0 if np.isnan(value) else int(value)
