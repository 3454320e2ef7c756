"""ClickHouse that is away, refuses, is too old or damaged: one sentence for people each."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_connect.driver.httputil import all_managers

from metricstore.clickhouse import ClickHouseStore
from metricstore.clickhouse.connection import Connection, Server
from metricstore.clickhouse.failures import explained
from metricstore.clickhouse.schema import VERSION
from metricstore.clickhouse.tables import VERSIONS
from metricstore.errors import (
    SchemaVersionError,
    StoreDenied,
    StoreError,
    StoreFailed,
    StoreFull,
    StoreUnreachable,
)
from tests.clickhouse.server import ClickHouseServer
from tests.contract.asking import START, asked, generation
from tests.stores import free_port


def actions(store: ClickHouseStore) -> tuple[Callable[[], object], ...]:
    return (lambda: store.ask(asked()), lambda: store.write([generation(START)]), store.info, store.ping)


def refusals(server: Server, kind: type[StoreError], words: str) -> None:
    store = ClickHouseStore(server)
    for action in actions(store):
        with pytest.raises(kind, match=words) as caught:
            action()
        assert "Code:" not in str(caught.value) and "object at 0x" not in str(caught.value)
    store.close()


@contextmanager
def speaking(answer: bytes) -> Iterator[str]:
    """Something that answers every connection with `answer`; its address without the scheme."""

    def run() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connection.recv(65536)
            connection.sendall(answer)
            connection.close()

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        threading.Thread(target=run, daemon=True).start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def test_a_server_that_is_not_there_is_unreachable() -> None:
    refusals(Server(f"http://127.0.0.1:{free_port()}"), StoreUnreachable, "can't be reached: connection refused")


def test_nothing_is_sent_before_the_first_question() -> None:
    ClickHouseStore(Server(f"http://127.0.0.1:{free_port()}")).close()


def test_a_server_that_does_not_answer_is_unreachable_after_the_timeout() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        store = ClickHouseStore(Server(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_seconds=1))
        with pytest.raises(StoreUnreachable, match="did not answer within 1 seconds"):
            store.ask(asked())


def test_a_server_without_tls_at_an_address_with_it_is_told_as_that() -> None:
    with speaking(b"HTTP/1.1 400 Bad Request\r\n\r\n") as place:
        refusals(Server(f"https://{place}"), StoreUnreachable, "its certificate or encryption isn't accepted")


def test_a_connection_cut_in_the_middle_of_an_answer_is_unreachable() -> None:
    with speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n26.") as place:
        refusals(Server(f"http://{place}"), StoreUnreachable, "can't be reached")


def test_something_that_is_no_clickhouse_is_told_plainly() -> None:
    body = b"<html>hello</html>"
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    with speaking(head + body) as place:
        refusals(Server(f"http://{place}"), StoreError, "ClickHouse at")


def test_an_old_server_is_named_with_the_version_that_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        server_version = "24.3.1.2"

        def close(self) -> None:
            pass

    monkeypatch.setattr("metricstore.clickhouse.connection.get_client", lambda **_: Old())
    refusals(
        Server("http://clickhouse.example"), SchemaVersionError, r"is version 24\.3\.1\.2: 25\.8 or newer is needed"
    )


@pytest.mark.clickhouse
def test_a_wrong_password_is_denied_and_not_repeated(clickhouse: ClickHouseServer) -> None:
    server = replace(clickhouse.named("default"), password="a-wrong-password")
    with pytest.raises(StoreDenied, match=f"refuses the user '{clickhouse.user}' or the password") as caught:
        ClickHouseStore(server).ask(asked())
    assert "a-wrong-password" not in str(caught.value) and "a-wrong-password" not in repr(server)


@pytest.mark.clickhouse
def test_a_missing_database_is_named_with_how_to_make_it(clickhouse: ClickHouseServer) -> None:
    refusals(clickhouse.named("not_there"), StoreDenied, r"no database 'not_there'.*CREATE DATABASE not_there")


@pytest.mark.clickhouse
def test_a_database_of_a_newer_program_is_left_alone(
    clickhouse: ClickHouseServer, clickhouse_store: ClickHouseStore
) -> None:
    clickhouse_store.ping()
    name = clickhouse_store._layout.whole(VERSIONS.name)
    clickhouse.run(f"INSERT INTO {name} VALUES ('content-metrics-dashboard', {VERSION + 1})")
    other = ClickHouseStore(clickhouse.named(clickhouse_store._layout.database))
    with pytest.raises(SchemaVersionError, match="newer than this program"):
        other.write([generation(START)])


@pytest.mark.clickhouse
def test_a_closed_store_says_so(clickhouse_store: ClickHouseStore) -> None:
    clickhouse_store.close()
    clickhouse_store.close()
    with pytest.raises(StoreUnreachable, match="closed"):
        clickhouse_store.ask(asked())


@pytest.mark.clickhouse
def test_a_closed_store_keeps_no_connection(clickhouse: ClickHouseServer, clickhouse_database: str) -> None:
    def ask() -> None:
        store = ClickHouseStore(clickhouse.named(clickhouse_database))
        store.ping()
        store.close()

    leaves_nothing(ask)


def test_a_store_that_was_never_reached_keeps_nothing() -> None:
    def ask() -> None:
        store = ClickHouseStore(Server(f"http://127.0.0.1:{free_port()}"))
        for _ in range(3):
            with pytest.raises(StoreUnreachable):
                store.ping()
        store.close()

    leaves_nothing(ask)


def leaves_nothing(ask: Callable[[], None]) -> None:
    """Neither open files nor entries in the driver's list of pools, which lives as long as the process.

    What threads of other tests open meanwhile they close again.
    """

    def kept() -> set[object]:
        found: set[object] = set(all_managers)
        for one in Path("/proc/self/fd").iterdir():
            with suppress(OSError):  # the folder's own is closed by now
                found.add((one.name, str(one.readlink())))
        return found

    ask()
    before = kept()
    for _ in range(3):
        ask()
    deadline = time.monotonic() + 10
    while more := kept() - before:
        assert time.monotonic() < deadline, more
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (497, StoreDenied, "does not let the user 'default' do this"),
        (164, StoreDenied, "does not let the user"),
        (243, StoreFull, "disk"),
        (241, StoreError, "shorter range"),
        (159, StoreError, "shorter range"),
        (701, StoreDenied, "no cluster"),
        (999, StoreUnreachable, "not complete"),
        (62, StoreFailed, "could not answer this question"),
    ],
)
def test_what_clickhouse_says_is_told_plainly(
    code: int, kind: type[StoreError], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    raw = "Code: 1. DB::Exception: Syntax error: failed at position 7 (SELEC)"
    found = explained(DatabaseError(raw, code=code), Server("http://x"), "http://x:8123")
    assert isinstance(found, kind) and words in str(found)
    assert "DB::Exception" not in str(found)
    assert "log" not in str(found) or raw in caplog.text


@pytest.mark.clickhouse
def test_a_statement_clickhouse_refuses_is_told_plainly(
    clickhouse_store: ClickHouseStore, caplog: pytest.LogCaptureFixture
) -> None:
    for statement in ("SELECT nothing FROM nowhere", "SELEC", "SELECT CAST('x' AS Int64)", "SELECT match('a', '(')"):
        with pytest.raises(StoreError) as raised:
            clickhouse_store._connection.query(statement, ())
        assert "DB::Exception" not in str(raised.value) and "DB::Exception" in caplog.text


def test_an_address_is_shown_with_its_port_and_without_a_login() -> None:
    shown = {
        "http://db": "http://db:8123",
        "https://db": "https://db:8443",
        "https://db:9/way/": "https://db:9/way",
        "http://[::1]:1": "http://[::1]:1",
    }
    assert {url: Connection(Server(url)).location for url in shown} == shown


def test_a_proxy_error_page_is_unreachable() -> None:
    class Proxy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(502)
            self.send_header("Content-Length", "3")
            self.end_headers()
            self.wfile.write(b"bad")

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        refusals(Server(f"http://127.0.0.1:{server.server_port}"), StoreUnreachable, "can't be reached")
        server.shutdown()
