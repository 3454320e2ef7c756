"""Whether rollups of a measurement are worth keeping, by its points."""

from __future__ import annotations

from functools import lru_cache

from sqlglot import exp

from metricstore.rollups import upkeep
from metricstore.rollups.hours import HOUR
from metricstore.rollups.layout import POINTS, Layout, layouts
from metricstore.sql.dialect import Dialect, Engine
from metricstore.sql.rollups import computed
from metricstore.sql.trees import column

_SAMPLE = 200_000
"""So many of the newest points are looked at, to see how many share a cell."""


def worth_keeping(engine: Engine, name: str, size: int) -> Layout | None:
    """The layout that answers most questions and pays, of a measurement of so many points."""
    return next((one for one in layouts(name) if _pays(engine, one, size)), None)


def size_of(engine: Engine, name: str) -> int:
    """How many points there are; one that was written again may count twice until the database has merged it."""
    return int(engine.rows(_size_text(engine.dialect, name), ())[0][0])


def _pays(engine: Engine, layout: Layout, size: int) -> bool:
    """Whether enough of the newest points share a cell."""
    first, last = engine.rows(_ends_text(engine.dialect, layout.measurement), ())[0]
    if first is None or not size:
        return False
    begin = last - max((last - first) * _SAMPLE // size, HOUR)
    found, points = engine.rows(_cells_text(engine.dialect, layout), [begin, last + 1])[0]
    return bool(found) and points >= found * upkeep.FEWEST_IN_CELL


@lru_cache(maxsize=64)
def _size_text(dialect: Dialect, name: str) -> str:
    return dialect.text(exp.select(exp.Count(this=exp.Star())).from_(dialect.rows(name)))


@lru_cache(maxsize=64)
def _ends_text(dialect: Dialect, name: str) -> str:
    time = column("time")
    return dialect.text(exp.select(exp.Min(this=time), exp.Max(this=time.copy())).from_(dialect.rows(name)))


@lru_cache(maxsize=64)
def _cells_text(dialect: Dialect, layout: Layout) -> str:
    cells = exp.select(exp.Count(this=exp.Star()), exp.Sum(this=column(POINTS)))
    return dialect.text(cells.from_(computed(dialect, layout).subquery("cells")))
