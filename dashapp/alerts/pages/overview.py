"""`/alerts`: everything at a glance. Reading changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint
from flask_login import current_user

from alerting.receivers.outcome import Outcome
from dashapp.administration.forms import ActionForm
from dashapp.administration.sections import page
from dashapp.alerts.leases import held
from dashapp.alerts.pages.desk import desk, now, timezone
from dashapp.alerts.pages.lists import maintenance_rows, receiver_rows, rule_rows, silence_rows, undelivered
from dashapp.alerts.pages.rights import may_act, readers_only
from dashapp.alerts.pages.showing import SHAPES, ended, opened
from dashapp.alerts.watching import LEASE

MOST_DEAD = 20


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/alerts", "overview", overview)


@readers_only
def overview() -> str:
    return overview_page()


def overview_page(tested: str = "", outcomes: Sequence[Outcome] = ()) -> str:
    """`tested`: name of the receiver that a test message was just sent to."""
    mine, moment = desk(), now()
    book, groups, silences = mine.rulebook.read(), mine.states.all(), mine.silences.current(moment)
    return page(
        "alerts.html", action=ActionForm(), acts=may_act(current_user), place=timezone(), shapes=SHAPES,
        opened=opened(groups, book, silences, moment), ended=ended(groups, book, moment),
        rules=rule_rows(book, groups), receivers=receiver_rows(book, mine.outbox.answers()),
        silences=silence_rows(silences, book), maintenance=maintenance_rows(book, moment), dead=undelivered(mine.outbox.latest(MOST_DEAD, "dead"), moment),
        judging=held(mine.database, LEASE, moment), tested=tested, outcomes=outcomes,
    )  # fmt: skip
