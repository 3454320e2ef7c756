"""Where nothing is sent, and that no receiver holds the sender longer than it may."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from alerting.receivers import over_http
from alerting.receivers.addresses import is_refused
from alerting.receivers.outcome import Outcome
from alerting.receivers.sending import send
from tests.receivers.certificates import Certificates
from tests.receivers.declared import declared, now
from tests.receivers.taking import Taking
from tests.unit.alerting.receivers.messages import message


@pytest.mark.parametrize(
    "ip",
    ["169.254.169.254", "169.254.0.1", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "fe80::1", "fe80::1%eth0", "fd00:ec2::254",
     "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "100.100.100.200", "0.0.0.0", "::", "224.0.0.1"],
)  # fmt: skip
def test_metadata_and_link_local_addresses_are_refused_in_every_spelling(ip: str) -> None:
    assert is_refused(ip)


@pytest.mark.parametrize(
    "ip", ["127.0.0.1", "::1", "10.1.2.3", "192.168.1.1", "fd12::1", "203.0.113.7", "example.org", ""]
)
def test_networks_of_ones_own_are_not(ip: str) -> None:
    assert not is_refused(ip)


def test_an_address_that_is_a_secret_is_checked_when_it_is_sent_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_URL", "http://169.254.169.254/latest/meta-data")
    (found,) = send(declared("slack", url="env:SLACK_URL"), message(), now())
    assert (found.delivered, found.permanent) == (False, True)
    assert "nothing is sent there" in found.answer
    monkeypatch.setenv("SLACK_URL", "file:///etc/passwd")
    (found,) = send(declared("slack", url="env:SLACK_URL"), message(), now())
    assert found.permanent


@pytest.mark.parametrize("kind", ["webhook", "mail"])
def test_a_name_that_leads_to_such_an_address_is_not_connected_to(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 25)) for ip in ("127.0.0.1", "169.254.169.254")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: ways)
    words = {"url": "http://inside.example.org/"} if kind == "webhook" else {
        "to": ["a@example.org"], "from_": "m@example.org", "server": "smtp://inside.example.org"}  # fmt: skip
    (found,) = send(declared(kind, **words), message(), now())
    assert (found.delivered, found.permanent) == (False, True)
    assert "inside.example.org leads to 169.254.169.254" in found.answer


def test_a_name_that_is_none_may_be_one_later() -> None:
    (found,) = send(declared("webhook", url="http://no-such-name.invalid/"), message(), now())
    assert (found.delivered, found.permanent) == (False, False)
    assert found.answer.startswith("the name no-such-name.invalid can't be resolved")


def test_the_certificate_is_that_of_the_name(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    with Taking() as service:
        service._server.socket = certificates.server().wrap_socket(service._server.socket, server_side=True)
        port = service._server.server_address[1]
        named, numbered = (declared("webhook", url=f"https://{host}:{port}/") for host in ("localhost", "127.0.0.1"))
        (strange,) = send(named, message(), now())
        assert "certificate verify failed" in strange.answer
        monkeypatch.setattr(over_http, "_trust", certificates.trusting)
        assert send(named, message(), now()) == [Outcome("ops", True, answer="200: ok")]
        assert service.calls[0].headers["host"] == f"localhost:{port}"
        assert not send(numbered, message(), now())[0].delivered


@contextlib.contextmanager
def dripping(begin: bytes, drop: bytes) -> Iterator[int]:
    """A server that begins an answer and never ends it: a byte every 50 ms."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.sendall(begin)
                    while not stop.wait(0.05):
                        connection.sendall(drop)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            thread.join(5)


@pytest.mark.parametrize(
    ("begin", "outcome"),
    [
        (b"", Outcome("ops", False, answer="no answer within 0.5 s")),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", Outcome("ops", False, answer="no answer within 0.5 s")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ntaken\n", Outcome("ops", True, answer="200: taken")),
        (b"HTTP/1.1 400 Bad\r\n\r\nno such topic\n", Outcome("ops", False, True, answer="400: no such topic")),
    ],
)
def test_a_web_server_that_never_ends_is_left(begin: bytes, outcome: Outcome) -> None:
    with dripping(begin, b" " if b"\n\r\n" in begin else b"x") as port:
        begun = time.monotonic()
        (found,) = send(declared("webhook", url=f"http://127.0.0.1:{port}/"), message(), now(), seconds=0.5)
        assert time.monotonic() - begun < 5
    assert found == outcome


@pytest.mark.parametrize("begin", [b"220 hello\r\n250-", b"220-"])
def test_a_mail_server_that_never_ends_is_left(begin: bytes) -> None:
    with dripping(begin, b"x") as port:
        receiver = declared("mail", to=["a@example.org"], from_="m@example.org", server=f"smtp://127.0.0.1:{port}")
        begun = time.monotonic()
        (found,) = send(receiver, message(), now(), seconds=0.5)
        assert time.monotonic() - begun < 5
    assert found == Outcome("a@example.org", False, answer="no answer within 0.5 s")


def test_through_a_proxy_the_name_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with Taking() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        (found,) = send(declared("webhook", url="http://inside.example.org/hook"), message(), now())
        assert found.delivered, found
        assert (proxy.calls[0].headers["host"], proxy.calls[0].path) == ("inside.example.org", "/hook")
        monkeypatch.setenv("SLACK_URL", "http://metadata.google.internal/")
        assert send(declared("slack", url="env:SLACK_URL"), message(), now())[0].permanent
        assert len(proxy.calls) == 1
