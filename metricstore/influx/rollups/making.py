"""A day's rollup made of the points that are stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from metricstore.catalogue import measurement
from metricstore.dates import DAY
from metricstore.influx.plan import Ask, Conditions
from metricstore.influx.records import details
from metricstore.influx.rollups.cells import Day, rolled_up
from metricstore.influx.rows import matching
from metricstore.influx.spans import Span
from metricstore.influx.stretches import counts
from metricstore.rollups.hours import HOUR
from metricstore.rollups.layout import Layout

MOST_DAYS = 200
"""Made at once: each takes a line, however few points it has."""
_MOST_RUNS = 50
"""Of days that follow each other, counted each by itself: with more of them all between the first and the last is counted."""


@dataclass
class Points:
    """Of some hours: times in nanoseconds, values of the keys, and of the fields, NaN for nothing."""

    times: list[npt.NDArray[np.int64]] = field(default_factory=list)
    keys: list[list[str]] = field(default_factory=list)
    fields: dict[str, list[npt.NDArray[np.float64]]] = field(default_factory=dict)

    def read(self, ask: Ask, layout: Layout, span: Span) -> None:
        """Add those of a span."""
        source = measurement(layout.measurement)
        conditions = Conditions.of(source, ())
        chosen = matching(ask, span, conditions)
        # an answer was once seen that had points twice which had just been written
        chosen = chosen.drop_duplicates(["_time", *source.tag_names], ignore_index=True)
        names = [name for name, _ in layout.kinds]
        texts = [name for name in layout.keys if source.has_field(name)]
        found = details(ask, conditions, chosen, [*texts, *names], dense=True)
        self.times.append(chosen["_time"].to_numpy(dtype=np.int64))
        for key, own in zip(layout.keys, self._keys_of(layout), strict=True):
            own.extend(value or "" for value in found[key])
        for name in names:
            values = np.array([np.nan if one is None else one for one in found[name]], dtype=np.float64)
            self.fields.setdefault(name, []).append(values)

    def _keys_of(self, layout: Layout) -> list[list[str]]:
        if not self.keys:
            self.keys = [[] for _ in layout.keys]
        return self.keys

    def days(self, days: Sequence[int], layout: Layout) -> Iterator[Day]:
        """The rollup of each day, of those of them that lie in it."""
        times = np.concatenate([np.empty(0, dtype=np.int64), *self.times])
        keys = [np.array(own, dtype=object) for own in self._keys_of(layout)]
        fields = {name: np.concatenate([np.empty(0), *self.fields.get(name, ())]) for name, _ in layout.kinds}
        own = times // DAY
        for day in days:
            chosen = np.flatnonzero(own == day)
            yield rolled_up(
                day,
                layout,
                times[chosen],
                [key[chosen].tolist() for key in keys],
                {name: values[chosen] for name, values in fields.items()},
            )


def days_with_points(ask: Ask, layout: Layout, days: Sequence[int]) -> dict[int, int]:
    """How many points those of the days have that have any; of others between them perhaps, too."""
    conditions = Conditions.of(measurement(layout.measurement), ())
    edges = [place for place in range(1, len(days)) if days[place] != days[place - 1] + 1]
    if len(edges) >= _MOST_RUNS:
        edges = []
    found: dict[int, int] = {}
    for first, stop in pairwise([0, *edges, len(days)]):
        counted = counts(ask, conditions, Span(days[first] * DAY, (days[stop - 1] + 1) * DAY), DAY)
        found |= dict(zip((counted.starts // DAY).tolist(), counted.counts.tolist(), strict=True))
    return found


def together(days: Sequence[int], points: Mapping[int, int], most: int) -> Iterator[list[int]]:
    """Days that follow each other, as many as have about so many points."""
    found: list[int] = []
    number = 0
    for day in days:
        if found and (day != found[-1] + 1 or number + points.get(day, 0) > most or len(found) == MOST_DAYS):
            yield found
            found, number = [], 0
        found.append(day)
        number += points.get(day, 0)
    if found:
        yield found


def spans_of(days: Sequence[int], points: int, most: int) -> list[Span]:
    """What is read at once of days that follow each other: all of it, or hours of about `most` points."""
    if not points:
        return []
    first, stop = days[0] * DAY, (days[-1] + 1) * DAY
    step = stop - first if points <= most else max(1, 24 * most // points) * HOUR
    return [Span(start, min(start + step, stop)) for start in range(first, stop, step)]
