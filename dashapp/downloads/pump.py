"""From a library that writes into a file to pieces that are handed out while it writes."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator

PIECE = 256 * 1024
_AHEAD = 4


class Abandoned(OSError):
    """Nobody reads any more."""


class Sink:
    """The file a library writes to: it can only be written, in order. Small writes are put together."""

    def __init__(self) -> None:
        self._pieces: queue.Queue[bytes | BaseException | None] = queue.Queue(_AHEAD)
        self._waiting: list[bytes] = []
        self._size = 0
        self._place = 0
        self._left = threading.Event()

    def write(self, data: bytes) -> int:
        piece = bytes(data)
        self._waiting.append(piece)
        self._size += len(piece)
        self._place += len(piece)
        if self._size >= PIECE:
            self.flush()
        return len(piece)

    def flush(self) -> None:
        if self._size:
            piece, self._waiting, self._size = b"".join(self._waiting), [], 0
            self.put(piece)

    def tell(self) -> int:
        return self._place

    def seek(self, *_: int) -> int:
        """Libraries look whether there is such a method; none of ours goes back."""
        return self._place

    def close(self) -> None:
        """The end is told by whoever started the writing."""

    def put(self, piece: bytes | BaseException | None) -> None:
        while True:
            if self._left.is_set():
                raise Abandoned("the reader has left")
            try:
                self._pieces.put(piece, timeout=0.2)
                return
            except queue.Full:
                continue

    def get(self) -> bytes | BaseException | None:
        return self._pieces.get()

    def leave(self) -> None:
        self._left.set()


def pumped(write: Callable[[Sink], None]) -> Iterator[bytes]:
    """What `write` writes, piece by piece. Its exception is raised here; when the reader leaves, it gets one."""
    sink = Sink()

    def run() -> None:
        try:
            write(sink)
            sink.flush()
            sink.put(None)
        except Abandoned:
            pass
        except BaseException as error:
            with contextlib.suppress(Abandoned):
                sink.put(error)

    thread = threading.Thread(target=run, name="download", daemon=True)
    thread.start()
    try:
        while (piece := sink.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        sink.leave()
        thread.join()
