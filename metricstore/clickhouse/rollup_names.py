"""What the tables of rollups and their columns are called.

A layout has one table. Each hour is one row of it, so that it is replaced in whole: what would be a table of its own on a database with
transactions is a group of lists of equal length.
"""

from __future__ import annotations

from hashlib import sha256

from metricstore.catalogue import MEASUREMENTS
from metricstore.rollups.layout import Layout, layouts

PREFIX = "rollups "
"""No measurement's name has a blank."""


def table_name(layout: Layout) -> str:
    """Another one for each declaration and recipe: programs of two versions do not take each other's rollups for their own."""
    return f"{PREFIX}{layout.measurement} {sha256(layout.text.encode()).hexdigest()[:8]}"


def array_of(layout: Layout, table: str, column: str) -> str:
    """The list that holds a column of one of `metricstore.sql.rollups.tables`."""
    return f"{table.removeprefix(layout.measurement).strip() or 'cell'}: {column}"


def kept_layouts(names: set[str]) -> dict[str, Layout]:
    """By measurement, of the tables of these names; the one that answers more questions where there are two."""
    found: dict[str, Layout] = {}
    for name in {name.split(" ")[1] for name in names if name.startswith(PREFIX)}:
        for layout in layouts(name) if name in MEASUREMENTS else ():
            if table_name(layout) in names:
                found.setdefault(name, layout)
    return found
