"""What every process reads: of which measurements rollups are kept, and which of their hours are dirty."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from metricstore.clickhouse import hour_marks, rollup_tables
from metricstore.clickhouse.connection import Connection
from metricstore.clickhouse.dialect import MARK
from metricstore.clickhouse.hour_marks import EVER, insert
from metricstore.clickhouse.rollup_names import kept_layouts, table_name
from metricstore.clickhouse.rollup_tables import MADE, VERSION, Hour
from metricstore.clickhouse.tables import HOURS_TABLE, quoted
from metricstore.clickhouse.tables import Layout as Place
from metricstore.point import nanoseconds
from metricstore.query import Query
from metricstore.rollups.hours import Stretches, hours_between, joined
from metricstore.rollups.layout import Layout
from metricstore.rollups.planner import Known, refused_beforehand
from metricstore.sql.rollups import TIME

KEPT_SECONDS = 30.0
"""So long it is not asked again which tables of rollups there are: until it is, points are read, which are as right."""


class RollupState:
    """Safe to use from several threads."""

    def __init__(self, connection: Connection, place: Place) -> None:
        self._connection = connection
        self._place = place
        self._lock = threading.Lock()
        self._kept: dict[str, Layout] = {}
        self._read_at = float("-inf")

    def kept(self, *, anew: bool = False) -> dict[str, Layout]:
        """Layouts by measurement. While another one asks the server what was known before is enough."""
        if (anew or time.monotonic() >= self._read_at + KEPT_SECONDS) and self._lock.acquire(blocking=anew):
            try:
                self._kept = kept_layouts(rollup_tables.names(self._connection))
                self._read_at = time.monotonic()
            finally:
                self._lock.release()
        return self._kept

    def worth_reading(self, query: Query) -> bool:
        """Whether rollups may answer a question without a comparison."""
        layout = self.kept().get(query.measurement)
        return layout is not None and not refused_beforehand(query, Known(layout))

    def known(self, queries: Iterable[Query]) -> dict[str, Known]:
        """Of the measurements of questions that are worth it, in their ranges: to be read before the points are."""
        ranges: dict[str, list[tuple[int, int]]] = {}
        for query in queries:
            ranges.setdefault(query.measurement, []).extend(
                hours_between(nanoseconds(query.start), nanoseconds(query.stop))
            )
        kept = self.kept()
        return {
            name: Known(kept[name], self.dirty(kept[name], min(found)[0], max(stop for _, stop in found)))
            for name, found in ranges.items()
            if name in kept and found
        }

    def dirty(self, layout: Layout, first: int = EVER[0], stop: int = EVER[1]) -> Stretches:
        return joined((one.hour, one.hour + 1) for one in self.due(layout, first, stop))

    def due(self, layout: Layout, first: int = EVER[0], stop: int = EVER[1]) -> list[Hour]:
        """Hours in [first, stop) whose rollup is not as of all changes, in ascending order."""
        text = _due_text(self._place.whole(HOURS_TABLE), self._place.whole(table_name(layout)))
        name = layout.measurement
        rows = self._connection.query(text, [name, name, first, stop, first, stop]).result_rows
        return [Hour(*map(int, row)) for row in rows]

    def written_to(self, name: str) -> Stretches:
        """Hours of a measurement that somebody writes to. To be read after `due`: whoever began in between is in neither, and one that is
        in the sums and not here has ended. Those who died are given back."""
        rows = self._connection.query(_writing_text(self._place.whole(HOURS_TABLE)), [name]).result_rows
        dead = [
            ("writing", name, first, stop, writer, 0, 0, -number)
            for first, stop, writer, number, alive in rows
            if not alive
        ]
        insert(self._connection, self._place, dead)
        return joined((first, stop) for first, stop, _, _, alive in rows if alive)


def _due_text(marks: str, rollups: str) -> str:
    """No join: in a cluster both tables stand for parts on all servers."""
    across = (
        f"SELECT groupArray((first, stop, number, total)) FROM (SELECT first, stop, sum(marks) AS number, sum(changes) AS total "
        f"FROM {marks} WHERE kind = 'stretch' AND name = {MARK} GROUP BY first, stop)"
    )
    changes = (
        f"SELECT first AS at, marks AS number, changes AS total, toUInt64(0) AS made, toUInt64(0) AS seen FROM {marks} "
        f"WHERE kind = 'hour' AND name = {MARK} AND first >= {MARK} AND first < {MARK}"
    )
    made = (
        f"SELECT {quoted(TIME)}, 0, 0, {quoted(MADE)}, {quoted(VERSION)} FROM {rollups} "
        f"WHERE {quoted(TIME)} >= {MARK} AND {quoted(TIME)} < {MARK}"
    )
    within = "arraySum(one -> if(at >= one.1 AND at < one.2, one.{}, 0), across)"
    return (
        f"WITH ({across}) AS across SELECT at, sum(number) + {within.format(3)} AS version, sum(total) + {within.format(4)} AS wanted "
        f"FROM ({changes} UNION ALL {made}) GROUP BY at HAVING wanted != argMax(made, seen) ORDER BY at"
    )


def _writing_text(marks: str) -> str:
    return (
        f"SELECT first, stop, writer, sum(open), max(since) > now() - {hour_marks.DEAD_SECONDS} FROM {marks} "
        f"WHERE kind = 'writing' AND name = {MARK} GROUP BY first, stop, writer HAVING sum(open) > 0"
    )
