"""A real HTTP server on loopback whose answers a stand-in works out and a test may spoil."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.standins.faults import Fault


@dataclass(frozen=True)
class Call:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[-1]

    def json(self) -> Any:
        return json.loads(self.body or b"null")


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class StandIn:
    """Answers `answer(call)`. `faults` are used up first, one for each request. Use as a context manager."""

    path = ""
    """What belongs to the base address besides host and port."""

    def __init__(self, port: int = 0) -> None:
        self.calls: list[Call] = []
        self._faults: deque[Fault] = deque()
        self._spoilt: tuple[str, Fault] | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{self.path}"

    def answer(self, call: Call) -> Reply:
        raise NotImplementedError

    def spoil(self, *faults: Fault) -> None:
        """The next requests meet these, then all is well again."""
        for fault in faults:
            self._faults.extend([fault] * fault.times)

    def spoil_where(self, words: str, fault: Fault) -> None:
        """Every request with these words in its path or body meets the fault from now on."""
        self._spoilt = (words, fault)

    def mend(self) -> None:
        self._spoilt = None

    def start(self) -> StandIn:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Any:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def serve(self, handler: BaseHTTPRequestHandler, call: Call) -> None:
        with self._lock:
            self.calls.append(call)
            fault = self._faults.popleft() if self._faults else self._fault_of(call)
            reply = Reply(fault.status, fault.body, fault.headers) if fault.status is not None else self.answer(call)
        if fault.delay:
            self._stopping.wait(fault.delay)
        if fault.reset:
            with contextlib.suppress(OSError):
                handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
            return
        self._send(handler, reply, fault)

    def _fault_of(self, call: Call) -> Fault:
        words, fault = self._spoilt or ("", Fault())
        return fault if words and (words in call.path or words.encode() in call.body) else Fault()

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply, fault: Fault) -> None:
        data = reply.data()
        handler.send_response(reply.status)
        headers = {"Content-Type": "application/json"} | reply.headers
        for name, value in headers.items():
            handler.send_header(name, value)
        if fault.announced:
            handler.send_header("Content-Length", str(len(data)))
        else:
            handler.send_header("Connection", "close")
        handler.end_headers()
        if fault.cut:
            handler.wfile.write(data[: len(data) // 2])
            handler.close_connection = True
        elif fault.drip:
            for place in range(len(data)):
                if self._stopping.wait(0.02):
                    break
                handler.wfile.write(data[place : place + 1])
                handler.wfile.flush()
        else:
            handler.wfile.write(data)
        if not fault.announced:
            handler.close_connection = True


def _handler(standin: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, parts.path, parse_qs(parts.query, keep_blank_values=True), headers,
                        self.rfile.read(length))  # fmt: skip
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                standin.serve(self, call)

        do_GET = do_POST = _any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    return Handler
