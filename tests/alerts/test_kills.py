"""Several processes evaluate and send while they are killed at random: each event is decided once and arrives."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dashapp.accounts import Accounts
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.rulebook import RuleBook
from tests.alerts.conftest import RULES

KILLS, SECONDS, WORKERS = 10, 16.0, 3
ROOT = Path(__file__).parents[2]
WORKER = """
import sys, time
from datetime import UTC, datetime, timedelta
from dashapp.accounts import Accounts
import dashapp.alerts.leases as leases, dashapp.alerts.outbox as outbox
from dashapp.alerts.delivering import Delivery
from dashapp.alerts.evaluating import Evaluator, Round
from dashapp.alerts.muting import Mutes
from dashapp.alerts.rulebook import RuleBook
from dashapp.alerts.states import Superseded
from dashapp.alerts.wording import Links
from metricstore.duck import DuckStore
from tests.alerts.conftest import at, requests
from metricstore.point import Point, nanoseconds

leases.HELD = timedelta(seconds=0.6)
outbox.CLAIMED = timedelta(seconds=1.0)
outbox.GATHERED = outbox.NEXT_GATHERED = timedelta(0)
store = DuckStore(None)
for hour in range(48):
    store.write(requests(hour, "b", *((5, 5) if hour % 2 else (10, 0))))
fields = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
begun = float(sys.argv[2])
database = Accounts.open(sys.argv[1]).database
box, book = outbox.Outbox(database), RuleBook(database)
evaluator, lease, delivery = Evaluator(store, database, Links()), leases.Lease(database, "alerts"), Delivery(box)
while True:
    hour = min(47.5, 1.5 + (time.time() - begun) * 46 / float(sys.argv[3]))
    store.write([Point("collector_run", nanoseconds(at(hour)), {"collector": "app_log", "outcome": "ok"}, fields)])
    token = lease.hold(datetime.now(UTC))
    if token is not None:
        try:
            evaluator.round(Round(book.read(), Mutes(), at(hour), token))
        except Superseded:
            pass
    while delivery.step(book.read(), datetime.now(UTC)):
        pass
    time.sleep(0.02)
"""


@pytest.mark.timeout(180)
def test_nothing_is_lost_and_nothing_decided_twice(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _receiver(received))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HOOK_SECRET", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    accounts = Accounts.open(database_url)
    rules = RULES.replace("127.0.0.1:9", f"127.0.0.1:{server.server_port}").replace('page = "> 50"\n', "")
    RuleBook(accounts.database).apply(rules, "rules.toml", "test")
    kills, chance, begun = 0, random.Random(7), time.time()
    command = [sys.executable, "-c", WORKER, database_url, str(begun), str(SECONDS - 8)]
    workers = [subprocess.Popen(command, cwd=ROOT) for _ in range(WORKERS)]
    while time.time() - begun < SECONDS:
        time.sleep(SECONDS / KILLS * chance.uniform(0.5, 1.2))
        if kills < KILLS:
            place = chance.randrange(WORKERS)
            workers[place].kill()
            workers[place].wait()
            workers[place] = subprocess.Popen(command, cwd=ROOT)
            kills += 1
    _settled(Outbox(accounts.database))
    for worker in workers:
        worker.kill()
        worker.wait()
    server.shutdown()
    rows = Outbox(accounts.database).latest(1000)
    accounts.close()
    ended = {f"ai-errors/b/{number}/resolved/ops/ops" for number in range(1, 23)}
    fired = {f"ai-errors/b/{number}/fired/ops/ops" for number in range(1, 24)}
    keys = {row["key"] for row in rows}
    assert ended <= keys <= ended | fired | {"ai-errors/b/23/resolved/ops/ops"}, "what came and went is one message"
    assert all(count == 1 for count in Counter(row["key"] for row in rows).values())
    assert {row["state"] for row in rows} == {"sent"}
    assert len(set(received)) <= len(rows)
    assert len(received) - len(set(received)) <= kills, "a repetition was in flight when its sender was killed"


def _settled(outbox: Outbox) -> None:
    """The last windows are judged and everything is sent; on a busy machine processes take their time to start."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        rows = outbox.latest(1000)
        if any("/23/" in row["key"] for row in rows) and all(row["state"] != "waiting" for row in rows):
            return
        time.sleep(0.3)
    raise AssertionError("not everything was sent in time")


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
