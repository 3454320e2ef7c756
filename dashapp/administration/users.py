"""Administrators: users, their roles, limits and passwords."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from dashapp.accounts import AccountError, User, current_accounts, logins, passwords, tokens
from dashapp.accounts import segments as kept
from dashapp.accounts.changes import change_user
from dashapp.administration.forms import (
    NO_SEGMENT,
    ActionForm,
    NewUserForm,
    UserForm,
    done,
    refilled,
    sentence,
    tell_mistakes,
)
from dashapp.administration.sections import administrators_only, page
from dashapp.embeds import keeping as kept_embeds
from metricstore.catalogue.model import PLATFORMS

Answer = Response | WerkzeugResponse | str | tuple[str, int]
Form = TypeVar("Form", bound=UserForm)


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/admin", "administration", administration)
    bp.add_url_rule("/admin/users", "users", users)
    bp.add_url_rule("/admin/users", "add_user", add_user, methods=["POST"])
    bp.add_url_rule("/admin/users/<name>", "user", user)
    bp.add_url_rule("/admin/users/<name>", "change_user", save_user, methods=["POST"])
    bp.add_url_rule("/admin/users/<name>/password", "reset_password", reset_password, methods=["POST"])
    bp.add_url_rule("/admin/users/<name>/sessions/end", "end_sessions", end_sessions, methods=["POST"])


@administrators_only
def administration() -> Answer:
    """Where the area begins."""
    return redirect(url_for("desk.users"))


@administrators_only
def users() -> Answer:
    return _list(_offering(NewUserForm(formdata=None)))


@administrators_only
def add_user() -> Answer:
    """Add a user with a one-time password, which is in this answer and nowhere else."""
    form = _offering(NewUserForm())
    if not form.validate_on_submit():
        tell_mistakes(form)
        return _list(form), 400
    password = passwords.one_time()
    try:
        made = current_accounts().add(
            form.name.data or "", form.role.data, password, must_change=True, actor=current_user.name,
            platforms=form.platforms.data or None, segment=form.segment.data or None,
        )  # fmt: skip
    except AccountError as error:
        flash(sentence(error), "error")
        return _list(form), 400
    return _list(_offering(NewUserForm(formdata=None)), made.name, password)


@administrators_only
def user(name: str) -> Answer:
    return _one(_required(name))


@administrators_only
def save_user(name: str) -> Answer:
    found = _required(name)
    form = _offering(UserForm(), found)
    if not form.validate_on_submit():
        tell_mistakes(form)
        return _one(found, form), 400
    try:
        _change(found, form)
    except AccountError as error:
        flash(sentence(error), "error")
        return _one(_required(name), form), 400
    flash(f"{found.name} is changed, from the next request on.", "info")
    return redirect(url_for("desk.user", name=found.name))


@administrators_only
def reset_password(name: str) -> Answer:
    """A one-time password in place of the user's; all their logins end."""
    found = _required(name)
    if not ActionForm().validate_on_submit():
        abort(400)
    password = passwords.one_time()
    current_accounts().set_password(found.name, password, must_change=True, actor=current_user.name)
    return _one(found, password=password)


@administrators_only
def end_sessions(name: str) -> Answer:
    found = _required(name)
    if not ActionForm().validate_on_submit():
        abort(400)
    done(lambda: logins.end_listed(current_accounts(), found, actor=current_user.name), f"{found.name} is logged out.")
    return redirect(url_for("desk.user", name=found.name))


def _change(found: User, form: UserForm) -> None:
    wanted = {"role": form.role.data, "platforms": form.platforms.data or None, "segment": form.segment.data or None,
              "active": bool(form.active.data)}  # fmt: skip
    change_user(current_accounts(), found, wanted, current_user.name)


def _offering(form: Form, found: User | None = None) -> Form:
    """The form with what can be chosen: known platforms and those held already, and all segments."""
    known = list(dict.fromkeys([*PLATFORMS, *((found.platforms or ()) if found else ())]))
    names = dict.fromkeys(one.name for one in kept.listed(current_accounts()))
    if found and found.segment:
        names[found.segment] = None
    form.platforms.choices = known
    form.segment.choices = [NO_SEGMENT, *names]
    if form.platforms.data is None:
        form.platforms.data = []
    return form


def _list(form: NewUserForm, name: str = "", password: str = "") -> str:
    return page("users.html", form=form, users=current_accounts().all(), name=name, password=password)


def _one(found: User, form: UserForm | None = None, password: str = "") -> str:
    accounts = current_accounts()
    if form is None:
        values = {"role": found.role, "platforms": found.platforms or (), "segment": found.segment or ""}
        form = _offering(UserForm(formdata=refilled(values | ({"active": "y"} if found.active else {}))), found)
    return page(
        "user.html", found=found, form=form, action=ActionForm(), password=password,
        tokens=tokens.listed(accounts, found.name), logins=logins.listed(accounts, found),
        embeds=sum(embed.revoked is None for embed in kept_embeds.listed(accounts, found.name)),
    )  # fmt: skip


def _required(name: str) -> User:
    found = current_accounts().find(name)
    if found is None:
        abort(404)
    return found
