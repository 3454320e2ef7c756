"""The rules that ship, put in force by one click: each as if it was made in the form, so that it can be edited there. They write to nobody
until somebody chooses receivers."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from flask import Blueprint, abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from dashapp.administration.forms import ActionForm
from dashapp.alerts.pages.desk import desk
from dashapp.alerts.pages.guards import actors_only, require_whole_view
from dashapp.alerts.rulebook import MADE_HERE
from dashapp.alerts.toml_text import rule_table
from metricstore.quantities import quantity


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/alerts/rules/shipped", "apply_shipped", apply_shipped, methods=["POST"])


@cache
def shipped() -> dict[str, str]:
    """Each as TOML, by its id."""
    text = files("alerting").joinpath("default_rules.toml").read_text(encoding="utf-8")
    return {entry["id"]: rule_table(entry) for entry in tomllib.loads(text)["rule"]}


@actors_only
def apply_shipped() -> Response:
    """Those whose id is free: what somebody has changed stays."""
    require_whole_view()
    if not ActionForm().validate_on_submit():
        abort(400)
    taken = {rule.id for rule in desk().rulebook.read().rules}
    added = [id for id in shipped() if id not in taken]
    for id in added:
        desk().rulebook.apply(shipped()[id], f"{MADE_HERE}{id}", current_user.name)
    flash(
        f"{quantity(len(added), 'rules')} {'was' if len(added) == 1 else 'were'} added. Nobody is notified until you choose receivers: edit the rules you want messages from.",
        "info",
    )
    return redirect(url_for("alerts.overview"))
