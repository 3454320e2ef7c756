"""Goals: what metrics should come to in a day, week, month, quarter or year; setting and removing them."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, request
from flask_login import current_user

from dashapp.accounts.visible_goals import add, may_set, readable, remove
from dashapp.administration.adding import Answer, added, platform_of_address, removed, require
from dashapp.administration.forms import ActionForm, GoalForm, offering
from dashapp.administration.sections import page
from dashapp.security.redirects import safe_next
from layouts.formats import filter_text
from layouts.value_names import name_of
from metricstore.catalogue.model import PLATFORMS
from metricstore.goal import Goal, where_of
from metricstore.metrics import METRICS, metric


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/goals", "goals", all_goals)
    bp.add_url_rule("/goals", "add_goal", add_goal, methods=["POST"])
    bp.add_url_rule("/goals/<int:number>/delete", "delete_goal", delete_goal, methods=["POST"])


def all_goals() -> Answer:
    """`metric` and `platform` of the address fill the form: tiles and charts lead here with their own."""
    form = _form(GoalForm(formdata=None))
    form.next.data = safe_next(request.args.get("next"), "")
    asked = request.args.get("metric", "")
    form.metric.data = asked if asked in METRICS else "generations"
    form.direction.data = "at most" if metric(form.metric.data).good == "down" else "at least"
    form.platform.data = platform_of_address()
    return _page(form)


def add_goal() -> Answer:
    require(may_set(current_user), "goals are set by analysts and administrators")
    form = _form(GoalForm())
    return added(
        form, lambda: add(current_user, _goal(form)), lambda: _page(form),
        "The goal is set. The Overview uses it from now on.", "desk.goals",
    )  # fmt: skip


def delete_goal(number: int) -> Answer:
    require(may_set(current_user), "goals are removed by analysts and administrators")
    return removed(lambda: remove(current_user, number), "The goal is removed.", "desk.goals", refused=409)


def _goal(form: GoalForm) -> Goal:
    filters = dict(parse_qsl((form.filters.data or "").strip().lstrip("?"), keep_blank_values=True))
    if form.platform.data:
        filters["platform"] = form.platform.data
    value = float(form.value.data or 0)
    return Goal(form.metric.data, form.direction.data, value, form.period.data, where_of(filters))


def _page(form: GoalForm) -> str:
    return page("goals.html", form=form, action=ActionForm(), writes=may_set(current_user), found=[
        (one, one.declared.title, f"{one.direction} {one.value:,.10g} {one.declared.unit} a {one.period}",
         ", ".join(filter_text(column, words) for column, words in one.where), one.file.rpartition("/")[2])
        for one in readable(current_user)
    ])  # fmt: skip


def _form(form: GoalForm) -> GoalForm:
    """Figures by their titles; those worked out from others can have no goal."""
    named = sorted(
        ((one.name, f"{one.title} ({one.unit})") for one in METRICS.values() if one.model is None),
        key=lambda pair: pair[1].casefold(),
    )
    form.metric.choices = offering(*named)
    form.platform.choices = offering(("", "all platforms"), *((name, name_of(name, "platform")) for name in PLATFORMS))
    return form
