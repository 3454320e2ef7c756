"""DuckDB's errors in our words."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from metricstore.duck import damage
from metricstore.errors import (
    SchemaVersionError,
    StoreBusy,
    StoreDamaged,
    StoreDenied,
    StoreError,
    StoreFailed,
    StoreFull,
    StoreUnreachable,
    logged,
)

_HOLDER = re.compile(r"PID (\d+)")
_FULL = ("no space left", "disk quota exceeded", "file too large", "disk is full")


def opening(error: duckdb.Error, path: Path | None) -> StoreError:
    """Of the file at `path`."""
    words = str(error)
    if damage.speaks_of_damage(words):
        return StoreDamaged(path)
    if "lock" in words and isinstance(error, duckdb.IOException):
        holder = _HOLDER.search(words)
        who = f"process {holder[1]}" if holder else "another process"
        return StoreBusy(f"{who} holds the store {path}: one process at a time can open it")
    if "permission denied" in words.lower():
        return StoreDenied(f"{path} can't be opened: permission denied")
    if isinstance(error, duckdb.SerializationException) or "version" in words:
        return SchemaVersionError(f"{path} was written by a newer DuckDB than {duckdb.__version__}")
    if any(sign in words.lower() for sign in _FULL):
        return StoreFull(f"the disk under {path} is full")
    return StoreUnreachable(f"{path} can't be opened; the log says why under {logged(words)}")


def asking(error: duckdb.Error, path: Path | None) -> StoreError:
    """Of a question, or of writing."""
    words = str(error)
    if damage.speaks_of_damage(words):
        return StoreDamaged(path)
    if any(sign in words.lower() for sign in _FULL):
        return StoreFull("the disk under the store is full: nothing of the batch was written")
    if isinstance(error, duckdb.ConnectionException) and "closed" in words:  # the program ends while somebody asks
        return StoreUnreachable("the store is closed")
    if isinstance(error, duckdb.FatalException | duckdb.IOException | duckdb.ConnectionException):
        return StoreUnreachable(f"the store's file can't be read or written; the log says why under {logged(words)}")
    if isinstance(error, duckdb.OutOfMemoryException):
        return StoreError("the question needs more memory than the store may use: ask for a shorter range")
    return StoreFailed("the store could not answer this question", words)
