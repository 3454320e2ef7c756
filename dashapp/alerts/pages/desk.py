"""What the pages read and change, over the accounts database of this application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app

from dashapp.accounts.database import Database
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.rulebook import RuleBook
from dashapp.alerts.silences import Silences
from dashapp.alerts.states import States
from metricstore.windows import zone

EXTENSION = "alerts"


@dataclass(frozen=True)
class Desk:
    database: Database
    rulebook: RuleBook
    states: States
    silences: Silences
    outbox: Outbox

    @classmethod
    def over(cls, database: Database) -> Desk:
        return cls(database, RuleBook(database), States(database), Silences(database), Outbox(database))


def desk() -> Desk:
    """Of the application that serves this request."""
    return cast(Desk, current_app.extensions[EXTENSION])


def now() -> datetime:
    return datetime.now(UTC)


def timezone() -> str:
    """Whose clock the lists go by."""
    return str(current_app.extensions["settings"].timezone)


def wall(moment: datetime | None, tz: ZoneInfo | None = None) -> str:
    """ISO 8601 on the lists' clock; empty for no moment."""
    return moment.astimezone(tz or zone(timezone())).isoformat(timespec="seconds") if moment else ""
