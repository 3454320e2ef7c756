"""All values of a chart's groups that are known, whatever its range and filters: their colours go by their places among them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from layouts.charts import Chart
from layouts.charts.figures import lines, stacked_bars
from layouts.charts.palette import has_meaning
from layouts.pages import CHARTS
from metricstore.catalogue import Measurement
from metricstore.errors import StoreError
from metricstore.evaluation import Answer
from metricstore.query import Filter
from metricstore.restriction import access
from metricstore.store import Store
from metricstore.windows import Window, zone

_COLOURED = (lines, stacked_bars)
"""Shapes with a colour for each value."""
_BACK = timedelta(days=400)
_MONTH, _UTC = Window(1, "mo"), zone("UTC")


def known_values(source: Store, chart: Chart, answer: Answer) -> tuple[str, ...]:
    """Values of the dimension that the chart's series stand for: declared ones in their order, then by name those of the answer and those
    that are stored of the last thirteen months, in whatever some chart splits by it. The store is asked only where the answer has
    a value that is neither declared nor has a colour by its meaning, and never for rows. Empty for charts of other shapes."""
    if not answer.by or chart.draw not in _COLOURED:
        return ()
    dimension = answer.by[0]
    declared = [value for one, _ in _split_by(dimension) for value in _declared(one, dimension)]
    strange = {label[0] for label in answer.rows.labels if label[0] and not has_meaning(label[0])} - {*declared}
    if strange:
        strange |= set(_stored(source, dimension)) - {""}
    return tuple(dict.fromkeys((*declared, *sorted(strange))))


def _split_by(dimension: str) -> list[tuple[Measurement, tuple[Filter, ...]]]:
    """What charts with a series for each value of it count: the measurement, and which of its records."""
    charts = (one for one in CHARTS.values() if one.draw in _COLOURED and one.by[:1] == (dimension,))
    return list(dict.fromkeys((one.declared.source, one.declared.measure.where) for one in charts))


def _declared(source: Measurement, dimension: str) -> tuple[str, ...]:
    if source.has_field(dimension):
        return source.field(dimension).values
    return next((tag.values for tag in source.tags if tag.name == dimension), ())


def _stored(source: Store, dimension: str) -> Iterator[str]:
    """Of whole months, so that all charts ask the same all day. What a server could only answer by handing over every row is not asked:
    conditions on fields, of the charts or of the viewer's segments."""
    now = datetime.now(UTC)
    start, stop = _MONTH.floor(now - _BACK, _UTC), _MONTH.next(_MONTH.next(_MONTH.floor(now, _UTC), _UTC), _UTC)
    for one, where in _split_by(dimension):
        own = access(source)
        if dimension not in one.dimensions or any(one.has_field(limit.column) for limit in own.filters(one, ())):
            continue
        try:
            if own.within(start, stop) == (start, stop):
                yield from source.values(one.name, dimension, start, stop, _of_tags(one, where))
        except StoreError:  # colours may not cost a chart that has been answered
            continue


def _of_tags(source: Measurement, where: tuple[Filter, ...]) -> tuple[Filter, ...]:
    return tuple(one for one in where if not source.has_field(one.column))
