"""Silences in the accounts database: each has a reason, an author and an end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from alerting.rule import NOT_JUDGED
from dashapp.accounts.alert_rows import SilenceRow, table_of
from dashapp.accounts.database import Database
from dashapp.accounts.directory import record
from dashapp.accounts.texts import one_line
from dashapp.accounts.user import AccountError
from dashapp.alerts.muting import Silence
from dashapp.alerts.times import precise

if TYPE_CHECKING:
    from dashapp.alerts.rulebook import Book

LONGEST = timedelta(days=30)
_KEPT = timedelta(days=90)
_T = table_of(SilenceRow)


class Silences:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, rule: str, labels: tuple[str, ...] | None, stop: datetime, reason: str, author: str, now: datetime,
        number: int = 0,
    ) -> int:  # fmt: skip
        """Its number. AccountError when it has no reason, or would last longer than LONGEST."""
        text = one_line(reason, "a reason", 500)
        if not text:
            raise AccountError("a silence needs a reason")
        if stop <= now:
            raise AccountError("a silence ends in the future")
        if stop - now > LONGEST:
            raise AccountError(f"a silence lasts at most {LONGEST.days} days")
        row = SilenceRow(
            rule=rule, labels="" if labels is None else json.dumps(list(labels), ensure_ascii=False), number=number,
            start=precise(now), stop=precise(stop), reason=text, author=author, created=precise(now),
        )  # fmt: skip
        with self._database.session() as session:
            session.add(row)
            session.flush()
            record(session, author, "alerts silenced", rule or "all rules", text)
            return row.id

    def end(self, number: int, author: str, now: datetime) -> None:
        """AccountError when there is none that is still in force."""
        with self._database.session() as session:
            row = session.get(SilenceRow, number)
            if row is None or row.stop <= precise(now):
                raise AccountError(f"there is no silence {number} that is still in force")
            row.stop = precise(now)
            record(session, author, "silence ended", str(number))

    def current(self, now: datetime) -> list[Silence]:
        """Those in force."""
        with self._database.connection() as connection:
            rows = connection.execute(select(_T).where(_T.c.stop > precise(now)).order_by(_T.c.stop)).all()
        return [_silence(row) for row in rows]

    def tidy(self, now: datetime) -> None:
        with self._database.connection() as connection:
            connection.execute(delete(_T).where(_T.c.stop < precise(now - _KEPT)))


def demand_covered(book: Book, rule: str, labels: tuple[str, ...] | None) -> None:
    """AccountError when a silence like this could never cover an alert: whoever mistyped it would be written to all the same."""
    if rule in ("", NOT_JUDGED):
        return
    declared = book.rule(rule)
    if declared is None:
        raise AccountError(f"there is no rule {rule!r}; there are {', '.join(one.id for one in book.rules) or 'none'}")
    if labels is not None and len(labels) != len(declared.by):
        count = f"{len(declared.by)} ({', '.join(declared.by)})" if declared.by else "no"
        raise AccountError(f"alerts of rule {rule!r} have {count} labels, not {len(labels)}")


def _silence(row: Any) -> Silence:
    labels = tuple(json.loads(row.labels)) if row.labels else None
    start, stop = datetime.fromisoformat(row.start), datetime.fromisoformat(row.stop)
    return Silence(row.id, row.rule, labels, row.number, start, stop, row.reason, row.author)
