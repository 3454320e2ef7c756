"""Which metrics have a change that is made of parts, and which columns can explain it."""

from __future__ import annotations

from metricstore.catalogue import measurement
from metricstore.goal import adds_up_over_time
from metricstore.metrics import Metric

HOUR = "hour"
"""The hour of the day, which every time has; a date has none."""
_COLUMNS = (
    "platform", "topic", "outcome", "outcome_reason", "model", "provider", "prompt_type", "http_status", "error_class",
    "error_kind", "status", "state", "cause", "step", "level", "event", "collector",
)  # fmt: skip


def change_columns(metric: Metric) -> tuple[str, ...]:
    """Columns that may say why, where a metric knows them. What a share counts by says nothing of why it counts so."""
    counted_by = {one.column for one in metric.measure.where} if metric.per is not None else set()
    found = tuple(name for name in _COLUMNS if name in metric.dimensions and name not in counted_by)
    dates = any(measurement(name).dates for name in metric.measurements)
    return found if dates or not found else (*found, HOUR)


def has_parts(metric: Metric) -> bool:
    """Counts, sums and ratios of them are made of parts; medians, extremes and formulas are not."""
    ratio = metric.per is not None and all(measure.aggregate in ("count", "sum") for measure in metric.measures)
    return bool(change_columns(metric)) and (adds_up_over_time(metric) or ratio)
