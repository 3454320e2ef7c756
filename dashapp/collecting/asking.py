"""Asking the accounts database for collectors, which may have to wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from collectors.base import TemporaryFailure
from dashapp.accounts import AccountError
from dashapp.accounts.database import Database


@contextmanager
def answering() -> Iterator[None]:
    """TemporaryFailure where the accounts database does not answer."""
    try:
        yield
    except AccountError as error:  # which says that it is the accounts database
        raise TemporaryFailure(str(error)) from None
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise TemporaryFailure(f"the accounts database does not answer: {reason}") from None


def clock(database: Database) -> datetime:
    """The database's own, where it has one: clocks of machines may differ by more than a lease is long."""
    if database.engine.dialect.name != "postgresql":
        return datetime.now(UTC)
    with database.connection() as connection:
        found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return found
