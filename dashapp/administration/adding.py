"""What pages share that list something and let some people add to it and remove from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from dashapp.accounts import AccountError
from dashapp.administration.forms import ActionForm, sentence, tell_mistakes
from dashapp.security.redirects import safe_next
from metricstore.catalogue.model import PLATFORMS
from metricstore.errors import StoreError

Answer = Response | WerkzeugResponse | str | tuple[str, int]


def require(allowed: bool, rule: str) -> None:
    """403 with the rule in words."""
    if not allowed:
        abort(403, description=rule)


def platform_of_address() -> str:
    """ "" where the address names none."""
    name = request.args.get("platform", "")
    return name if name in PLATFORMS else ""


def added(form: Any, add: Callable[[], object], page: Callable[[], str], said: str, endpoint: str) -> Answer:
    """Back to where the form was opened from, or to the list with `said`; what is wrong with it on `page`, with 400."""
    if not form.validate_on_submit():
        tell_mistakes(form)
        return page(), 400
    try:
        add()
    except (AccountError, StoreError) as error:
        flash(sentence(error), "error")
        return page(), 400
    if form.next.data:
        return redirect(safe_next(form.next.data))
    flash(said, "info")
    return redirect(url_for(endpoint))


def removed(remove: Callable[[], object], said: str, endpoint: str, *, refused: int) -> Answer:
    """Back to the list with `said`. 404 where it is gone, the status `refused` where `remove` says that it can't be."""
    if not ActionForm().validate_on_submit():
        abort(400)
    try:
        remove()
    except LookupError:
        abort(404)
    except AccountError as error:
        abort(refused, description=str(error))
    flash(said, "info")
    return redirect(url_for(endpoint))
