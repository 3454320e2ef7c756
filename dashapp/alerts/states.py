"""What is remembered of each group of a rule, in the accounts database."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from alerting.alert import Memory, as_document, from_document
from alerting.measuring import Labels
from dashapp.accounts.alert_rows import AlertStateRow, table_of
from dashapp.accounts.database import Database, now
from dashapp.accounts.directory import record
from dashapp.accounts.texts import one_line
from dashapp.alerts import history
from dashapp.alerts.times import precise
from dashapp.alerts.wording import thread_of

LONGEST_NOTE = 500
_T = table_of(AlertStateRow)


class Superseded(RuntimeError):
    """Another process has taken over: what this one decided is void."""


@dataclass(frozen=True)
class Group:
    """A group of a rule as it is kept."""

    rule: str
    labels: Labels
    condition: str
    memory: Memory
    acknowledged: int = 0
    """The number of the alert that somebody has taken."""
    acknowledged_by: str = ""
    note: str = ""
    muted_by: str = ""
    stored: str | None = None
    """`judged` of the row it was read from; None: it has no row yet."""

    @property
    def taken(self) -> bool:
        """Whether somebody has taken the alert that is open."""
        opened = self.memory.open
        return opened is not None and opened.number == self.acknowledged


def labels_text(labels: Labels) -> str:
    return json.dumps(list(labels), ensure_ascii=False)


def labels_key(labels: Labels) -> str:
    """The same length for all: labels may be longer than an index or an address takes."""
    return hashlib.sha256(labels_text(labels).encode()).hexdigest()


class States:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, rule: str) -> list[Group]:
        with self._database.connection() as connection:
            return [
                _group(row) for row in connection.execute(select(_T).where(_T.c.rule == rule).order_by(_T.c.labels))
            ]

    def all(self) -> list[Group]:
        with self._database.connection() as connection:
            return [_group(row) for row in connection.execute(select(_T).order_by(_T.c.rule, _T.c.labels))]

    def count(self) -> int:
        """Of open alerts."""
        with self._database.connection() as connection:
            return connection.execute(select(func.count()).where(_T.c.open > 0)).scalar_one()

    def opened(self) -> list[Group]:
        """Those with an open alert, of all rules."""
        with self._database.connection() as connection:
            rows = connection.execute(select(_T).where(_T.c.open > 0).order_by(_T.c.rule, _T.c.labels)).all()
        return [_group(row) for row in rows]

    def acknowledge(self, rule: str, labels: Labels, number: int, by: str, note: str) -> bool:
        """Whether the alert is open, and so was taken; it is in the audit log then. AccountError for a note that can't be
        written."""
        text = one_line(note, "a note", LONGEST_NOTE)
        with self._database.session() as session:
            done = session.execute(
                update(_T)
                .where(_T.c.rule == rule, _T.c.key == labels_key(labels), _T.c.open == number)
                .values(acknowledged=number, acknowledged_by=by, note=text)
            )
            taken: bool = done.rowcount == 1  # type: ignore[attr-defined]
            if taken:
                record(session, by, "alert taken", f"{rule}/{number}"[-128:], text)
                thread = thread_of(rule, labels, number)
                history.follow(session.connection(), thread, "acknowledged", now(), by=by, reason=text)
            return taken


def save(connection: Connection, group: Group, token: int) -> None:
    """Superseded when the row is not as it was read, or a later holder of the lease has written it."""
    opened = group.memory.open
    values = {
        "condition": group.condition, "judged": precise(group.memory.until), "token": token,
        "memory": json.dumps(as_document(group.memory)), "open": opened.number if opened else 0,
        "muted_by": group.muted_by[:200],
    }  # fmt: skip
    key = {"rule": group.rule, "key": labels_key(group.labels), "labels": labels_text(group.labels)}
    if group.stored is None:
        empty = {"acknowledged": 0, "acknowledged_by": "", "note": ""}
        try:
            connection.execute(insert(_T).values(**key, **values, **empty))
        except IntegrityError:
            raise Superseded from None
        return
    done = connection.execute(
        update(_T)
        .where(_T.c.rule == group.rule, _T.c.key == key["key"], _T.c.judged == group.stored, _T.c.token <= token)
        .values(**values)
    )
    if done.rowcount != 1:
        raise Superseded


def forget(connection: Connection, rule: str) -> None:
    connection.execute(delete(_T).where(_T.c.rule == rule))


def _group(row: Any) -> Group:
    return Group(
        row.rule, tuple(json.loads(row.labels)), row.condition, from_document(json.loads(row.memory)), row.acknowledged,
        row.acknowledged_by, row.note, row.muted_by, row.judged,
    )  # fmt: skip
