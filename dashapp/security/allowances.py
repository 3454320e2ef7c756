"""The table of what all processes together have taken of askers' allowances; see `shared_rate`."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, case, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from dashapp.accounts.database import Database

TABLES = MetaData()
TAKEN = Table(
    "api_allowances", TABLES,
    Column("asker", String(64), primary_key=True),
    Column("window_start", BigInteger, nullable=False, index=True),
    Column("taken", Integer, nullable=False),
)  # fmt: skip
"""A row for each asker: how much processes have taken in the window (seconds since 1970). May be dropped at any time."""
_KEPT_SECONDS = 86_400


class Row(NamedTuple):
    """After a try to take something."""

    window: int
    """The asker's newest window of all processes."""
    taken: int | None
    """What all have taken in it, this included; None when it would have been more than the limit."""


def take(database: Database, asker: str, window: int, wanted: int, limit: int, length: int) -> Row:
    """Take so much in this window or, where another machine's clock has begun a newer one, in that."""
    if wanted > limit:
        return Row(window, None)
    newest = case((TAKEN.c.window_start > window, TAKEN.c.window_start), else_=window)
    counted = case((TAKEN.c.window_start >= window, TAKEN.c.taken), else_=0) + wanted
    change = update(TAKEN).where(TAKEN.c.asker == asker, counted <= limit).values(window_start=newest, taken=counted)
    with database.connection() as connection:
        found = connection.execute(change.returning(TAKEN.c.window_start, TAKEN.c.taken)).first()
        if found is not None:
            return Row(*found)
        known = connection.execute(select(TAKEN.c.window_start).where(TAKEN.c.asker == asker)).scalar()
    if known is not None:
        return Row(max(known, window), None)
    if _first(database, asker, window, wanted, length):
        return Row(window, wanted)
    return take(database, asker, window, wanted, limit, length)


def _first(database: Database, asker: str, window: int, wanted: int, length: int) -> bool:
    """Of an asker nobody has counted yet; rows of those who ask no more are swept away on the way. False when another was quicker."""
    try:
        with database.connection() as connection:
            connection.execute(insert(TAKEN).values(asker=asker, window_start=window, taken=wanted))
            connection.execute(delete(TAKEN).where(TAKEN.c.window_start < window - max(_KEPT_SECONDS, length)))
    except IntegrityError:
        return False
    return True
