"""A command's side of the control channel."""

from __future__ import annotations

import json
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from pathlib import Path
from types import TracebackType
from typing import Any

from dashapp.control.address import Address


class ControlError(Exception):
    """The running application could not do it; the text says why."""


class Channel:
    """A connection to the running application; a context manager."""

    def __init__(self, connection: Connection, pid: int, *, demo: bool = False) -> None:
        self._connection = connection
        self.pid = pid
        self.demo = demo
        """Whether what runs there shows made-up data."""

    def ask(self, do: str, on_progress: Callable[[Any], None] | None = None, **parameters: Any) -> Any:
        """The command's result; ControlError with the reason when there is none."""
        self._told(lambda: self._connection.send_bytes(json.dumps({"do": do, **parameters}).encode()))
        while True:
            message = json.loads(self._told(self._connection.recv_bytes))
            if "error" in message:
                raise ControlError(message["error"])
            if "result" in message:
                return message["result"]
            if on_progress is not None:
                on_progress(message.get("progress"))

    def _told(self, speak: Callable[[], Any]) -> Any:
        """What `speak` gives. Nothing else is blamed on the connection: `on_progress` may fail to write a file."""
        try:
            return speak()
        except (EOFError, OSError):
            raise ControlError("the running application ended before it answered") from None

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Channel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:  # fmt: skip
        self.close()


def connect(data_dir: Path) -> Channel | None:
    """The application that runs over `data_dir`; None when none does."""
    address = Address.load(data_dir)
    if address is None:
        return None
    try:
        connection = Client(("127.0.0.1", address.port), authkey=address.key.encode())
        return Channel(connection, address.pid, demo=address.demo)
    except (OSError, EOFError, AuthenticationError):
        return None  # left over from a process that was killed; the port may be someone else's by now
