"""Rules made in the application: written in a form, tried on the past, then put in force."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from alerting.rule import Rule, within_segments
from alerting.seeing import beyond_segment
from dashapp.accounts import AccountError
from dashapp.administration.forms import ActionForm, done, sentence, tell_mistakes
from dashapp.administration.sections import page
from dashapp.alerts.pages.desk import desk, now, timezone
from dashapp.alerts.pages.guards import actors_only
from dashapp.alerts.pages.rule_form import FOLDED, GROUPINGS, WINDOWS, RuleForm, groupings, metric_groups, prepared
from dashapp.alerts.pages.rule_text import Entry, Written, entry_in, entry_of, fields_of, new_id, written
from dashapp.alerts.pages.tried import Tried, signed, tried, was_tried
from dashapp.alerts.rights import mark, may_see, seen_segments, sees_all
from dashapp.alerts.rulebook import MADE_HERE, WrongRules
from dashapp.api.asking import store
from metricstore.errors import InvalidQuestion, StoreError, UnknownName
from metricstore.metrics import METRICS
from metricstore.selection import join_values, split_values
from metricstore.windows import zone

NO_SEGMENT = "your view is limited, so your rules need a segment inside it, and there is none: ask an administrator to create one"
BEYOND = "choose a segment: your view is limited, and the rule may see no more than you do"
Answer = Response | WerkzeugResponse | str | tuple[str, int]


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/alerts/new", "new_rule", new_rule, methods=["GET", "POST"])
    bp.add_url_rule("/alerts/rules/<id>/edit", "edit_rule", edit_rule, methods=["GET", "POST"])
    bp.add_url_rule("/alerts/rules/<id>/remove", "remove_rule", remove_rule, methods=["POST"])


@actors_only
def new_rule() -> Answer:
    """`metric`, `every`, `tz` and filters of the address fill the form, so that a chart can lead here."""
    book, segments = desk().rulebook.read(), _segments()
    if request.method == "GET":
        return _page(
            prepared(RuleForm(formdata=None, data=_asked()), book, segments, limited=not sees_all(current_user))
        )
    taken = {rule.id for rule in book.rules}
    taken |= {name.removeprefix(MADE_HERE) for name, _ in desk().rulebook.texts() if name.startswith(MADE_HERE)}
    form = prepared(RuleForm(), book, segments, limited=not sees_all(current_user))
    return _answered(form, new_id(_named(form.title.data or ""), taken), {}, None)


@actors_only
def edit_rule(id: str) -> Answer:
    entry, book = _kept(id), desk().rulebook.read()
    if entry is None:
        abort(404)
    segments = _segments()
    if request.method == "GET":
        return _page(
            prepared(
                RuleForm(formdata=None, data=fields_of(entry)), book, segments, limited=not sees_all(current_user)
            ),
            book.rule(id),
        )
    return _answered(prepared(RuleForm(), book, segments, limited=not sees_all(current_user)), id, entry, book.rule(id))


@actors_only
def remove_rule(id: str) -> Answer:
    if not ActionForm().validate_on_submit():
        abort(400)
    if f"{MADE_HERE}{id}" not in dict(desk().rulebook.texts()) or not _sees(id):
        abort(404)
    text = f"The rule {id} is removed; alerts of it end within half a minute."
    done(lambda: desk().rulebook.remove(f"{MADE_HERE}{id}", current_user.name), text)
    return redirect(url_for("alerts.overview"))


def _named(title: str) -> str:
    """What the id is made of."""
    return title if sees_all(current_user) else f"{title[:40]} {mark(current_user)}"


def _kept(id: str) -> Entry | None:
    """None too for a rule that judges what its reader may not see."""
    text = dict(desk().rulebook.texts()).get(f"{MADE_HERE}{id}")
    return entry_in(text) if text and _sees(id) else None


def _sees(id: str) -> bool:
    return may_see(current_user, desk().rulebook.read().rule(id))


def _segments() -> list[str]:
    """Those that a rule may be given; of whoever sees a part of the data those within it."""
    found = list(seen_segments(current_user, desk().rulebook.segments()))
    if not found and not sees_all(current_user):
        abort(403, description=NO_SEGMENT)
    return found


def _answered(form: RuleForm, id: str, before: Entry, in_force: Rule | None) -> Answer:
    """To a form that was sent: tried, or put in force when exactly this was tried."""
    if not form.validate_on_submit():
        tell_mistakes(form)
        return _page(form, in_force), 400
    try:
        made = written(entry_of(form, id, before))
    except AccountError as error:
        made = Written("", "", None, (sentence(error),))
    made = _seen(made)
    if made.rule is None:
        for text in made.wrong:
            flash(f"{text[:1].upper()}{text[1:].rstrip('.')}.", "error")
        return _page(form, in_force), 400
    if request.form.get("do") == "save":
        if was_tried(form.tried.data or "", made.text, made.file, current_user.name):
            return _saved(form, made, in_force)
        flash("This is not what was tried last. It was tried now: look at the result, then save.", "error")
    return _tried(form, made, in_force)


def _seen(made: Written) -> Written:
    """With the rule's segment looked up, or what is wrong with it."""
    if made.rule is None:
        return made
    if not made.rule.segment:
        return made if sees_all(current_user) else replace(made, rule=None, wrong=(BEYOND,))
    segments, prefix = desk().rulebook.segments(), f"rule {made.rule.id!r}: "
    if wrong := beyond_segment(made.rule, segments):
        return replace(made, rule=None, wrong=tuple(one.text.removeprefix(prefix) for one in wrong))
    return replace(made, rule=within_segments([made.rule], segments)[0])


