"""What every process reads: of which measurements rollups are kept, and which of their hours are dirty."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from metricstore.clickhouse import hour_marks, rollup_tables
from metricstore.clickhouse.connection import Connection
from metricstore.clickhouse.dialect import MARK
from metricstore.clickhouse.hour_marks import EVER, insert
from metricstore.clickhouse.rollup_names import kept_layouts, table_name
from metricstore.clickhouse.rollup_tables import MADE, VERSION, Hour
from metricstore.clickhouse.tables import HOURS_TABLE, quoted
from metricstore.clickhouse.tables import Layout as Place
from metricstore.query import Query
from metricstore.rollups.hours import Stretches, joined
from metricstore.rollups.layout import Layout
from metricstore.rollups.planner import Known, refused_beforehand
from metricstore.sql.rollups import TIME

KEPT_SECONDS = 30.0
"""So long it is not asked again which tables of rollups there are: until it is, points are read, which are as right."""

MADE_SECONDS = 10.0
"""So long nobody looks for hours that were made anew, where nothing else has changed."""


@dataclass(frozen=True)
class _Remembered:
    sums: tuple[int, ...]
    read_at: float
    known: Known


class RollupState:
    """Safe to use from several threads."""

    def __init__(self, connection: Connection, place: Place) -> None:
        self._connection = connection
        self._place = place
        self._lock = threading.Lock()
        self._kept: dict[str, Layout] = {}
        self._read_at = float("-inf")
        self._remembered: dict[str, _Remembered] = {}

    def kept(self, *, anew: bool = False) -> dict[str, Layout]:
        """Layouts by measurement. While another one asks the server what was known before is enough."""
        if (anew or time.monotonic() >= self._read_at + KEPT_SECONDS) and self._lock.acquire(blocking=anew):
            try:
                self._kept = kept_layouts(rollup_tables.names(self._connection))
                self._read_at = time.monotonic()
            finally:
                self._lock.release()
        return self._kept

    def may_be_kept(self, name: str) -> bool:
        """As `kept` was when somebody last looked, without asking the server. True while nobody has."""
        return self._read_at == float("-inf") or name in self._kept

    def worth_reading(self, query: Query) -> bool:
        """Whether rollups may answer a question without a comparison."""
        layout = self.kept().get(query.measurement)
        return layout is not None and not refused_beforehand(query, Known(layout))

    def known(self, queries: Iterable[Query], *, anew: bool = False) -> dict[str, Known]:
        """Of the measurements of questions: to be read before the points are. As long as nothing changes, what was known is known."""
        kept = self.kept()
        names = dict.fromkeys(query.measurement for query in queries)
        return {name: self._known(kept[name], anew) for name in names if name in kept}

    def _known(self, layout: Layout, anew: bool) -> Known:
        table, now = table_name(layout), time.monotonic()
        sums = self._sums(layout.measurement)  # before the hours: what changes in between makes another sum
        remembered = self._remembered.get(table)
        if anew or remembered is None or remembered.sums != sums or now >= remembered.read_at + MADE_SECONDS:
            remembered = _Remembered(sums, now, Known(layout, self.dirty(layout)))
            self._remembered[table] = remembered
        return remembered.known

    def _sums(self, name: str) -> tuple[int, ...]:
        """Other numbers after each change of any hour."""
        text = (
            f"SELECT sum(marks), sum(changes) FROM {self._place.whole(HOURS_TABLE)} "
            f"WHERE kind IN ('hour', 'stretch') AND name = {MARK}"
        )
        return tuple(map(int, self._connection.query(text, [name]).result_rows[0]))

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
