"""Administrators: everybody's tokens."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from dashapp.accounts import current_accounts
from dashapp.accounts import tokens as kept
from dashapp.administration.forms import ActionForm, done
from dashapp.administration.sections import administrators_only, page
from dashapp.security.redirects import safe_next


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/admin/tokens", "tokens", tokens)
    bp.add_url_rule("/admin/tokens/<int:number>/revoke", "revoke", revoke, methods=["POST"])


@administrators_only
def tokens() -> str:
    return page("tokens.html", action=ActionForm(), tokens=kept.listed(current_accounts()))


@administrators_only
def revoke(number: int) -> Response | WerkzeugResponse:
    form = ActionForm()
    if not form.validate_on_submit():
        abort(400)
    done(lambda: kept.revoke(current_accounts(), number, current_user.name), "The token is revoked.")
    return redirect(safe_next(form.next.data, url_for("desk.tokens")))
