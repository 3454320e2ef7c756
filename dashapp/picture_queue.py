"""Pictures are made once, by few threads, in a queue of bounded length: whoever asks for too many waits for their own."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong


class QueueFull(Exception):
    """More different pictures are asked for than may wait."""


class PictureQueue:
    """Of one process. `waiting`: how many pictures may wait beside those being made by `threads` threads.
    `kept_bytes`: how much of what was made last is kept, by key; 0 for nothing."""

    def __init__(self, threads: int, waiting: int, kept_bytes: int = 0) -> None:
        self._making = ThreadPoolExecutor(threads, thread_name_prefix="picture")
        self._most = threads + waiting
        self._kept_bytes = kept_bytes
        self._lock = threading.RLock()  # a picture may be ready before its end is listened for
        self._running: dict[str, Future[bytes]] = {}
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def get(self, key: str, make: Callable[[], bytes], seconds: float) -> bytes:
        """What `make` makes, or has made for the same key. All who ask while it is being made get the same.

        QueueFull at once when too many wait, TimeoutError after `seconds`, else what `make` raises.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            future = self._running.get(key) or self._begin(key, make)
        try:
            return future.result(seconds)
        except TooLong:
            future.cancel()  # does nothing once it has begun
            raise TimeoutError(f"the picture took longer than {seconds:g} s") from None
        except CancelledError:
            raise TimeoutError(f"the picture did not begin within {seconds:g} s") from None

    def _begin(self, key: str, make: Callable[[], bytes]) -> Future[bytes]:
        if len(self._running) >= self._most:
            raise QueueFull
        future = self._running[key] = self._making.submit(self._make, key, make)
        future.add_done_callback(lambda _: self._end(key))
        return future

    def _make(self, key: str, make: Callable[[], bytes]) -> bytes:
        made = make()
        with self._lock:
            if len(made) <= self._kept_bytes and key not in self._kept:
                self._kept[key] = made
                self._size += len(made)
            while self._size > self._kept_bytes:
                self._size -= len(self._kept.popitem(last=False)[1])
        return made

    def _end(self, key: str) -> None:
        with self._lock:
            self._running.pop(key, None)
