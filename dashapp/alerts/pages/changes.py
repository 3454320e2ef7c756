"""What analysts do on the pages: take an alert, silence it, end a silence, send a test message."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from alerting.receivers.sending import send
from dashapp.accounts import AccountError
from dashapp.accounts.directory import record
from dashapp.administration.forms import ActionForm, done, sentence
from dashapp.alerts.pages.desk import desk, now, timezone
from dashapp.alerts.pages.guards import actors_only, require_whole_view
from dashapp.alerts.pages.one_alert import COVERING, LASTING, SPANS, UNTIL_ENDED, Found, alert_page, find
from dashapp.alerts.pages.overview import overview_page
from dashapp.alerts.pages.showing import address
from dashapp.alerts.previewing import preview
from dashapp.alerts.rights import seen_silences, sees_all
from dashapp.alerts.silences import LONGEST
from dashapp.alerts.wording import test_message

Answer = Response | WerkzeugResponse | str | tuple[str, int]
_LARGEST = 2**31 - 1


def register(bp: Blueprint) -> None:
    post = ["POST"]
    bp.add_url_rule("/alerts/<rule>/<int:number>/acknowledge", "acknowledge", acknowledge, methods=post)
    bp.add_url_rule("/alerts/<rule>/<int:number>/silence", "silence", silence, methods=post)
    bp.add_url_rule("/alerts/silences/<int:number>/end", "end_silence", end_silence, methods=post)
    bp.add_url_rule("/alerts/receivers/<name>/test", "test_receiver", test_receiver, methods=post)


@actors_only
def acknowledge(rule: str, number: int) -> Answer:
    found = _asked(rule, number)
    note = request.form.get("note", "")
    try:
        taken = desk().states.acknowledge(rule, found.labels, number, current_user.name, note)
    except AccountError as error:
        flash(sentence(error), "error")
        return alert_page(found), 400
    if taken:
        flash("You have taken it: it is not repeated until it has ended.", "info")
    else:
        flash("It has ended in the meantime: there is nothing to take.", "error")
    return redirect(address(rule, number, found.labels))


@actors_only
def silence(rule: str, number: int) -> Answer:
    found = _asked(rule, number)
    lasts, covers, moment = request.form.get("lasts", ""), request.form.get("covers", "group"), now()
    if not found.open or lasts not in LASTING or covers not in COVERING:
        flash("It has ended in the meantime." if not found.open else "Say how long and for what.", "error")
        return alert_page(found), 400
    stop = moment + SPANS.get(lasts, LONGEST)
    only = number if lasts == UNTIL_ENDED else 0
    labels = None if covers == "rule" and not only else found.labels
    if request.form.get("do") == "preview":
        require_whole_view()
        mine = desk()
        return alert_page(
            found, preview(rule, labels, mine.rulebook.read(), mine.states.of(rule), mine.outbox, moment, only)
        )
    try:
        desk().silences.add(rule, labels, stop, request.form.get("reason", ""), current_user.name, moment, number=only)
    except AccountError as error:
        flash(sentence(error), "error")
        return alert_page(found), 400
    flash(f"Silenced: nobody is written to about it, {LASTING[lasts] if only else f'for {LASTING[lasts]}'}.", "info")
    return redirect(address(rule, number, found.labels))


@actors_only
def end_silence(number: int) -> Answer:
    _demand_form()
    current = seen_silences(current_user, desk().silences.current(now()), desk().rulebook.read())
    if number > _LARGEST or not (sees_all(current_user) or number in {one.id for one in current}):
        abort(404)
    done(lambda: desk().silences.end(number, current_user.name, now()), "The silence is over.")
    return redirect(url_for("alerts.overview"))


@actors_only
def test_receiver(name: str) -> Answer:
    """Sent now, within the request: the receiver's own answer is what one wants to see."""
    require_whole_view()
    _demand_form()
    receiver = desk().rulebook.read().receivers.get(name)
    if receiver is None:
        abort(404)
    moment = now()
    outcomes = send(receiver, test_message(timezone(), moment), moment)
    _record("alert receiver tested", name, f"{sum(one.delivered for one in outcomes)} of {len(outcomes)} took it")
    return overview_page(name, outcomes)


def _asked(rule: str, number: int) -> Found:
    _demand_form()
    return find(rule, number)


def _demand_form() -> None:
    if not ActionForm().validate_on_submit():
        abort(400)


def _record(action: str, subject: str, detail: str) -> None:
    with desk().database.session() as session:
        record(session, current_user.name, action, subject[-128:], detail)
