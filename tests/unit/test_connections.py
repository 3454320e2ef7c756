"""How many connections a process keeps open, and what they hold."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from waitress.server import BaseWSGIServer, create_server

from dashapp.cli.connections import MOST, Channel, most_connections, waitress_options
from tests.collectors.runner.troubles import eventually


@pytest.mark.parametrize(
    ("soft", "hard", "asked_for", "connections"),
    [
        (1_024, 1_048_576, 8_192, MOST),
        (1_024, 4_096, 4_096, 4_096 - 256),
        (1_024, 1_024, 1_024, 1_024 - 256),
        (1_024, resource.RLIM_INFINITY, 8_192, MOST),
        (20_000, 20_000, None, MOST),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, None, MOST),
    ],
    ids=["few, more allowed", "few, some allowed", "few, none allowed", "few, any allowed", "many", "any"],
)
def test_as_many_as_the_system_allows(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, asked_for: int | None, connections: int
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    assert most_connections() == connections
    assert asked == ([] if asked_for is None else [(asked_for, hard)])


@pytest.fixture
def server() -> Iterator[BaseWSGIServer]:
    """Answers `/N` with N bytes."""

    def answer(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "application/octet-stream")])
        return [b"x" * int(environ["PATH_INFO"][1:])]

    opened: dict[int, object] = {}
    found = create_server(answer, map=opened, host="127.0.0.1", port=0, threads=2, **waitress_options())
    found.channel_class = Channel
    thread = threading.Thread(target=found.run, daemon=True)
    thread.start()
    yield found
    found.trigger.pull_trigger(found.close)
    found.task_dispatcher.shutdown()


@pytest.mark.parametrize("size", [100, 9_000, 100_000, 3_000_000], ids=["tiny", "small", "usual", "as a file"])
def test_what_was_sent_is_not_kept_while_the_client_stays(server: BaseWSGIServer, size: int) -> None:
    browser = HTTPConnection("127.0.0.1", server.effective_port, timeout=20)
    for _ in range(20):
        browser.request("GET", f"/{size}")
        assert len(browser.getresponse().read()) == size
    (channel,) = server.active_channels.values()
    assert eventually(lambda: held(channel) == 0)
    browser.close()


def held(channel: Channel) -> int:
    """Bytes in its buffers, sent or not."""
    sizes = []
    for buffer in channel.outbufs:
        file = buffer.getfile()
        sizes.append(file.seek(0, 2))
        file.seek(sizes[-1])
    return sum(sizes)
