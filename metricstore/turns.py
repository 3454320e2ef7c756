"""Turns at a question: who asks it over another range waits for whoever is asking it, and then has less to ask.

When a server has just started, everybody who looks asks for the same days at once."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from metricstore import patience

K = TypeVar("K", bound=Hashable)
LONGEST_SECONDS = 1.0
"""To wait for one turn; a search in texts may take longer."""


class Turns:
    """Safe to use from several threads. Nobody waits while it is its own turn, so that none waits for each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: dict[Hashable, threading.Event] = {}

    @contextmanager
    def taken(self, wanted: Mapping[K, Hashable | None]) -> Iterator[tuple[list[K], list[threading.Event]]]:
        """Of what is wanted, each with its question (None: nobody else can have it), what is to be asked within the block, and what to wait
        for after it before the rest is."""
        done = threading.Event()
        with self._lock:
            others = {one: self._taken[one] for one in wanted.values() if one in self._taken}
            mine = {one for one in wanted.values() if one is not None} - others.keys()
            self._taken |= dict.fromkeys(mine, done)
        try:
            yield [key for key, one in wanted.items() if one not in others], list(others.values())
        finally:
            with self._lock:
                for one in mine:
                    del self._taken[one]
            done.set()


def wait_for(turns: Sequence[threading.Event]) -> None:
    """Until they are over, or whoever waits has no more time."""
    for turn in turns:
        left = patience.left()
        turn.wait(LONGEST_SECONDS if left is None else min(left, LONGEST_SECONDS))
