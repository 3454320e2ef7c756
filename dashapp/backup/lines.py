"""Lines of a backup's parts, some at a time, and what is said of those that are not as we write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from dashapp.backup.errors import BackupError

_MOST_BYTES = 16 << 20


def batches(lines: Iterable[bytes], most: int) -> Iterator[list[bytes]]:
    """At most so many lines at a time, fewer where they are long."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if len(batch) == most or size >= _MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@contextmanager
def understood(part: str) -> Iterator[None]:
    """BackupError for lines that can't be read. Only for reading them: faults of the program are no faults of the file."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise BackupError(f"the backup's part {part} has a line that can't be read; nothing was changed") from None
