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
from dashapp.alerts.pages.guards import may_act
from dashapp.alerts.pages.lists import maintenance_rows, receiver_rows, rule_rows, silence_rows, undelivered
from dashapp.alerts.pages.shipped import shipped
from dashapp.alerts.pages.showing import SHAPES, ended, opened
from dashapp.alerts.rights import seen_book, seen_groups, seen_silences, sees_all
from dashapp.alerts.watching import LEASE

MOST_DEAD = 20


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/alerts", "overview", overview)


def overview() -> str:
    return overview_page()


def overview_page(tested: str = "", outcomes: Sequence[Outcome] = ()) -> str:
    """`tested`: name of the receiver that a test message was just sent to."""
    mine, moment = desk(), now()
    whole, everything = sees_all(current_user), mine.rulebook.read()
    book = seen_book(current_user, everything)
    groups = seen_groups(current_user, mine.states.all(), everything)
    silences = seen_silences(current_user, mine.silences.current(moment), everything)
    return page(
        "alerts.html", action=ActionForm(), acts=may_act(current_user), whole=whole, place=timezone(), shapes=SHAPES,
        opened=opened(groups, book, silences, moment), ended=ended(groups, book, moment),
        rules=rule_rows(book, groups), receivers=receiver_rows(book, mine.outbox.answers()) if whole else [],
        silences=silence_rows(silences, book), maintenance=maintenance_rows(book, moment), dead=undelivered(mine.outbox.latest(MOST_DEAD, "dead"), moment) if whole else [],
        shipped=len(shipped()), judging=held(mine.database, LEASE, moment), tested=tested, outcomes=outcomes,
    )  # fmt: skip
