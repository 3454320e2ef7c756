"""What alerts do, as the accounts database has it: all processes share it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from flask import Flask

from dashapp.accounts import EXTENSION
from dashapp.alerts.leases import HELD, held_until
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.rulebook import RuleBook
from dashapp.alerts.states import States
from dashapp.alerts.watching import LEASE
from dashapp.monitoring.families import ALERTS, EVALUATED, MESSAGES, OLDEST_MESSAGE
from dashapp.monitoring.sample import Sample


def alert_figures(app: Flask) -> Callable[[], list[Sample]]:
    database = app.extensions[EXTENSION].database
    book, states, outbox = RuleBook(database), States(database), Outbox(database)

    def ask() -> list[Sample]:
        return [*_alerts(book, states), *_messages(outbox), *_evaluated()]

    def _evaluated() -> Iterator[Sample]:
        until = held_until(database, LEASE)
        if until is not None:
            yield Sample(EVALUATED, (), (until - HELD).timestamp())

    return ask


def _alerts(book: RuleBook, states: States) -> Iterator[Sample]:
    rules, found = book.read(), Counter[tuple[str, str]]()
    for group in states.opened():
        rule, alert = rules.rule(group.rule), group.memory.open
        if alert is not None:
            severity = "page" if alert.raised or rule is None else rule.severity
            found[severity, "muted" if group.muted_by else "taken" if group.taken else "open"] += 1
    for severity in ("page", "ticket", "info"):
        for state in ("open", "taken", "muted"):
            yield Sample(ALERTS, (severity, state), found[severity, state])


def _messages(outbox: Outbox) -> Iterator[Sample]:
    for state, count in outbox.counts().items():
        yield Sample(MESSAGES, (state,), count)
    oldest = outbox.oldest()
    yield Sample(OLDEST_MESSAGE, (), (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0)
