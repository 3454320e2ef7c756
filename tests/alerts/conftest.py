"""Alerts over a real store and a real accounts database, in rounds at chosen moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerting.message import Message
from alerting.receivers.outcome import Outcome
from alerting.receivers.receiver import Receiver
from dashapp.accounts import Accounts
from dashapp.accounts.database import Database
from dashapp.alerts.delivering import Delivery
from dashapp.alerts.evaluating import Evaluator
from dashapp.alerts.muting import Mutes
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.round import Round
from dashapp.alerts.rulebook import RuleBook
from dashapp.alerts.silences import Silences
from dashapp.alerts.sources import Sources
from dashapp.alerts.states import States
from dashapp.alerts.wording import Links
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from metricstore.store import Store

_TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
BEGIN = _TODAY - timedelta(days=14 + _TODAY.weekday())
"""A Monday not long ago: runs of collectors count for 400 days."""
RULES = """
[[rule]]
id = "ai-errors"
title = "AI requests fail"
metric = "ai_request_error_rate"
by = ["provider"]
every = "1h"
fire = "> 20"
clear = "<= 10"
page = "> 50"
quiet = "3h"
notify = ["ops"]

[[receiver]]
name = "ops"
kind = "webhook"
url = "http://127.0.0.1:9/hook"
secret = "env:HOOK_SECRET"
"""


def said(hour: float) -> str:
    """As messages write a moment."""
    moment = at(hour)
    return f"{moment:%a} {moment.day} {moment:%b %H:%M}"


def at(hour: float) -> datetime:
    return BEGIN + timedelta(hours=hour)


def requests(hour: int, provider: str, good: int, bad: int) -> list[Point]:
    """So many answers in an hour, a minute apart."""
    return [
        Point(
            "ai_request",
            nanoseconds(at(hour) + timedelta(minutes=number)) + ord(provider[0]),
            {"provider": provider, "http_status": "500" if number < bad else "200"},
            {"latency_seconds": 1.0, "file": "app.log", "line": number + 1},
        )
        for number in range(good + bad)
    ]


@dataclass
class Scene:
    """A store, an accounts database, and what would have been sent."""

    store: Store
    database: Database
    sent: list[tuple[str, Message]] = field(default_factory=list)
    answers: Callable[[Message], Outcome | None] = lambda _message: None
    down: set[str] = field(default_factory=set)
    """Receivers that take nothing now."""

    def __post_init__(self) -> None:
        self.rulebook = RuleBook(self.database)
        self.silences = Silences(self.database)
        self.outbox = Outbox(self.database)
        self.states = States(self.database)
        self.sources = Sources(self.store)
        self.evaluator = Evaluator(self.store, self.database, Links("https://metrics.example"))

    def read_until(self, moment: datetime) -> None:
        """As if the log had been read last at `moment`."""
        fields = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
        tags = {"collector": "app_log", "outcome": "ok"}
        self.store.write([Point("collector_run", nanoseconds(moment), tags, fields)])

    def round(self, now: datetime, token: int = 1) -> Round:
        book = self.rulebook.read()
        mutes = Mutes(self.silences.current(now), self.sources.late(now), book.maintenance)
        return self.evaluator.round(Round(book, mutes, now, token))

    def deliver(self, now: datetime) -> list[str]:
        """Subjects of what went out."""
        delivery, before = Delivery(self.outbox, self._send), len(self.sent)
        book = self.rulebook.read()
        while delivery.step(book, now):
            pass
        return [message.subject for _, message in self.sent[before:]]

    def _send(self, receiver: Receiver, message: Message, now: datetime, only: Sequence[str]) -> list[Outcome]:
        answer = Outcome(only[0], False, answer="503") if receiver.name in self.down else self.answers(message)
        if answer is None:
            self.sent.append((only[0], message))
            answer = Outcome(only[0], True, answer="200 OK")
        return [answer]

    def step(self, hour: float) -> list[str]:
        """The log is read, a round passes, and everything that waits goes out."""
        self.read_until(at(hour))
        found = self.round(at(hour))
        assert found.failed == {}
        return self.deliver(at(hour) + timedelta(seconds=40))


@pytest.fixture
def scene(tmp_path: Path, database_url: str) -> Iterator[Scene]:
    """Provider b fails in the third hour."""
    store, accounts = DuckStore(tmp_path / "metrics.duckdb"), Accounts.open(database_url)
    points = [point for hour in range(2) for provider in "ab" for point in requests(hour, provider, 10, 0)]
    store.write([*points, *requests(2, "a", 10, 0), *requests(2, "b", 7, 3)])
    found = Scene(store, accounts.database)
    found.rulebook.apply(RULES, "rules.toml", "test")
    yield found
    accounts.close()
    store.close()
