"""Pictures are made once, by few threads, in a queue of bounded length: whoever asks for too many waits for their own."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from dataclasses import dataclass


class QueueFull(Exception):
    """More different pictures are asked for than may wait."""


@dataclass(frozen=True)
class _Making:
    owner: str
    future: Future[bytes]


@dataclass(frozen=True)
class _Kept:
    owner: str
    subject: str
    made: bytes


class PictureQueue:
    """Of one process. `waiting`: how many pictures may wait beside those being made by `threads` threads.
    `kept_bytes`: how much of what was made last is kept, by key; 0 for nothing.

    Owners (holders of one link, say) share both fairly: where room is needed, it is taken from the owner who has most of it.
    """

    def __init__(self, threads: int, waiting: int, kept_bytes: int = 0) -> None:
        self._making = ThreadPoolExecutor(threads, thread_name_prefix="picture")
        self._most = threads + waiting
        self._kept_bytes = kept_bytes
        self._lock = threading.RLock()  # a picture may be ready before its end is listened for
        self._running: dict[str, _Making] = {}
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._newest: dict[tuple[str, str], str] = {}
        """The key of what is kept, by owner and subject."""
        self._sizes: Counter[str] = Counter()
        """Bytes kept, by owner."""

    def get(self, owner: str, key: str, make: Callable[[], bytes], seconds: float, subject: str = "") -> bytes:
        """What `make` makes, or has made for the same key. All who ask while it is being made get the same.

        `subject`: what it is a picture of, however that looks at the moment; of an owner's pictures of one subject the newest is kept.

        QueueFull at once when too many wait, TimeoutError after `seconds` or when it had to give way to another owner's,
        else what `make` raises.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key].made
            future = (
                self._running[key].future if key in self._running else self._begin(owner, key, make, subject or key)
            )
        try:
            return future.result(seconds)
        except TooLong:
            future.cancel()  # does nothing once it has begun
            raise TimeoutError(f"the picture took longer than {seconds:g} s") from None
        except CancelledError:
            raise TimeoutError(f"the picture did not begin within {seconds:g} s") from None

    def _begin(self, owner: str, key: str, make: Callable[[], bytes], subject: str) -> Future[bytes]:
        if len(self._running) >= self._most and not self._place_freed_for(owner):
            raise QueueFull
        future = self._making.submit(self._make, owner, key, make, subject)
        self._running[key] = _Making(owner, future)
        future.add_done_callback(lambda _: self._end(key))
        return future

    def _place_freed_for(self, owner: str) -> bool:
        """Takes the newest place of the owner with most of them, unless `owner` would then have as many."""
        places = Counter(one.owner for one in self._running.values())
        if not places:
            return False
        largest, most = places.most_common(1)[0]
        if most <= places[owner] + 1:
            return False
        return any(one.future.cancel() for one in reversed([*self._running.values()]) if one.owner == largest)

    def _make(self, owner: str, key: str, make: Callable[[], bytes], subject: str) -> bytes:
        made = make()
        with self._lock:
            if len(made) <= self._kept_bytes and key not in self._kept:
                if earlier := self._newest.get((owner, subject)):
                    self._forget(earlier)
                self._kept[key], self._newest[owner, subject] = _Kept(owner, subject, made), key
                self._sizes[owner] += len(made)
            while self._sizes.total() > self._kept_bytes:
                self._forget_one()
        return made

    def _forget_one(self) -> None:
        """The least recently asked for of the owner with most bytes."""
        largest = max(self._sizes, key=self._sizes.__getitem__)
        self._forget(next(key for key, kept in self._kept.items() if kept.owner == largest))

    def _forget(self, key: str) -> None:
        kept = self._kept.pop(key)
        del self._newest[kept.owner, kept.subject]
        self._sizes[kept.owner] -= len(kept.made)
        if not self._sizes[kept.owner]:
            del self._sizes[kept.owner]

    def _end(self, key: str) -> None:
        with self._lock:
            self._running.pop(key, None)
