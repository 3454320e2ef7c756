"""What is kept of a measurement's hours, derived from its declaration and from the metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from metricstore.catalogue import MEASUREMENTS, Measurement, measurement
from metricstore.metrics import METRICS
from metricstore.query import PERCENTILES

POINTS = "all points"
"""A column. Its name has a blank, as have those of all others: no column of points has one, whatever package declares it."""
RECIPE = 1
"""Counted up with each change of what is made of an hour's points: rollups by another recipe are made anew."""


@dataclass(frozen=True)
class Layout:
    """A cell is an hour and a value of each of `keys`. Of each there are the number of points; of each field of numbers how many
    points have it, its sum, its least and its greatest value; of `bucketed` fields counts in buckets.

    `kinds`: names and types of the fields. Nothing here is a name a column can have but `keys`: the others have a blank in them.
    """

    measurement: str
    keys: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]
    bucketed: tuple[str, ...]

    @cached_property
    def fields(self) -> Mapping[str, str]:
        return dict(self.kinds)

    @property
    def text(self) -> str:
        """By which what was made by another declaration or recipe is known."""
        return json.dumps([RECIPE, self.keys, self.kinds, self.bucketed])


def layouts(name: str) -> tuple[Layout, ...]:
    """Those there can be of a measurement, the one that answers more questions first; none where times may be dates.

    The first has besides all tags the dimensions whose values are declared, and so are few.
    """
    source = measurement(name)
    if source.dates is not None:
        return ()
    few = tuple(field.name for field in source.fields if field.dimension and field.values)
    keys = dict.fromkeys(((*source.tag_names, *few), source.tag_names))
    return tuple(_layout(source, chosen) for chosen in keys)


def known_layout(name: str, text: str) -> Layout | None:
    """The one that `text` is of; None where the measurement has been declared otherwise since, or is not known to this program: the
    file may be older, or be of one with another package installed."""
    if name not in MEASUREMENTS:
        return None
    return next((one for one in layouts(name) if one.text == text), None)


def _layout(source: Measurement, keys: tuple[str, ...]) -> Layout:
    kinds = tuple((field.name, field.type) for field in source.fields if field.type != "string")
    wanted = _percentile_fields(source.name)
    return Layout(source.name, keys, kinds, tuple(name for name, _ in kinds if name in wanted))


def _percentile_fields(name: str) -> frozenset[str | None]:
    """Of a measurement the fields that some metric asks percentiles of."""
    return frozenset(
        measure.field
        for metric in METRICS.values()
        for measure in metric.measures
        if measure.measurement == name and measure.aggregate in PERCENTILES
    )
