"""metricstore.revisions kept in a table of their own, whose rows are added up: random numbers by measurement and day.

So no clock decides which change came last, and no sum comes twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from secrets import randbelow

from metricstore.changed_days import Days
from metricstore.clickhouse.connection import Connection
from metricstore.clickhouse.dialect import MARK
from metricstore.clickhouse.tables import CHANGES_TABLE, Layout
from metricstore.revisions import Total

_ANY_DAY = -(2**62)
"""Stands for all of them, as the day of a change."""


class TableMarks:
    def __init__(self, connection: Connection, layout: Layout) -> None:
        self._connection = connection
        self._table = layout.whole(CHANGES_TABLE)

    def totals(self) -> dict[str, Total]:
        text = f"SELECT name, day = {_ANY_DAY} AS anywhere, sum(changes) FROM {self._table} GROUP BY name, anywhere"
        found: dict[str, Total] = {}
        for name, anywhere, changes in self._connection.query(text, ()).result_rows:
            known = found.get(name, Total())
            found[name] = known._replace(anywhere=str(changes)) if anywhere else known._replace(days=int(changes))
        return found

    def by_day(self, measurements: Collection[str]) -> dict[str, dict[int, int]]:
        marks = ", ".join(MARK for _ in measurements)
        text = (
            f"SELECT name, day, sum(changes) FROM {self._table} WHERE name IN ({marks}) AND day != {_ANY_DAY} "
            "GROUP BY name, day"
        )
        found: dict[str, dict[int, int]] = {}
        for name, day, changes in self._connection.query(text, [*measurements]).result_rows:
            found.setdefault(name, {})[int(day)] = int(changes)
        return found

    def add(self, changes: Mapping[str, Days]) -> dict[str, dict[int, int]]:
        marks = {
            name: {day: 1 + randbelow(2**32 - 1) for day in ((_ANY_DAY,) if days is None else days)}
            for name, days in changes.items()
        }
        rows = [(name, day, mark) for name, days in marks.items() for day, mark in days.items()]
        columns = dict(zip(("name", "day", "changes"), map(list, zip(*rows, strict=True)), strict=True))
        self._connection.insert(self._table, columns, ["String", "Int64", "UInt64"])
        return {name: days for name, days in marks.items() if changes[name] is not None}

    def applied(self, known: dict[int, int], new: Mapping[int, int]) -> None:
        for day, mark in new.items():
            known[day] = known.get(day, 0) + mark
