"""The program that is killed: it evaluates rules and sends messages; its argument is the address of an accounts database."""

from __future__ import annotations

import contextlib
import sys
import time
from datetime import UTC, datetime, timedelta

import dashapp.alerts.leases as leases
import dashapp.alerts.outbox as outbox
from dashapp.accounts import Accounts
from dashapp.alerts.delivering import Delivery
from dashapp.alerts.evaluating import Evaluator
from dashapp.alerts.muting import Mutes
from dashapp.alerts.round import Round
from dashapp.alerts.rulebook import RuleBook
from dashapp.alerts.states import States, Superseded
from dashapp.alerts.wording import Links
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from tests.alerts.conftest import at, requests

HOURS = 48
"""In every second one half of provider b's requests fail."""


def work(url: str) -> None:
    """Until killed: one more window a round, however long a round takes, and all that is due is sent."""
    store = DuckStore(None)
    store.write([point for hour in range(HOURS) for point in requests(hour, "b", *((5, 5) if hour % 2 else (10, 0)))])
    fields = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
    database = Accounts.open(url).database
    box, book, states = outbox.Outbox(database), RuleBook(database), States(database)
    evaluator, lease, delivery = Evaluator(store, database, Links()), leases.Lease(database, "alerts"), Delivery(box)
    while True:
        judged = max((group.memory.until for group in states.of("ai-errors")), default=at(1))
        hour = min(HOURS - 0.5, (judged - at(0)) / timedelta(hours=1) + 1.1)
        store.write([Point("collector_run", nanoseconds(at(hour)), {"collector": "app_log", "outcome": "ok"}, fields)])
        token = lease.hold(datetime.now(UTC))
        if token is not None:
            with contextlib.suppress(Superseded):
                evaluator.round(Round(book.read(), Mutes(), at(hour), token))
        while delivery.step(book.read(), datetime.now(UTC)):
            pass
        time.sleep(0.02)


def main() -> None:
    leases.HELD = timedelta(seconds=0.6)
    outbox.CLAIMED = timedelta(seconds=1.0)
    outbox.GATHERED = outbox.NEXT_GATHERED = timedelta(0)
    work(sys.argv[1])
