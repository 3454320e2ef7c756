"""Several processes evaluate and send while they are killed at random: each event is decided once and arrives."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dashapp.accounts import Accounts
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.rulebook import RuleBook
from tests.alerts.conftest import RULES

KILLS = int(os.environ.get("ALERT_KILLS", "10"))
"""At so many moments; ALERT_KILLS=50 takes some minutes."""
WORKERS = 3
EVENTS = 46
"""23 alerts of an hour each, and their ends."""
ROOT = Path(__file__).parents[2]


class Workers:
    """Forked by one process that has imported everything; see `judging`."""

    def __init__(self, url: str) -> None:
        command = [sys.executable, "-m", "tests.alerts.judging"]
        self._zygote = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._url = url
        self._running = [self._begun() for _ in range(WORKERS)]

    def kill(self, place: int) -> None:
        """And another one in its place."""
        os.kill(self._running[place], signal.SIGKILL)
        self._running[place] = self._begun()

    def end(self) -> None:
        for number in self._running:
            os.kill(number, signal.SIGKILL)
        self._zygote.kill()
        self._zygote.communicate()

    def _begun(self) -> int:
        assert self._zygote.stdin is not None and self._zygote.stdout is not None
        self._zygote.stdin.write(f"{self._url}\n")
        self._zygote.stdin.flush()
        return int(self._zygote.stdout.readline())


@pytest.mark.timeout(200 + 20 * KILLS)
def test_nothing_is_lost_and_nothing_decided_twice(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _receiver(received))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HOOK_SECRET", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    accounts = Accounts.open(database_url)
    rules = RULES.replace("127.0.0.1:9", f"127.0.0.1:{server.server_port}").replace('page = "> 50"\n', "")
    RuleBook(accounts.database).apply(rules, "rules.toml", "test")
    outbox, chance = Outbox(accounts.database), random.Random(7)
    workers = Workers(database_url)
    try:
        for kill in range(1, KILLS + 1):
            # spread over all events: kills meet evaluation and delivery alike
            _until(lambda: len(outbox.latest(1000)) >= (EVENTS - 6) * kill // KILLS)  # noqa: B023  asked within this turn
            time.sleep(chance.uniform(0, 0.1))
            workers.kill(chance.randrange(WORKERS))
        _until(lambda: outbox.counts() == {"waiting": 0, "sent": EVENTS, "dead": 0})
    finally:
        workers.end()
        server.shutdown()
    keys = [row["key"] for row in outbox.latest(1000)]
    accounts.close()
    assert sorted(keys) == sorted(
        f"ai-errors/b/{number}/{what}/ops/ops" for number in range(1, EVENTS // 2 + 1) for what in ("fired", "resolved")
    )
    assert len(set(received)) <= EVENTS
    assert len(received) - len(set(received)) <= KILLS, "a repetition was in flight when its sender was killed"


def _until(true: Callable[[], bool]) -> None:
    """On a busy machine processes take their time to start."""
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _receiver(received: list[str]) -> type[BaseHTTPRequestHandler]:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.append(self.headers["webhook-id"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Hook
