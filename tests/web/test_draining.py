"""How gunicorn's processes end: workers are minded until then, who is in a hurry is heard, and the port is closed once."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest
from gunicorn.config import Config

from dashapp.cli.draining import DrainingWorker
from tests.production.conftest import children, eventually
from tests.stores import free_port

DRAIN_SECONDS = 60
PROGRAM = """
import sys
from gunicorn.app.base import BaseApplication
from dashapp.cli.draining import DrainingArbiter, DrainingWorker, Ending

ending = Ending()

def answer(environ, start):
    start("200 OK", [])
    return [str(ending()).encode()]

class Program(BaseApplication):
    def load_config(self):
        for name, value in {"bind": f"127.0.0.1:{sys.argv[1]}", "worker_class": DrainingWorker, "threads": 2,
                            "control_socket_disable": True}.items():
            self.cfg.set(name, value)
    def load(self):
        return answer

DrainingArbiter(Program(), ending, float(sys.argv[2])).run()
"""


class Server:
    """Says whether it is ending."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.program = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, self.url.rpartition(":")[2], str(DRAIN_SECONDS)]
        )
        eventually(lambda: httpx.get(self.url).text == "False")

    def signal(self, number: signal.Signals) -> None:
        self.program.send_signal(number)


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.signal(signal.SIGQUIT)
    try:
        found.program.wait(20)
    finally:
        found.program.kill()


@pytest.fixture
def ending(server: Server) -> Server:
    server.signal(signal.SIGTERM)
    eventually(lambda: httpx.get(server.url).text == "True")
    return server


def test_a_worker_that_dies_while_the_server_ends_is_replaced(ending: Server) -> None:
    (old,) = children(ending.program.pid)
    os.kill(old, signal.SIGKILL)
    eventually(lambda: old not in children(ending.program.pid))
    eventually(lambda: httpx.get(ending.url).text == "True")
    assert ending.program.poll() is None


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_second_signal_ends_the_wait(ending: Server, second: signal.Signals) -> None:
    begun = time.monotonic()
    ending.signal(second)
    assert ending.program.wait(DRAIN_SECONDS / 2) == 0
    assert time.monotonic() - begun < DRAIN_SECONDS / 4


def test_a_reload_does_not_end_the_wait(ending: Server) -> None:
    crew = children(ending.program.pid)
    ending.signal(signal.SIGHUP)
    time.sleep(1.5)
    assert children(ending.program.pid) == crew
    assert httpx.get(ending.url).text == "True"


@pytest.fixture
def worker() -> Iterator[DrainingWorker]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        found = DrainingWorker(1, os.getpid(), [listener], None, 30, Config(), None)
        with closing(selectors.DefaultSelector()) as found.poller, ThreadPoolExecutor(1) as found.tpool:
            yield found
        found.tmp.close()


def test_a_worker_with_all_the_connections_it_may_have_closes_the_port_once(worker: DrainingWorker) -> None:
    (listener,) = worker.sockets
    worker.set_accept_enabled(True)
    worker.alive = False  # told to end after the loop's test, before the next line
    worker.set_accept_enabled(False)
    worker.set_accept_enabled(False)
    assert listener.fileno() == -1


def test_a_worker_ends_at_once_wherever_the_signal_meets_it(worker: DrainingWorker) -> None:
    with worker.tpool._shutdown_lock, pytest.raises(SystemExit):  # in the middle of taking a request
        worker.handle_quit(signal.SIGQUIT, None)
