"""All values of a chart's groups that are known, whatever its range and filters: their colours go by their places among them."""

from __future__ import annotations

from datetime import UTC, datetime

from layouts.charts import Chart
from layouts.charts.figures import lines, stacked_bars
from layouts.charts.palette import has_meaning
from layouts.pages import CHARTS
from metricstore.catalogue import Measurement
from metricstore.errors import StoreError
from metricstore.evaluation import Answer
from metricstore.query import Filter
from metricstore.store import Store

_EVER = datetime(1971, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_COLOURED = (lines, stacked_bars)
"""Shapes with a colour for each value."""


def known_values(source: Store, chart: Chart, answer: Answer) -> tuple[str, ...]:
    """Values of the dimension that the chart's series stand for: declared ones in their order, then by name those that are stored,
    in whatever some chart splits by it. The store is asked only where the answer has a value that is neither
    declared nor has a colour by its meaning; what the viewer may not see is not among them. Empty for charts of other shapes."""
    if not answer.by or chart.draw not in _COLOURED:
        return ()
    dimension = answer.by[0]
    declared = [value for one, _ in _split_by(dimension) for value in _declared(one, dimension)]
    strange = (str(value) for value in answer.frame[dimension].unique())
    if all(has_meaning(value) or value in declared for value in strange):
        return tuple(dict.fromkeys(declared))
    return tuple(dict.fromkeys((*declared, *sorted(_stored(source, dimension)))))


def _split_by(dimension: str) -> list[tuple[Measurement, tuple[Filter, ...]]]:
    """What charts with a series for each value of it count: the measurement, and which of its records."""
    charts = (one for one in CHARTS.values() if one.draw in _COLOURED and one.by[:1] == (dimension,))
    return list(dict.fromkeys((one.declared.source, one.declared.measure.where) for one in charts))


def _declared(source: Measurement, dimension: str) -> tuple[str, ...]:
    if source.has_field(dimension):
        return source.field(dimension).values
    return next((tag.values for tag in source.tags if tag.name == dimension), ())


def _stored(source: Store, dimension: str) -> set[str]:
    try:
        return {
            value
            for one, where in _split_by(dimension)
            if dimension in one.dimensions
            for value in source.values(one.name, dimension, *_EVER, where)
        }
    except StoreError:  # colours may not cost a chart that has been answered
        return set()
