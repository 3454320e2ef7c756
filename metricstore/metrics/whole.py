"""Whether metrics rest on what is measured, asked once, when they are loaded."""

from __future__ import annotations

from collections.abc import Iterable

from metricstore.catalogue import MEASUREMENTS
from metricstore.catalogue.model import Measurement
from metricstore.errors import CatalogueError
from metricstore.metrics.model import Metric
from metricstore.time_parts import TIME_PARTS


def require_whole(metrics: Iterable[Metric]) -> None:
    """CatalogueError names the first metric whose name is taken, or whose measurement or column isn't declared."""
    taken: set[str] = set()
    for metric in metrics:
        if metric.name in taken:
            raise CatalogueError(f'there are two metrics "{metric.name}" in metricstore/metrics/: rename one')
        taken.add(metric.name)
        for name in metric.measurements:
            if name not in MEASUREMENTS:
                raise CatalogueError(
                    f'the metric {metric.name} asks about "{name}", which isn\'t declared: add it as a Measurement to '
                    "MEASUREMENTS of a file in metricstore/catalogue/"
                )
        for name, column in _columns(metric):
            _require_column(metric, MEASUREMENTS[name], column)


def _columns(metric: Metric) -> Iterable[tuple[str, str]]:
    """(measurement, column) of everything it takes or filters by."""
    for measure in metric.measures:
        if measure.field is not None:
            yield measure.measurement, measure.field
        for one in measure.conditions():
            yield measure.measurement, one.column


def _require_column(metric: Metric, declared: Measurement, column: str) -> None:
    if column not in (*declared.columns, *TIME_PARTS):
        raise CatalogueError(
            f'the metric {metric.name} asks for "{column}" of "{declared.name}", which has {", ".join(declared.columns)}: add a '
            "Tag or Field to the Measurement in metricstore/catalogue/, or mend the metric in metricstore/metrics/"
        )
