"""What answers depend on, so that they are asked again when it changes."""

from __future__ import annotations

from collections.abc import Iterable

from briefing.facts import MEASUREMENTS
from layouts.pages import TABLES, charts_of
from layouts.tile_values import tiles_of
from metricstore.errors import StoreError
from metricstore.store import Store


def known_revisions(source: Store, measurements: Iterable[str]) -> dict[str, str]:
    """Revision of each measurement; none when the store can't say, so that it is asked again when it can."""
    try:
        return {name: source.revision(name) for name in sorted(measurements)}
    except StoreError:
        return {}


def shown_on(page: str) -> list[str]:
    """Every measurement that something on the page shows."""
    found = {name for chart in charts_of(page) for name in chart.measurements}
    found |= {name for tile in tiles_of(page) for name in tile.measurements}
    found |= {table.measurement for table in TABLES[page]}
    found |= set(MEASUREMENTS if page == "overview" else ())
    return sorted(found)
