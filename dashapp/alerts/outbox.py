"""Messages between the decision and their receivers: each is in here once, and leaves when a receiver took it.

A message is claimed for CLAIMED before it is sent. Who dies with it lets others send it again, under the same key and, where several went
out as one, with the same others: receivers that know ids drop the repetition.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, exists, func, insert, or_, select, update

from alerting.message import Figure, Message
from alerting.receivers.receiver import Receiver
from dashapp.accounts.alert_rows import OutboxRow, table_of
from dashapp.accounts.database import Database
from dashapp.alerts.times import precise

CLAIMED = timedelta(seconds=60)
GATHERED = timedelta(seconds=30)
"""So long a message waits for others of its kind, to go out with them as one."""
NEXT_GATHERED = timedelta(minutes=5)
"""After one went out, the next of its kind wait so long."""
GIVEN_UP = timedelta(hours=24)
KEPT = timedelta(days=30)
STUCK = timedelta(minutes=10)
"""A message that waits longer means that people are not reached."""
_FIRST_RETRY, _LONGEST_RETRY = timedelta(seconds=30), timedelta(minutes=30)
FLOOD, FLOOD_SPAN = 20, timedelta(minutes=10)
"""When more messages than that are for one recipient in such a time, those that wait go out as one, whatever their severity."""
_NOBODY: Mapping[str, Receiver] = {}
_T = table_of(OutboxRow)


@dataclass(frozen=True)
class Waiting:
    """A message as it is claimed."""

    id: int
    key: str
    receiver: str
    recipient: str
    message: Message
    batch: str
    created: datetime
    attempts: int


def put(
    connection: Connection, messages: Iterable[tuple[str, str, Message]], now: datetime, receivers: Mapping[str, Receiver] = _NOBODY,
) -> int:  # fmt: skip
    """(receiver, recipient, message) in the transaction that decided them; those that are in here already are left out.
    `receivers` by name say when their digest goes out."""
    count = 0
    for receiver, recipient, message in messages:
        key = f"{message.key}/{receiver}/{recipient}"
        if connection.execute(select(_T.c.id).where(_T.c.key == key)).first() is None:
            later = receivers[receiver].due(message.severity, now) if receiver in receivers else None
            # What is kept for a digest counts as written when that is due: until then it does not wait for anybody.
            connection.execute(insert(_T).values(
                key=key, receiver=receiver, recipient=recipient, severity=message.severity, message=_written(message), state="waiting",
                batch="", created=precise(later or now), due=precise(later or now + GATHERED), claimed="", attempts=0, sent="", answer="",
            ))  # fmt: skip
            count += 1
    return count


def sent_of(connection: Connection, thread: str) -> dict[tuple[str, str], Message]:
    """By (receiver, recipient) the latest message of this alert to them."""
    prefix = thread + "/"
    rows = connection.execute(select(_T).where(func.substr(_T.c.key, 1, len(prefix)) == prefix).order_by(_T.c.id))
    return {(row.receiver, row.recipient): _read(row.message) for row in rows}


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, now: datetime) -> list[Waiting]:
        """All messages to one recipient that can go out now as one; empty when none is due."""
        with self._database.connection() as connection:
            first = connection.execute(
                select(_T).where(*_free(now), _T.c.due <= precise(now), ~_waits_behind(now)).order_by(_T.c.id).limit(1)
            ).first()
            if first is None:
                return []
            rows = self._companions(connection, first, now)
            batch = first.batch or hashlib.sha256("\n".join(row.key for row in rows).encode()).hexdigest()[:32]
            claimed = []
            for row in rows:
                taken = connection.execute(
                    update(_T)
                    .where(_T.c.id == row.id, *_free(now), _T.c.batch == row.batch)
                    .values(claimed=precise(now + CLAIMED), batch=batch, attempts=row.attempts + 1)
                )
                if taken.rowcount == 1:
                    claimed.append(row)
        return [_waiting(row, batch) for row in claimed]

    def _companions(self, connection: Connection, first: Any, now: datetime) -> Sequence[Any]:
        """What goes out with it: the same as before where it was tried before, else all of its kind that wait."""
        same = (_T.c.receiver == first.receiver, _T.c.recipient == first.recipient, _T.c.severity == first.severity)
        if first.batch:
            wanted = select(_T).where(*same[:2], *_free(now), _T.c.batch == first.batch)
        else:
            if _flooded(connection, first, now):
                same = (*same[:2], _T.c.created <= precise(now))
            wanted = select(_T).where(*same, *_free(now), _T.c.batch == "", _T.c.attempts == 0)
        return connection.execute(wanted.order_by(_T.c.id)).all()

    def sent(self, claimed: Sequence[Waiting], now: datetime, answer: str) -> None:
        """Taken by the receiver. What waits of its kind waits a little longer, so that it goes out as one again."""
        first = claimed[0]
        with self._database.connection() as connection:
            connection.execute(
                update(_T)
                .where(_T.c.id.in_([one.id for one in claimed]))
                .values(state="sent", sent=precise(now), claimed="", answer=answer[:500])
            )
            connection.execute(
                update(_T)
                .where(
                    _T.c.receiver == first.receiver, _T.c.recipient == first.recipient,
                    _T.c.severity.in_({one.message.severity for one in claimed}), _T.c.state == "waiting", _T.c.attempts == 0,
                    _T.c.due < precise(now + NEXT_GATHERED),
                )
                .values(due=precise(now + NEXT_GATHERED))
            )  # fmt: skip

    def failed(
        self, claimed: Sequence[Waiting], now: datetime, answer: str, *, permanent: bool, retry_after: float | None,
        instead: Sequence[tuple[str, str, Message]] = (),
    ) -> None:  # fmt: skip
        """Not taken: tried again later and later for a day, unless the receiver refused it for good. When it is given up,
        others get it `instead`, in the same transaction."""
        oldest = min(one.created for one in claimed)
        dead = permanent or now - oldest > GIVEN_UP
        wait = max(_pause(claimed[0].attempts), timedelta(seconds=retry_after or 0))
        values: dict[str, Any] = {"claimed": "", "answer": answer[:500]}
        values |= {"state": "dead"} if dead else {"due": precise(now + wait)}
        with self._database.connection() as connection:
            connection.execute(update(_T).where(_T.c.id.in_([one.id for one in claimed])).values(**values))
            if dead:
                put(connection, instead, now)

    def oldest(self) -> datetime | None:
        """When the message that waits longest was written."""
        with self._database.connection() as connection:
            found = connection.execute(select(func.min(_T.c.created)).where(_T.c.state == "waiting")).scalar()
        return datetime.fromisoformat(found) if found else None

    def counts(self) -> Mapping[str, int]:
        """By state."""
        with self._database.connection() as connection:
            rows = connection.execute(select(_T.c.state, func.count().label("number")).group_by(_T.c.state)).all()
        return {"waiting": 0, "sent": 0, "dead": 0} | {row.state: row.number for row in rows}

    def latest(self, limit: int = 50, state: str = "") -> list[dict[str, Any]]:
        """The newest first, as the page lists them; with `state` only those."""
        wanted = select(_T).where(_T.c.state == state) if state else select(_T)
        with self._database.connection() as connection:
            rows = connection.execute(wanted.order_by(_T.c.id.desc()).limit(limit)).all()
        return [dict(row._mapping) | {"message": _read(row.message)} for row in rows]

    def since(self, moment: datetime) -> list[dict[str, Any]]:
        """Everything written since, the oldest first."""
        wanted = select(_T).where(_T.c.created >= precise(moment)).order_by(_T.c.id)
        with self._database.connection() as connection:
            rows = connection.execute(wanted).all()
        return [dict(row._mapping) | {"message": _read(row.message)} for row in rows]

    def answers(self) -> dict[str, Mapping[str, Any]]:
        """By receiver the newest message that it answered to: `state`, `created`, `sent`, `answer`."""
        newest = select(func.max(_T.c.id)).where(_T.c.attempts > 0, _T.c.claimed == "").group_by(_T.c.receiver)
        with self._database.connection() as connection:
            rows = connection.execute(select(_T).where(_T.c.id.in_(newest))).all()
        return {row.receiver: dict(row._mapping) for row in rows}

    def tidy(self, now: datetime) -> None:
        """Forget what was sent or given up long ago."""
        with self._database.connection() as connection:
            connection.execute(delete(_T).where(_T.c.state != "waiting", _T.c.created < precise(now - KEPT)))


def _free(now: datetime) -> tuple[Any, ...]:
    return _T.c.state == "waiting", or_(_T.c.claimed == "", _T.c.claimed < precise(now))


def _flooded(connection: Connection, row: Any, now: datetime) -> bool:
    """Whether its recipient is to get more messages than anybody reads."""
    recent = connection.execute(
        select(func.count()).where(
            _T.c.receiver == row.receiver, _T.c.recipient == row.recipient,
            _T.c.created > precise(now - FLOOD_SPAN), _T.c.created <= precise(now),
        )
    ).scalar_one()  # fmt: skip
    return recent > FLOOD


def _waits_behind(now: datetime) -> Any:
    """Whether an earlier message of its kind to the same recipient is being sent or tried again later: none overtakes it."""
    other = _T.alias()
    return exists().where(
        other.c.receiver == _T.c.receiver, other.c.recipient == _T.c.recipient, other.c.severity == _T.c.severity,
        other.c.state == "waiting", other.c.id < _T.c.id, other.c.attempts > 0,
        or_(other.c.due > precise(now), other.c.claimed >= precise(now)),
    )  # fmt: skip


def _pause(attempts: int) -> timedelta:
    """Twice as long after each try, a little by chance, so that not all come back at once."""
    wait = min(_FIRST_RETRY * 2 ** max(0, attempts), _LONGEST_RETRY)
    return wait * random.uniform(0.9, 1.1)  # noqa: S311  not a secret


def _waiting(row: Any, batch: str) -> Waiting:
    return Waiting(
        row.id, row.key, row.receiver, row.recipient, _read(row.message), batch, datetime.fromisoformat(row.created),
        row.attempts,
    )  # fmt: skip


def _written(message: Message) -> str:
    parts = asdict(message) | {"at": message.at.isoformat(), "since": message.since.isoformat()}
    for made_when_sent in ("picture", "gathered"):
        parts.pop(made_when_sent)
    return json.dumps(parts, ensure_ascii=False)


def _read(text: str) -> Message:
    parts = json.loads(text)
    return Message(**parts | {
        "at": datetime.fromisoformat(parts["at"]), "since": datetime.fromisoformat(parts["since"]),
        "figures": tuple(Figure(*one) for one in parts["figures"]),
    })  # fmt: skip
