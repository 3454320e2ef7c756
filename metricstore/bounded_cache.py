"""What was made last, as far as it fits into so many bytes: the least recently used goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Of at most `most` bytes, as `size` counts those of a value with its key. Safe to use from several threads."""

    def __init__(self, most: int, size: Callable[[V], int]) -> None:
        self._most = most
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[K, V] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def keep(self, key: K, value: V) -> None:
        """In place of an earlier value. One that is larger than all of the room is not kept."""
        with self._lock:
            earlier = self._values.pop(key, None)
            if earlier is not None:
                self.bytes -= self._size(earlier)
            if self._size(value) > self._most:
                return
            self._values[key] = value
            self.bytes += self._size(value)
            while self.bytes > self._most:
                self.bytes -= self._size(self._values.popitem(last=False)[1])
