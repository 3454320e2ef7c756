"""What goes wrong with a server is told in one sentence, by an error that says whose fault it is."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from metricstore.errors import SchemaVersionError, StoreDenied, StoreError, StoreUnreachable
from metricstore.influx import InfluxStore, schema
from metricstore.influx.answers import blocks, table, tables
from metricstore.influx.connection import BucketMissing, Connection, _is_local
from metricstore.point import Point
from metricstore.query import Query
from metricstore.revisions import Revisions, Total
from tests.stores import InfluxServer, free_port

pytestmark = pytest.mark.influx

START, STOP = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
COUNT = Query("generation", "count", START, STOP)
POINT = Point("generation", 1_717_200_000_000_000_000, {"platform": "twitter"}, {"duration_seconds": 1.5})


def limited_token(server: InfluxServer, bucket: str, *actions: str) -> str:
    """A token that may only do `actions` with one bucket."""
    org = server.call("GET", f"/api/v2/orgs?org={server.org}")["orgs"][0]["id"]  # type: ignore[index]
    found = server.call("GET", f"/api/v2/buckets?name={bucket}")["buckets"]
    resource = {"type": "buckets", "orgID": org}
    if found:
        resource["id"] = found[0]["id"]  # type: ignore[index]
    else:
        resource["name"] = bucket
    permissions = [{"action": action, "resource": resource} for action in actions]
    made = server.call("POST", "/api/v2/authorizations", {"orgID": org, "permissions": permissions})
    return str(made["token"])


def test_a_server_that_is_not_there_is_unreachable() -> None:
    store = InfluxStore(f"http://127.0.0.1:{free_port()}", "token", "org", "bucket")
    for action in (lambda: store.ask(COUNT), lambda: store.write([POINT]), store.info):
        with pytest.raises(StoreUnreachable, match="can't be reached"):
            action()


def test_influxdb_3_is_named_as_what_it_is() -> None:
    class Three(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/ping" else 404)
            self.send_header("X-Influxdb-Version", "3.4.1")
            self.end_headers()

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Three) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        store = InfluxStore(f"http://127.0.0.1:{server.server_port}", "token", "org", "bucket")
        for action in (lambda: store.ask(COUNT), lambda: store.write([POINT])):
            with pytest.raises(
                SchemaVersionError, match=r"is version 3\.4\.1, which does not answer Flux: use InfluxDB 2\.7"
            ):
                action()
        store.close()
        server.shutdown()


def test_whether_a_server_answers_is_seen_before_its_bucket_is_there(influxd: InfluxServer) -> None:
    store = InfluxStore(influxd.url, influxd.token, influxd.org, "not-there-yet")
    with pytest.raises(BucketMissing):
        store.answers()
    store.close()


def test_nothing_is_sent_before_the_first_question() -> None:
    InfluxStore(f"http://127.0.0.1:{free_port()}", "token", "org", "bucket").close()


def test_a_server_that_does_not_answer_is_unreachable_after_the_timeout() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        store = InfluxStore(f"http://127.0.0.1:{silent.getsockname()[1]}", "t", "o", "b", timeout_seconds=0.3)
        with pytest.raises(StoreUnreachable, match=r"did not answer within 0\.3 seconds"):
            store.ask(COUNT)


def test_a_connection_cut_in_the_middle_of_an_answer_is_unreachable() -> None:
    def cut(listening: socket.socket) -> None:
        for _ in range(2):
            connection, _ = listening.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n,result")
            connection.close()

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        threading.Thread(target=cut, args=(listening,), daemon=True).start()
        connection = Connection(f"http://127.0.0.1:{listening.getsockname()[1]}", "t", "o", "b", 5)
        with pytest.raises(StoreUnreachable):
            connection.query("from(bucket: bucket)")


def test_a_wrong_token_is_denied_and_not_repeated(influxd: InfluxServer, influx_bucket: str) -> None:
    store = InfluxStore(influxd.url, "a-wrong-token", influxd.org, influx_bucket)
    for action in (lambda: store.ask(COUNT), lambda: store.write([POINT]), store.info):
        with pytest.raises(StoreDenied) as caught:
            action()
        assert "a-wrong-token" not in str(caught.value)


def test_a_missing_bucket_is_created(influxd: InfluxServer, influx_store: InfluxStore, influx_bucket: str) -> None:
    assert influx_store.bounds("generation") is None
    assert influxd.call("GET", f"/api/v2/buckets?name={influx_bucket}")["buckets"]


def test_a_token_that_may_not_create_the_missing_bucket_is_told_so(
    influxd: InfluxServer, influx_bucket: str, influx_store: InfluxStore
) -> None:
    influx_store.write([POINT])
    token = limited_token(influxd, influx_bucket, "read", "write")
    store = InfluxStore(influxd.url, token, influxd.org, "no-such-bucket")
    with pytest.raises(StoreDenied, match=r"no bucket 'no-such-bucket'.*create it"):
        store.ask(COUNT)


def test_a_token_for_this_bucket_alone_is_enough(
    influxd: InfluxServer, influx_bucket: str, influx_store: InfluxStore
) -> None:
    influx_store.write([POINT])
    reader = InfluxStore(influxd.url, limited_token(influxd, influx_bucket, "read"), influxd.org, influx_bucket)
    assert reader.ask(COUNT)["value"].tolist() == [1.0]
    assert reader.revision("generation") == influx_store.revision("generation")
    assert reader.info().points == 1
    with pytest.raises(StoreDenied):
        reader.write([POINT])
    writer = InfluxStore(
        influxd.url, limited_token(influxd, influx_bucket, "read", "write"), influxd.org, influx_bucket
    )
    assert writer.write([POINT]).written == 1


def test_an_unknown_organisation_is_no_crash(influxd: InfluxServer, influx_bucket: str) -> None:
    with pytest.raises(StoreDenied, match="organisation 'nobody'"):
        InfluxStore(influxd.url, influxd.token, "nobody", influx_bucket).ask(COUNT)


def test_a_closed_store_says_so(influx_store: InfluxStore) -> None:
    influx_store.close()
    influx_store.close()
    with pytest.raises(StoreUnreachable, match="closed"):
        influx_store.ask(COUNT)


def test_a_bucket_of_a_newer_program_is_left_alone(influxd: InfluxServer, influx_store: InfluxStore) -> None:
    influx_store.write([POINT])
    newer = schema.line().replace(f"version={schema.VERSION}i".encode(), f"version={schema.VERSION + 1}i".encode())
    influx_store._connection.write(newer)
    other = InfluxStore(influxd.url, influxd.token, influxd.org, influx_store._connection.bucket)
    for action in (lambda: other.ask(COUNT), lambda: other.write([POINT])):
        with pytest.raises(SchemaVersionError, match="update the program"):
            action()
    assert influx_store.info().points == 1


def test_an_error_after_the_first_rows_is_no_short_answer(caplog: pytest.LogCaptureFixture) -> None:
    broken = b"#datatype,string,string\r\n,error,reference\r\n,engine: cursor is closed,897\r\n\r\n"
    begun = b"#datatype,string,long,long\r\n,result,table,_value\r\n,sum,0,1\r\n\r\n"
    for read in (lambda: list(blocks(begun + broken)), lambda: tables(begun + broken)):
        with pytest.raises(StoreError, match="broke off"):
            read()
    with pytest.raises(StoreError, match="broke off"):
        table(b"error,reference\r\nengine: cursor is closed,897\r\n", "int")
    assert caplog.text.count("cursor is closed") == 3


@pytest.mark.parametrize(
    ("url", "local"),
    [("http://127.0.0.1:8086", True), ("http://localhost", True), ("http://[::1]:8086", True),
     ("https://influx.example", False), ("http://10.0.0.5:8086", False)],
)  # fmt: skip
def test_answers_are_packed_only_for_the_network(url: str, local: bool) -> None:
    assert _is_local(url) is local


def test_who_waited_for_a_reading_of_revisions_that_failed_does_not_try_again_in_turn() -> None:
    waits, readings, failures = threading.Event(), [], []

    class Noticed:
        """A lock that says when somebody has to wait for it."""

        def __init__(self) -> None:
            self._lock = threading.Lock()

        def __enter__(self) -> None:
            if not self._lock.acquire(blocking=False):
                waits.set()
                self._lock.acquire()

        def __exit__(self, *_: object) -> None:
            self._lock.release()

    class Marks:
        def totals(self) -> dict[str, Total]:
            readings.append(1)
            second.start()
            waits.wait()
            raise StoreUnreachable("silent")

    def ask() -> None:
        try:
            revisions.of("post")
        except StoreUnreachable as error:
            failures.append(str(error))

    revisions = Revisions(Marks())  # type: ignore[arg-type]
    revisions._reading = Noticed()  # type: ignore[assignment]
    second = threading.Thread(target=ask)
    ask()
    second.join()
    assert (len(readings), failures) == (1, ["silent", "silent"])


def test_an_answer_of_one_column_is_read() -> None:
    assert table(b",result,table,_value\r\n,_result,0,120000\r\n\r\n", "int")["_value"].tolist() == [120_000]
    assert table(b"\r\n", "int").empty
