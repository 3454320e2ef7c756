"""What is the client's mistake is told as that: no traceback, in the client's language."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from waitress.server import create_server

from dashapp.address_length import ADDRESS_BYTES, SERVER_BYTES
from dashapp.cli.connections import Channel
from tests.web.conftest import NAVIGATION, Person

DEEP = "[" * 100_000


@pytest.fixture
def client(viewer: Person) -> FlaskClient:
    return viewer.client


@pytest.mark.parametrize(
    "path", ["nonsense/x.js", "dash/nonsense.v1m2.js", "dash/deps/none.js", "dash/__init__.py", "%00/a", "dash/%00"]
)
def test_a_file_dash_does_not_have_is_404_without_a_traceback(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = client.get(f"/_dash-component-suites/{path}")
    assert answer.status_code == 404
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    "body",
    [DEEP, DEEP + "]" * 100_000, '{"a":' * 100_000, '{"output":' + DEEP, "{", "", "null", "[1]", "{}", '{"output":[]}',
     '{"output":"nothing.children","inputs":[]}', '{"output":"x","inputs":7}'],
    ids=lambda body: body[:12],
)  # fmt: skip
def test_a_question_that_dash_never_asks_is_400(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = client.post("/_dash-update-component", data=body, content_type="application/json", headers=NAVIGATION)
    assert answer.status_code == 400
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("path", ["", "x", "nonsense/x.csv", "chart/a/b.csv", "chart/posts_by_status"])
def test_an_unknown_download_is_404_as_a_page_for_people_and_as_json_for_programs(
    client: FlaskClient, path: str
) -> None:
    page = client.get(f"/download/{path}", headers={"Accept": "text/html,*/*"})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "No such download" in page.text
    document = client.get(f"/download/{path}", headers={"Accept": "*/*"})
    assert (document.status_code, document.mimetype) == (404, "application/problem+json")
    assert "chart/<name>.<format>" in document.get_json()["known"]


def test_an_address_that_is_too_long_is_414_with_a_sentence(client: FlaskClient) -> None:
    for path in ("/", "/api/v1/metrics", "/embed/x.png", "/login"):
        answer = client.get(f"{path}?x={'a' * ADDRESS_BYTES}")
        assert answer.status_code == 414
        assert f"more than {ADDRESS_BYTES:,} bytes" in answer.text
    assert client.get(f"/login?x={'a' * (ADDRESS_BYTES - 100)}").status_code != 414


@pytest.fixture
def port(app: object) -> Iterator[int]:
    """Of the embedded store's server."""
    opened: dict[int, object] = {}
    server = create_server(app, map=opened, host="127.0.0.1", port=0, max_request_header_size=SERVER_BYTES)
    server.channel_class = Channel
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()


@pytest.mark.parametrize("length", [ADDRESS_BYTES + 1, SERVER_BYTES + 100_000])
def test_the_embedded_server_says_so_itself_where_the_application_never_sees_it(port: int, length: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as asking:
        asking.sendall(b"GET /login?x=" + b"a" * length)
        if length < SERVER_BYTES:
            asking.sendall(b" HTTP/1.0\r\n\r\n")
        head = asking.makefile("rb").readline()
    assert head.split()[1] == b"414"
