"""What collectors are called, and which records lead to a log record."""

from __future__ import annotations

from collections.abc import Iterable

from metricstore.catalogue.collected import COLLECTED
from metricstore.catalogue.collectors import COLLECTORS
from metricstore.metrics import Metric

FROM_LOG = tuple(name for name, collected in COLLECTED.items() if "app_log" in collected.by)
"""Measurements whose `file` and `line` lead to a log record."""


def collectors_of(metrics: Iterable[Metric]) -> tuple[str, ...]:
    """Names of the collectors that metrics rest on. Those of other services than the metric asks for have no part in it."""
    found: list[str] = []
    for metric in metrics:
        for measure in metric.measures:
            writers = COLLECTED[measure.measurement].by
            services = {
                str(value)
                for one in measure.conditions()
                if one.column == "source" and one.operator == "any"
                for value in one.values
            }
            own = [name for name in writers if name.removeprefix("demo_") in services]
            found += own or writers
    return tuple(dict.fromkeys(found))


COLLECTOR_NAMES = {one.name: one.title for one in COLLECTORS} | {
    "backup": "Scheduled backup",
    "retention": "Retention",
    "rollups": "Rollup check",
}
"""Also of scheduled backups, of the deletion of what is too old and of the check of rollups, which run as collectors do."""

ANNOUNCES = {"retention": "deletion pending"}
"""Collectors whose warnings are not about what they have read, but about what they are going to do: in a few words."""
