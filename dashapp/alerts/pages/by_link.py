"""What a message's link leads to: one alert, to be taken or silenced without an account. GET changes nothing, as mail scanners open links."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, render_template, request

from dashapp.accounts import AccountError
from dashapp.administration.forms import sentence
from dashapp.alerts.action_links import PATH, Action, ActionLinks, WrongLink
from dashapp.alerts.pages.desk import desk, now
from dashapp.alerts.pages.one_alert import SPANS, UNTIL_ENDED
from dashapp.alerts.pages.showing import SHAPES, ShownAlert, shown
from dashapp.alerts.silences import LONGEST
from dashapp.alerts.states import Group, labels_key
from dashapp.security import public

LASTING = {"2h": "2 hours", "8h": "8 hours", "1d": "1 day", UNTIL_ENDED: "until it has ended"}
Answer = str | tuple[str, int]


def register(bp: Blueprint) -> None:
    bp.add_url_rule(f"{PATH}<token>", "by_link", by_link, methods=["GET", "POST"])


@public
def by_link(token: str) -> Answer:
    """The token is what allows it: there is no session that a foreign page could use."""
    try:
        action = _links().read(token, now())
    except WrongLink as error:
        return _page(problem=str(error)), 403
    book = desk().rulebook.read()
    if not current_app.extensions["settings"].public_url or action.receiver not in book.receivers:
        return _page(
            problem="This link is no longer good: its receiver was removed, or messages have no links any more."
        ), 403
    group = next((one for one in desk().states.of(action.rule) if labels_key(one.labels) == action.key), None)
    opened = group.memory.open if group else None
    if group is None or opened is None or opened.number != action.number:
        return _page(problem="This alert has ended: there is nothing to take or to silence any more."), 410
    if request.method == "POST":
        return _done(action, group)
    return _page(_shown(group))


def _done(action: Action, group: Group) -> Answer:
    try:
        if request.form.get("do") == "silence":
            said = _silenced(action, group)
        else:
            desk().states.acknowledge(action.rule, group.labels, action.number, action.by, request.form.get("note", ""))
            said = "It is taken: it is not repeated until it has ended."
    except AccountError as error:
        return _page(_shown(group), problem=sentence(error)), 400
    return _page(said=said)


def _silenced(action: Action, group: Group) -> str:
    lasts = request.form.get("lasts", "")
    if lasts not in LASTING:
        raise AccountError("say how long")
    stop, only = now() + SPANS.get(lasts, LONGEST), action.number if lasts == UNTIL_ENDED else 0
    desk().silences.add(action.rule, group.labels, stop, request.form.get("reason", ""), action.by, now(), number=only)
    return f"Silenced: nobody is written to about it, {LASTING[lasts] if only else f'for {LASTING[lasts]}'}."


def _shown(group: Group) -> ShownAlert:
    alert = group.memory.open
    assert alert is not None
    return shown(group, alert, desk().rulebook.read().rule(group.rule), desk().silences.current(now()), now())


def _page(about: ShownAlert | None = None, *, problem: str = "", said: str = "") -> str:
    return render_template(
        "alert_link.html", about=about, problem=problem, said=said, lasting=LASTING, shapes=SHAPES
    )  # fmt: skip


def _links() -> ActionLinks:
    return ActionLinks("", cast(str, current_app.secret_key))
