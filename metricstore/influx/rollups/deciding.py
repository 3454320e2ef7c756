"""Whether rollups of a measurement are worth keeping, and by which layout."""

from __future__ import annotations

from metricstore.catalogue import measurement
from metricstore.dates import DAY
from metricstore.influx.answers import blocks, nanosecond_times, table
from metricstore.influx.line import MARKER
from metricstore.influx.plan import Ask, Conditions
from metricstore.influx.rollups.cells import ROWS
from metricstore.influx.rollups.making import Points, days_with_points
from metricstore.influx.spans import Span
from metricstore.rollups import upkeep
from metricstore.rollups.hours import HOUR
from metricstore.rollups.layout import Layout, layouts
from metricstore.validation import MAX_TIME, MIN_TIME

_SAMPLE = 20_000
"""So many of the newest points are looked at, to see how many share a cell."""
_ALL_TIME = Span(MIN_TIME, MAX_TIME + 1)


def ends_of(annotated: Ask, name: str) -> tuple[int, int] | None:
    """Times of the first and the last point, in nanoseconds."""
    rows = Conditions.of(measurement(name), ()).rows(_ALL_TIME, MARKER)
    steps = [f'{rows} |> {step}() |> group() |> keep(columns: ["_time"]) |> yield(name: "{step}")' for step in ("first", "last")]  # fmt: skip
    found = [
        moment for block in blocks(annotated("\n".join(steps))) for moment in nanosecond_times(block.column("_time"))
    ]
    return (int(min(found)), int(max(found))) if found else None


def layout_for(ask: Ask, annotated: Ask, name: str) -> Layout | None:
    """The layout that answers most questions of those that are worth it; None where the measurement has fewer points, or none is."""
    choices = layouts(name)
    if not choices:
        return None
    rows = Conditions.of(measurement(name), ()).rows(_ALL_TIME, MARKER)
    counted = table(ask(f"{rows} |> count() |> group() |> sum()"), "int")["_value"]
    ends = ends_of(annotated, name) if counted.sum() >= upkeep.FEWEST_POINTS else None
    if ends is None:
        return None
    return next((one for one in choices if _pays(ask, one, ends)), None)


def _pays(ask: Ask, layout: Layout, ends: tuple[int, int]) -> bool:
    """Whether enough of the newest points share a cell."""
    counts = days_with_points(ask, layout, range(ends[0] // DAY, ends[1] // DAY + 1))
    last = max(counts)
    first, number = last, counts[last]
    while number < _SAMPLE and (earlier := [day for day in counts if day < first]):
        first = max(earlier)
        number += counts[first]
    # of a day with very many points some hours will do
    length = (last + 1 - first) * DAY if number <= 2 * _SAMPLE else DAY * _SAMPLE // number
    found = Points()
    found.read(ask, layout, Span(first * DAY, first * DAY + max(length // HOUR, 1) * HOUR))
    made = [day.columns[ROWS][2] for day in found.days(range(first, last + 1), layout)]
    points, cells = sum(int(numbers.sum()) for numbers in made), sum(map(len, made))
    return bool(cells) and points >= cells * upkeep.FEWEST_IN_CELL
