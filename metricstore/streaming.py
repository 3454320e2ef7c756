"""Whole answers in pieces: how large a piece may be, and the next one being read while the last is used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from itertools import chain
from typing import TypeVar

ROWS = 32_768
BYTES = 8 * 1024 * 1024
"""Of text in a piece, at most, as far as a store can tell beforehand."""

Piece = TypeVar("Piece")


def primed(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same, its first piece already there: what can't be answered is told now and not halfway."""
    for first in pieces:
        return chain([first], pieces)
    return iter(())


def ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same, each piece made in a thread of its own while the one before is used.

    The first is there when this returns; its error is raised here. A reader that leaves ends the thread.
    """
    return primed(_ahead(pieces))


def _ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    made: queue.Queue[tuple[Piece | None, BaseException | None]] = queue.Queue(1)
    left = threading.Event()

    def put(piece: Piece | None, error: BaseException | None) -> bool:
        while not left.is_set():
            try:
                made.put((piece, error), timeout=0.2)
                return True
            except queue.Full:
                continue
        return False

    def run() -> None:
        error: BaseException | None = None
        try:
            for piece in pieces:
                if not put(piece, None):
                    break
        except BaseException as broken:
            error = broken
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
        put(None, error or StopIteration())

    thread = threading.Thread(target=run, name="reading-ahead", daemon=True)
    thread.start()
    try:
        while True:
            piece, error = made.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield piece  # type: ignore[misc]
    finally:
        left.set()
        thread.join()
