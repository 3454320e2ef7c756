"""The running application's side of the control channel."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any

from collectors.runner.lock import RunnerBusy
from dashapp.control.actions import ACTIONS, Tell
from dashapp.control.address import Address, new_key
from metricstore.errors import StoreError

log = logging.getLogger(__name__)


class ControlServer:
    """Answers the commands of ACTIONS for whoever can read the key. Messages are JSON, never pickles."""

    def __init__(self, data_dir: Path, services: Mapping[str, Any], *, demo: bool = False) -> None:
        self._data_dir = data_dir
        self._services = services
        key = new_key()
        self._key = key.encode()
        self._listener = Listener(("127.0.0.1", 0))
        self._address = Address.new(int(self._listener.address[1]), key, demo=demo)
        self._closing = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._accept, name="control", daemon=True)
        self._thread.start()
        self._address.save(self._data_dir)

    def stop(self) -> None:
        """Take no more commands; one at work may finish."""
        self._closing = True
        self._address.forget(self._data_dir)
        if self._thread is not None:
            # Closing a listener does not wake who waits on it; a visitor does.
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self._address.port), timeout=1).close()
            self._thread.join(2)
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection = self._listener.accept()
            except (EOFError, ConnectionError):
                continue  # someone who left again
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(connection,), name="control-command", daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection:
            try:
                # Here and not where connections are taken: a stranger who says nothing must not keep others out.
                deliver_challenge(connection, self._key)
                answer_challenge(connection, self._key)
                asked = json.loads(connection.recv_bytes(1_000_000))
                _answer(self._services, asked, lambda message: connection.send_bytes(json.dumps(message).encode()))
            except (AuthenticationError, EOFError, OSError, ValueError):
                log.debug("a command left before its answer", exc_info=True)


def _answer(services: Mapping[str, Any], asked: Any, tell: Tell) -> None:
    action: Callable[..., Any] | None = ACTIONS.get(asked.pop("do", "")) if isinstance(asked, dict) else None
    if action is None:
        tell({"error": "the running application does not know this command; is it another version?"})
        return
    try:
        tell({"result": action(services, tell, **asked)})
    except (StoreError, RunnerBusy, ValueError) as error:
        tell({"error": str(error)})
    except OSError:
        raise
    except Exception as error:
        log.exception("a command failed")
        tell({"error": f"{type(error).__name__}: {error}"})
