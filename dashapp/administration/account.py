"""One's own account: tokens, logins, password."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from dashapp.accounts import AccountError, User, current_accounts, logins, tokens
from dashapp.accounts.segments import offered
from dashapp.accounts.user import SCOPES
from dashapp.administration.forms import (
    FOREVER,
    NO_SEGMENT,
    ActionForm,
    TokenForm,
    done,
    offering,
    sentence,
    tell_mistakes,
)
from dashapp.administration.sections import page
from dashapp.settings.values import duration

Answer = Response | WerkzeugResponse | str | tuple[str, int]
_SCOPE_WORDS = {
    "read": "read: ask the API",
    "export": "export: download files",
    "embed": "embed: make and revoke embeds",
    "annotate": "annotate: write and delete annotations",
    "goal": "goal: set and remove goals",
    "admin": "admin: administer users, tokens and segments",
    "alert": "alert: take and silence alerts, put rules in force",
    "metrics": "metrics: read /metrics, for Prometheus",
}


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/account", "account", account)
    bp.add_url_rule("/account/tokens", "make_token", make_token, methods=["POST"])
    bp.add_url_rule("/account/tokens/<int:number>/revoke", "revoke_own", revoke_own, methods=["POST"])
    bp.add_url_rule("/account/sessions/end", "end_others", end_others, methods=["POST"])
    bp.add_url_rule("/account/sessions/<number>/end", "end_session", end_session, methods=["POST"])


def account() -> Answer:
    return _page(_token_form())


def make_token() -> Answer:
    """The token is in this answer and nowhere else: not in the cookie, not in the database."""
    form = _token_form()
    if not form.validate_on_submit():
        tell_mistakes(form)
        return _page(form), 400
    try:
        secret = _made(current_user, form)
    except AccountError as error:
        flash(sentence(error), "error")
        return _page(form), 400
    return _page(_token_form(blank=True), secret=secret, label=form.label.data)


def revoke_own(number: int) -> Answer:
    if not ActionForm().validate_on_submit():
        abort(400)
    if number not in {token.id for token in tokens.listed(current_accounts(), current_user.name)}:
        abort(404)
    done(lambda: tokens.revoke(current_accounts(), number, current_user.name), "The token is revoked.")
    return redirect(url_for("desk.account"))


def end_session(number: str) -> Answer:
    if not ActionForm().validate_on_submit():
        abort(400)
    if not logins.end_listed(current_accounts(), current_user, number):
        abort(404)
    flash("That login has ended.", "info")
    return redirect(url_for("desk.account"))


def end_others() -> Answer:
    if not ActionForm().validate_on_submit():
        abort(400)
    ended = logins.end_listed(current_accounts(), current_user)
    flash(f"{ended} other logins have ended." if ended != 1 else "One other login has ended.", "info")
    return redirect(url_for("desk.account"))


def _made(user: User, form: TokenForm) -> str:
    """The new token. Sent twice (a reloaded page), the second is refused, not a further token."""
    accounts = current_accounts()
    label = " ".join(form.label.data.split())
    if any(token.label == label and not token.revoked for token in tokens.listed(accounts, user.name)):
        raise AccountError(f"you have a token called {label!r} already; revoke it or take another name")
    life = None if form.expires.data == FOREVER else duration(form.expires.data)
    return tokens.create_token(
        user, label, life, accounts, user.name, scopes=form.scopes.data or (), segment=form.segment.data or None
    )  # fmt: skip


def _token_form(*, blank: bool = False) -> TokenForm:
    form = TokenForm(formdata=None) if blank else TokenForm()
    needed = {"admin": "admin", "alert": "analyst", "annotate": "analyst", "goal": "analyst", "embed": "analyst"}
    allowed = [scope for scope in SCOPES if current_user.has_role(needed.get(scope, "viewer"))]
    form.scopes.choices = offering(*((scope, _SCOPE_WORDS[scope]) for scope in allowed))
    if form.scopes.data is None or (blank or not form.is_submitted()):
        form.scopes.data = ["read"]
    form.segment.choices = [NO_SEGMENT, *(one.name for one in offered(current_accounts(), current_user))]
    return form


def _page(form: TokenForm, secret: str = "", label: str = "") -> str:
    accounts = current_accounts()
    return page(
        "account.html", form=form, action=ActionForm(), secret=secret, label=label,
        tokens=tokens.listed(accounts, current_user.name), logins=logins.listed(accounts, current_user),
    )  # fmt: skip
