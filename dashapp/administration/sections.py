"""What the administrators' area consists of. A further section is one entry of ADMINISTRATION and its view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import abort, render_template, request
from flask_login import current_user

from dashapp.accounts import User
from dashapp.accounts.rights import why_not
from dashapp.security.redirects import safe_next
from dashapp.security.roles import require_role

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Section:
    """A tab: `endpoint` is its view's name, `prefix` the address it and its inner pages begin with."""

    title: str
    endpoint: str
    prefix: str


EVERYBODY = [
    Section("Account", "desk.account", "/account"),
    Section("Annotations", "desk.annotations", "/annotations"),
    Section("Goals", "desk.goals", "/goals"),
    Section("Alerts", "alerts.overview", "/alerts"),
]
MAKERS = [Section("Embeds", "embeds.listed", "/embeds")]
"""For those who may show things to people without an account."""
ADMINISTRATION = [
    Section("Users", "desk.users", "/admin/users"),
    Section("Tokens", "desk.tokens", "/admin/tokens"),
    Section("Segments", "desk.segments", "/admin/segments"),
    Section("Audit log", "desk.audit", "/admin/audit"),
]


def sections_for(user: User) -> list[Section]:
    """The tabs a user has."""
    makes = MAKERS if user.has_role("analyst") else []
    return [*EVERYBODY, *makes, *(ADMINISTRATION if why_not(user) is None else ())]


def administrators_only(view: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """403 for all but administrators with an unlimited view."""

    @wraps(view)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if (reason := why_not(current_user)) is not None:
            abort(403, description=reason)
        return view(*args, **kwargs)

    return require_role("admin")(guarded)


def page(template: str, **context: Any) -> str:
    """One of our pages, with the tabs its reader has and the way back to the view it was opened from."""
    back = safe_next(request.values.get("next"))
    return render_template(f"desk/{template}", sections=sections_for(current_user), back=back, **context)
