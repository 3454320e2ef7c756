"""Several processes evaluate and send while they are killed at random: each event is decided once and arrives."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dashapp.accounts import Accounts
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.rulebook import RuleBook
from tests import forkserver
from tests.alerts.conftest import RULES
from tests.alerts.hook import hook

KILLS = int(os.environ.get("ALERT_KILLS", "10"))
"""At so many moments; ALERT_KILLS=50 takes some minutes."""
WORKERS = 3
EVENTS = 46
"""23 alerts of an hour each, and their ends."""
SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(200 + 20 * KILLS)
def test_nothing_is_lost_and_nothing_decided_twice(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[str] = []
    with hook(received) as port:
        keys = _killed(database_url, monkeypatch, port)
    assert sorted(keys) == sorted(
        f"ai-errors/b/{number}/{what}/ops/ops" for number in range(1, EVENTS // 2 + 1) for what in ("fired", "resolved")
    )
    assert len(set(received)) <= EVENTS
    assert len(received) - len(set(received)) <= KILLS, "a repetition was in flight when its sender was killed"


def _killed(database_url: str, monkeypatch: pytest.MonkeyPatch, port: int) -> list[str]:
    """Keys of what was decided while workers were killed."""
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    accounts = Accounts.open(database_url)
    rules = RULES.replace("127.0.0.1:9", f"127.0.0.1:{port}").replace('page = "> 50"\n', "")
    RuleBook(accounts.database).apply(rules, "rules.toml", "test")
    outbox, chance = Outbox(accounts.database), random.Random(7)
    workers = [_started(database_url) for _ in range(WORKERS)]
    try:
        for kill in range(1, KILLS + 1):
            # spread over all events: kills meet evaluation and delivery alike
            _until(lambda: len(outbox.latest(1000)) >= (EVENTS - 6) * kill // KILLS)  # noqa: B023  asked within this turn
            time.sleep(chance.uniform(0, 0.1))
            place = chance.randrange(WORKERS)
            workers[place].kill()
            workers[place].wait()
            workers[place] = _started(database_url)
        _until(lambda: outbox.counts() == {"waiting": 0, "sent": EVENTS, "dead": 0})
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    keys = [row["key"] for row in outbox.latest(1000)]
    accounts.close()
    return keys


def _started(database_url: str) -> forkserver.Program:
    return forkserver.start(
        "from tests.alerts.judging import main; main()",
        [database_url],
        env={**forkserver.environment(), "HOOK_SECRET": SECRET},
        cwd=ROOT,
        stdout=sys.__stdout__,
        stderr=sys.__stderr__,
    )


def _until(true: Callable[[], bool]) -> None:
    """On a busy machine processes take their time to start."""
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