def _tried(form: RuleForm, made: Written, in_force: Rule | None) -> Answer:
    assert made.rule is not None
    try:
        result = tried(store(), made.rule, in_force, now())
    except (InvalidQuestion, UnknownName) as error:
        flash(sentence(error), "error")
        return _page(form, in_force), 400
    except StoreError as error:
        flash(f"The store can't answer just now: {error}", "error")
        return _page(form, in_force), 503
    return _page(form, in_force, result, signed(made.text, made.file, current_user.name))


def _saved(form: RuleForm, made: Written, in_force: Rule | None) -> Answer:
    assert made.rule is not None
    try:
        desk().rulebook.apply(made.text, made.file, current_user.name)
    except WrongRules as error:
        for mistake in error.mistakes:
            flash(f"{mistake.text[:1].upper()}{mistake.text[1:].rstrip('.')}.", "error")
        return _page(form, in_force), 400
    flash(f"“{made.rule.title}” is in force; it is judged from now on.", "info")
    return redirect(url_for("alerts.overview"))


def _page(form: RuleForm, in_force: Rule | None = None, result: Tried | None = None, proof: str = "") -> str:
    chosen = METRICS.get(form.metric.data or "")
    return page(
        "alert_rule.html", form=form, in_force=in_force, result=result, proof=proof, chosen=chosen, metrics=metric_groups(),
        groupings={name: groupings(chosen, form[name].data or "") for name in GROUPINGS}, unfolded=any(form[name].data for name in FOLDED),
    )  # fmt: skip


def _asked() -> dict[str, Any]:
    """What the address says of a new rule; filters that the metric does not know are left out."""
    words = request.args
    metric = METRICS.get(words.get("metric", ""), METRICS["generations"])
    where = {key: join_values(split_values(text)) for key, text in words.items() if key in metric.filterable and text}
    every = words.get("every", "")
    return {
        "metric": metric.name, "tz": _zone(words.get("tz", "")), "where": urlencode(where, safe=",!~:<>= "),
        "every": every if every in WINDOWS else "1h", "number": "",
    }  # fmt: skip


def _zone(name: str) -> str:
    try:
        return name if name and zone(name) else timezone()
    except InvalidQuestion:
        return timezone()
