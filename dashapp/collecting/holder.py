"""Who collects, for those who look: pages, doctor, probes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from dashapp.accounts.alert_rows import LeaseRow, table_of
from dashapp.accounts.database import Database
from dashapp.alerts.leases import HELD
from dashapp.collecting.asking import clock

_T = table_of(LeaseRow)


@dataclass(frozen=True)
class Holder:
    """`until`: when the lease ends unless it is renewed; None: it was given back."""

    host: str
    pid: str
    until: datetime | None

    @property
    def words(self) -> str:
        return f"process {self.pid} on {self.host}"


def holder_of(database: Database, name: str) -> Holder | None:
    """The last one; None when nobody ever held it."""
    return next(iter(_holders(database, _T.c.name == name)), None)


def holders(database: Database, prefix: str) -> list[Holder]:
    """The last ones of all leases whose names begin so."""
    return _holders(database, _T.c.name.startswith(prefix, autoescape=True))


def _holders(database: Database, condition: object) -> list[Holder]:
    with database.connection() as connection:
        rows = connection.execute(select(_T).where(condition).order_by(_T.c.name)).all()  # type: ignore[arg-type]
    found = []
    for row in rows:
        host, pid, *_ = row.holder.rsplit("-", 3)
        found.append(Holder(host, pid, datetime.fromisoformat(row.until) if row.until else None))
    return found


@dataclass(frozen=True)
class Standing:
    """Whether somebody collects, and a sentence about it."""

    works: bool
    sentence: str


def standing(database: Database, prefix: str) -> Standing:
    """Of those whose leases' names begin so."""
    found, now = holders(database, prefix), clock(database)
    living = [one.words for one in found if one.until is not None and one.until > now]
    if living:
        return Standing(True, f"Collected by {' and '.join(living)}.")
    silent = max((one for one in found if one.until is not None), key=lambda one: one.until or now, default=None)
    if silent is not None and silent.until is not None:
        since = (silent.until - HELD).astimezone(UTC)
        return Standing(
            False, f"Nothing is being collected: {silent.words} has not answered since {since:%Y-%m-%d %H:%M:%S} UTC."
        )
    if found:
        return Standing(False, "Nobody is collecting: the last process has ended.")
    return Standing(False, "Nothing has been collected yet.")
