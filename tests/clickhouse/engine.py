"""ClickHouse's engine (chdb) behind the part of its HTTP interface that its client asks for: `python -m tests.clickhouse.engine PORT FOLDER`.

Questions, parameters, tables sent along, rows in Native and errors are the engine's own. What is no engine's business is
shown by a real server alone: users' rights, TLS, replicas, several machines.
"""

from __future__ import annotations

import base64
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

USER, PASSWORD = "tester", "a word of the tests"
URI_BYTES, VALUE_BYTES = 1_048_576, 131_072
"""What a server takes unless it is configured otherwise: http_max_uri_size, http_max_field_value_size."""
CONNECTIONS = 4096
"""max_connections of such a server. Who asks for one more waits until others have said nothing for two minutes."""
_TRANSPORT = ("query", "database", "wait_end_of_query", "enable_http_compression", "client_protocol_version", "query_id",
              "send_progress_in_http_headers", "http_headers_progress_interval_ms", "default_format")  # fmt: skip
_OF_A_FILE = re.compile(r".*_(format|structure|types)")
_CODE = re.compile(r"Code: (\d+)\.")


class Engine:
    """One question at a time: settings and the database are the connection's."""

    def __init__(self, folder: Path) -> None:
        from chdb.session import Session

        self._folder = folder
        self._session = Session(str(folder / "data"))
        self._settings: dict[str, str] = {}
        self._lock = threading.Lock()

    def answer(self, text: str, rows: bytes | None, args: dict[str, str], files: dict[str, bytes]) -> bytes:
        with self._lock:
            self._session.query(f"USE `{args.get('database', 'default')}`")
            for name, value in args.items():
                known = name in _TRANSPORT or name.startswith("param_") or (_OF_A_FILE.fullmatch(name) and files)
                if not known and self._settings.get(name) != value:
                    self._session.query(f"SET {name} = '{value}'")
                    self._settings[name] = value
            if rows is not None:
                with self._file(rows) as path:
                    self._session.query(f"{text.removesuffix('FORMAT Native')} SELECT * FROM file('{path}', Native)")
                return b""
            with self._tables(args, files):
                values = {
                    name.removeprefix("param_"): value for name, value in args.items() if name.startswith("param_")
                }
                found: bytes = self._session.query(text, "TabSeparated", params=values).bytes()
                return found

    @contextmanager
    def _tables(self, args: dict[str, str], files: dict[str, bytes]) -> Iterator[None]:
        """What a server makes of the tables sent along."""
        try:
            for name, body in files.items():
                kind, structure = args[f"{name}_format"], args[f"{name}_structure"]
                self._session.query(f"CREATE OR REPLACE TABLE {name} ({structure}) ENGINE = Memory")
                with self._file(body) as path:
                    self._session.query(f"INSERT INTO {name} SELECT * FROM file('{path}', {kind}, '{structure}')")
            yield
        finally:
            for name in files:
                self._session.query(f"DROP TABLE IF EXISTS {name}")

    @contextmanager
    def _file(self, body: bytes) -> Iterator[Path]:
        path = self._folder / "sent"
        path.write_bytes(body)
        yield path
        path.unlink()


def application(engine: Engine) -> Callable[..., Iterable[bytes]]:
    from werkzeug.wrappers import Request, Response

    login = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    def respond(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        request.max_form_memory_size = request.max_form_parts = None
        if request.headers.get("Authorization") != login:
            return failed(Response, f"Code: 516. DB::Exception: {USER}: Authentication failed")(environ, start_response)
        files = {name: file.read() for name, file in request.files.items()}
        args = request.args.to_dict() | request.form.to_dict()
        if any(len(value.encode()) > VALUE_BYTES for value in args.values()):
            return failed(Response, "Code: 1000. DB::Exception: Field value too long")(environ, start_response)
        body = b"" if files or request.form else request.get_data()
        if request.headers.get("Content-Encoding") == "lz4":
            body = decompressed(body)
        text, rows = args.get("query", ""), None
        if body.startswith(b"INSERT") and b"FORMAT Native\n" in body:
            head, rows = body.split(b"\n", 1)
            text = head.decode()
        elif not text:
            text = body.decode()
        try:
            found = Response(engine.answer(text, rows, args, files), content_type="application/octet-stream")
        except Exception as error:
            found = failed(Response, str(error))
        return found(environ, start_response)

    return respond


def decompressed(body: bytes) -> bytes:
    """The client packs each of several blocks into a frame of its own."""
    import lz4.frame

    found = b""
    while body:
        frame = lz4.frame.LZ4FrameDecompressor()
        found += frame.decompress(body)
        body = frame.unused_data or b""
    return found


def failed(response: Any, message: str) -> Any:
    code = _CODE.search(message)
    return response(message, 500, {"X-ClickHouse-Exception-Code": code[1] if code else "0"}, content_type="text/plain")


def main() -> None:
    from waitress import serve

    port, folder = sys.argv[1:]
    serve(
        application(Engine(Path(folder))),
        host="127.0.0.1",
        port=int(port),
        threads=8,
        connection_limit=CONNECTIONS,
        max_request_header_size=URI_BYTES,
    )


if __name__ == "__main__":
    main()
