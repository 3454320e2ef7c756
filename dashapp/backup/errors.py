"""What stops a backup or a restore, as a sentence for people."""

# Imports inside functions: start-up time, and a kind of store is loaded only where it is used.

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashapp.settings import Settings


class BackupError(Exception):
    """Nothing was changed, unless the text says so."""


@contextmanager
def in_words(settings: Settings, outcome: str = "nothing was changed") -> Iterator[None]:
    """A full disk, and accounts that can't be used, as a sentence that ends with the outcome."""
    from sqlalchemy.exc import OperationalError, SQLAlchemyError

    try:
        yield
    except OSError as error:
        raise BackupError(f"{settings.data_dir} can't be written: {error.strerror or error}; {outcome}") from None
    except OperationalError as error:
        raise BackupError(f"accounts can't be written or read: {error.orig}; {outcome}") from None
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        raise BackupError(f"the backup's accounts can't be made: {reason}; {outcome}") from None
