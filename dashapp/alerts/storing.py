"""What a round decided is stored: state, what is to be sent, and what happened, in one transaction each.

Each event is decided once, whatever dies when: a process that was superseded writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from alerting.deciding import Change, advanced
from alerting.measuring import Labels
from alerting.message import Message
from alerting.notifying import notices
from alerting.rule import Rule
from dashapp.accounts.database import Database
from dashapp.alerts import history, outbox
from dashapp.alerts.round import Decided, Round
from dashapp.alerts.states import Group, forget, save
from dashapp.alerts.wording import Links, message, removed, thread_of


def store(database: Database, links: Links, rule: Rule, this: Round, decided: Iterable[Decided]) -> None:
    """States, messages and events of what was decided, in one transaction."""
    with database.connection() as connection:
        for group, changes, looks, settled, trouble, new in decided:
            muted = this.mutes.why(rule, group, this.now)
            memory, said = notices(
                rule, group.memory, changes, this.now, muted=bool(muted), acknowledged=group.taken, new=new
            )
            if not (looks or said) and muted == group.muted_by:
                continue
            memory = advanced(rule, memory, looks, settled or memory.since)
            save(connection, replace(group, memory=memory, muted_by=muted), this.token)
            _remember(connection, rule, group.labels, changes, muted)
            for notice in said:
                one = message(rule, group.labels, notice, looks, links, this.now, trouble)
                sent = outbox.sent_of(connection, thread_of(rule.id, group.labels, notice.alert.number))
                one, more = _orphaned(rule, one, this)
                everybody = (
                    list(sent) if one.ended and sent else list(dict.fromkeys([*this.book.addressees(rule), *more]))
                )
                this.messages += outbox.put(
                    connection, ((*each, one) for each in everybody), this.now, this.book.receivers
                )
                receivers = _receivers(everybody)
                history.put(
                    connection, rule, group.labels, notice.alert, notice.subject, one.at,  # type: ignore[arg-type]
                    sentence=one.sentence, notified=receivers,
                )  # fmt: skip


def remove(database: Database, rule: str, groups: Iterable[Group], this: Round) -> None:
    """The rule is no longer there: its open alerts end for those who were notified of them."""
    with database.connection() as connection:
        for group in groups:
            this.messages += _ended(connection, group, this)
        forget(connection, rule)


def _orphaned(rule: Rule, one: Message, this: Round) -> tuple[Message, list[tuple[str, str]]]:
    """Of a rule whose owner's account is disabled: its message says so and goes to those who stand in, too."""
    if not rule.owner or rule.owner not in this.disabled:
        return one, []
    more = this.book.fallbacks(rule)
    also = f", so it goes to {_receivers(more)} too" if more else ""
    return replace(
        one, sentence=f"{one.sentence} The account of the rule's owner, {rule.owner}, is disabled{also}."
    ), more


def _remember(
    connection: Connection, rule: Rule, labels: Labels, changes: Iterable[Change], muted: str
) -> None:  # fmt: skip
    """What happened, whether or not somebody is written to."""
    for each in changes:
        if each.happening in history.DECIDED:
            event: history.Event = each.happening  # type: ignore[assignment]
            history.put(connection, rule, labels, each.alert, event, each.at, reason=muted)


def _ended(connection: Connection, group: Group, this: Round) -> int:
    opened = group.memory.open
    if opened is None:
        return 0
    thread = thread_of(group.rule, group.labels, opened.number)
    sent = outbox.sent_of(connection, thread)
    receivers = _receivers(sent)
    history.follow(connection, thread, "gone", this.now, reason="its rule was removed", notified=receivers)
    ends = ((*each, removed(before, this.now)) for each, before in sent.items())
    return outbox.put(connection, ends, this.now, this.book.receivers)


def _receivers(everybody: Iterable[tuple[str, str]]) -> str:
    """Their names, each once, of (receiver, recipient)."""
    return ", ".join(dict.fromkeys(name for name, _ in everybody))
