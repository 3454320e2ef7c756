"""Messages that their receiver did not take are events too: a rule can be about them, so that other receivers hear of it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, or_, select

from dashapp.accounts.alert_rows import AlertEventRow, OutboxRow, table_of
from dashapp.accounts.database import Database
from dashapp.alerts import history
from dashapp.alerts.outbox import GIVEN_UP, STUCK
from dashapp.alerts.rulebook import Book
from dashapp.alerts.times import precise

_E, _O = table_of(AlertEventRow), table_of(OutboxRow)
_PREFIX = "undelivered/"
_AT_ONCE = 100


class Undelivered:
    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, book: Book, now: datetime) -> int:
        """How many messages have waited longer than STUCK, or were refused or given up, since it was asked last. Those of rules
        about alerts are left out: one about a receiver that takes nothing would be the next."""
        about_alerts = [rule.id for rule in book.rules if "alert_event" in rule.measurements]
        wanted = select(_O).where(
            or_(_O.c.state == "dead", (_O.c.state == "waiting") & (_O.c.created < precise(now - STUCK))),
            _O.c.created >= precise(now - 2 * GIVEN_UP),  # older ones were there before anybody asked
            ~exists().where(_E.c.key == _PREFIX + _O.c.key),
            *(~_O.c.key.startswith(f"{id}/") for id in about_alerts),
        )
        with self._database.connection() as connection:
            rows = connection.execute(wanted.order_by(_O.c.id).limit(_AT_ONCE)).all()
            for row in rows:
                _note(connection, row, book, now)
        return len(rows)


def _note(connection: Connection, row: Any, book: Book, now: datetime) -> None:
    message = json.loads(row.message)
    rule = book.rule(message["rule"])
    fields = {
        "title": message["title"], "metric": rule.metric if rule else "", "labels": ", ".join(filter(None, message["labels"].values())),
        "episode": message["thread"], "sentence": message["sentence"], "receiver": row.receiver,
        "reason": row.answer or "nobody has tried to send it",
    }  # fmt: skip
    tags = {"rule": message["rule"], "severity": row.severity, "event": "undelivered"}
    # Points of one second are set apart by less than one: this one has happened when the next round looks.
    history.keep(connection, f"{_PREFIX}{row.key}", now - timedelta(seconds=1), tags, fields)
