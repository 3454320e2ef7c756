"""One value found at a scrape."""

from __future__ import annotations

from typing import NamedTuple

from dashapp.monitoring.families import Family


class Sample(NamedTuple):
    """`labels`: values in the order of the family's names."""

    family: Family
    labels: tuple[str, ...]
    value: float
