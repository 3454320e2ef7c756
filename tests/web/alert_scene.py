"""Alerts over the application's own store and accounts: an hour in which provider b failed, judged as the watch does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flask import Flask

from dashapp.alerts.evaluating import Evaluator
from dashapp.alerts.muting import Mutes
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.pages.desk import Desk
from dashapp.alerts.round import Round
from dashapp.alerts.wording import Links
from metricstore.point import Point, nanoseconds


def far_from_midnight() -> str:
    """A zone whose day does not end while a scene goes on, at whatever hour the tests run: else a second rule fires."""
    ends = (datetime.now(UTC).hour + 12) % 24
    return f"Etc/GMT+{ends}" if ends <= 12 else f"Etc/GMT-{24 - ends}"


RULES = f"""
[[rule]]
id = "ai-errors"
title = "AI requests fail"
metric = "ai_request_error_rate"
by = ["provider"]
every = "1h"
fire = "> 20"
clear = "<= 10"
notify = ["ops"]

[[rule]]
id = "no-posts"
title = "No posts"
kind = "absent"
metric = "generations"
every = "1d"
timezone = "{far_from_midnight()}"

[[receiver]]
name = "ops"
kind = "webhook"
url = "http://127.0.0.1:9/hook"
"""
AI = "/alerts/ai-errors/1?labels=b"


def hour_now() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass
class AlertScene:
    app: Flask
    begin: datetime = field(default_factory=lambda: hour_now() - timedelta(hours=6))

    def __post_init__(self) -> None:
        self.store = self.app.extensions["metricstore"]
        self.desk: Desk = self.app.extensions["alerts"]
        self.outbox: Outbox = self.desk.outbox

    def at(self, hour: float) -> datetime:
        return self.begin + timedelta(hours=hour)

    def requests(self, hour: int, provider: str, bad: int, total: int = 10) -> None:
        self.store.write(
            Point(
                "ai_request", nanoseconds(self.at(hour) + timedelta(minutes=number)) + sum(map(ord, provider)),
                {"provider": provider, "http_status": "500" if number < bad else "200"},
                {"latency_seconds": 1.0, "file": "app.log", "line": number + 1},
            )
            for number in range(total)
        )  # fmt: skip

    def round(self, now: datetime) -> None:
        """The log is read, and a round passes."""
        fields = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
        self.store.write([Point("collector_run", nanoseconds(now), {"collector": "app_log", "outcome": "ok"}, fields)])
        evaluator = Evaluator(self.store, self.desk.database, Links("https://metrics.example"))
        book, mutes = self.desk.rulebook.read(), Mutes(self.desk.silences.current(now))
        assert evaluator.round(Round(book, mutes, now, 1)).failed == {}

    def fail(self, provider: str = "b", rules: str = RULES) -> None:
        """Provider b is well for two hours, then three of ten of its requests fail, and the rule fires."""
        self.desk.rulebook.apply(rules, "conf/rules.toml", "test")
        for hour in range(2):
            self.requests(hour, provider, 0)
        self.requests(2, provider, 3)
        self.round(self.at(3.2))

    def recover(self, provider: str = "b") -> None:
        self.requests(3, provider, 0)
        self.round(self.at(4.2))
