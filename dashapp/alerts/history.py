"""What happened to alerts, for good: rows in the accounts database, written in the transaction that decided them, then points of the
measurement `alert_event` as soon as the store takes them. A row gives the same point however often it is written."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from alerting.alert import Alert
from alerting.measuring import Labels
from alerting.message import ENDED
from alerting.rule import Rule
from dashapp.accounts.alert_rows import AlertEpisodeRow, AlertEventRow, table_of
from dashapp.accounts.database import Database, now
from dashapp.alerts.covering import covers, part
from dashapp.alerts.phrases import crossed, named, share
from dashapp.alerts.times import precise
from dashapp.alerts.wording import thread_of
from metricstore.point import Point, nanoseconds
from metricstore.store import Store

log = logging.getLogger(__name__)

Event = Literal["fired", "raised", "repeated", "acknowledged", "resolved", "quiet", "gone", "corrected", "undelivered"]
DECIDED: frozenset[str] = frozenset({"fired", "raised", *ENDED})
"""What may happen to an alert by a decision."""
_KEPT_EVENTS, _KEPT_EPISODES = timedelta(days=30), timedelta(days=400)
_AT_ONCE = 500
_E, _P = table_of(AlertEventRow), table_of(AlertEpisodeRow)


def put(
    connection: Connection, rule: Rule, labels: Labels, alert: Alert, event: Event, at: datetime, **texts: str
) -> None:
    """`texts`: `sentence`, `reason`, `notified`. What is known of the event already stays, and is added to."""
    thread = thread_of(rule.id, labels, alert.number)
    moment = alert.ended if event in ENDED and alert.ended else at
    severity = "page" if alert.raised else rule.severity
    fields: dict[str, Any] = {
        "title": rule.title, "metric": rule.metric, "labels": named(rule, labels), "episode": thread, **texts,
    }  # fmt: skip
    if not rule.momentary:
        percent = share(rule, alert.value, alert.usual)
        value = percent if isfinite(percent) else alert.value
        fields |= {"limit": crossed(rule, alert).value} | ({"value": value} if isfinite(value) else {})
    # An end that turned out wrong is followed by another one; a reminder by the next.
    key = f"{thread}/{event}" + ("" if event in ("fired", "raised") else f"/{precise(moment)}")
    keep(connection, key, moment, {"rule": rule.id, "severity": severity, "event": event}, fields)
    if event == "fired" or event in ENDED:
        _span(connection, thread, rule, labels, alert)


def follow(connection: Connection, thread: str, event: Event, at: datetime, **texts: str) -> None:
    """An event of an alert of which only earlier ones are known: its rule was removed, or somebody acknowledged it."""
    prefix = thread + "/"
    last = connection.execute(
        select(_E.c.document).where(func.substr(_E.c.key, 1, len(prefix)) == prefix).order_by(_E.c.id.desc()).limit(1)
    ).scalar()
    known = json.loads(last) if last else {"tags": {"rule": thread.partition("/")[0], "severity": "ticket"}, "fields": {"episode": thread}}  # fmt: skip
    kept = {
        name: value for name, value in known["fields"].items() if name not in ("sentence", "reason", "notified", "by")
    }
    keep(connection, f"{thread}/{event}/{precise(at)}", at, {**known["tags"], "event": event}, {**kept, **texts})
    if event in ENDED:
        connection.execute(
            update(_P).where(_P.c.key == thread, _P.c.ended == "").values(ended=precise(at), how=event, changed=precise(now()))
        )  # fmt: skip


def keep(connection: Connection, key: str, at: datetime, tags: Mapping[str, str], fields: Mapping[str, Any]) -> None:
    """An event under its key, on its way into the store; what is known of it already is added to."""
    row = connection.execute(select(_E).where(_E.c.key == key)).first()
    shown = {name: value for name, value in fields.items() if value != ""}
    if row is None:
        document = _written({"tags": dict(tags), "fields": shown})
        connection.execute(insert(_E).values(key=key, at=precise(at), document=document, stored=""))
        return
    before = json.loads(row.document)  # its time and tags are the point's identity, and stay
    document = _written(before | {"fields": before["fields"] | shown})
    if document != row.document:
        connection.execute(update(_E).where(_E.c.id == row.id).values(document=document, stored=""))


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def _span(connection: Connection, thread: str, rule: Rule, labels: Labels, alert: Alert) -> None:
    values = {
        "metric": rule.metric, "title": rule.title[:255], "labels": part(rule, labels), "covers": _written(covers(rule, labels)),
        "started": precise(alert.fired), "ended": precise(alert.ended) if alert.ended else "", "how": alert.how,
    }  # fmt: skip
    row = connection.execute(select(_P).where(_P.c.key == thread)).first()
    changed = {"changed": precise(now())}
    if row is None:
        connection.execute(insert(_P).values(key=thread, **values, **changed))
    else:
        connection.execute(update(_P).where(_P.c.key == thread).values(**values, **changed))


class History:
    """Used by the process that evaluates."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def write(self, moment: datetime) -> int:
        """Everything that waits, the oldest first; how many were written. StoreError leaves the rest waiting."""
        count = 0
        while True:
            with self._database.connection() as connection:
                rows = connection.execute(
                    select(_E).where(_E.c.stored == "").order_by(_E.c.id).limit(_AT_ONCE)
                ).all()  # fmt: skip
            if not rows:
                return count
            for refused in self._store.write([_point(row) for row in rows]).rejected:
                log.error("an event of an alert can't be stored: %s", refused)
            with self._database.connection() as connection:
                for row in rows:  # what was added to meanwhile is written once more
                    same = (_E.c.id == row.id, _E.c.document == row.document)
                    connection.execute(update(_E).where(*same).values(stored=precise(moment)))
            count += len(rows)

    def tidy(self, moment: datetime) -> None:
        """Forget what has long been in the store, and episodes older than charts reach."""
        with self._database.connection() as connection:
            connection.execute(delete(_E).where(_E.c.stored != "", _E.c.stored < precise(moment - _KEPT_EVENTS)))
            connection.execute(delete(_P).where(_P.c.ended != "", _P.c.ended < precise(moment - _KEPT_EPISODES)))


def _point(row: Any) -> Point:
    document = json.loads(row.document)
    moment = datetime.fromisoformat(row.at).replace(microsecond=0)
    apart = int(hashlib.sha256(row.key.encode()).hexdigest()[:12], 16) % 1_000_000_000
    return Point("alert_event", nanoseconds(moment) + apart, document["tags"], document["fields"])
