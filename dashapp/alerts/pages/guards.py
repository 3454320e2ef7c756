"""Who may read the pages, and who may act on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort
from flask_login import current_user

from dashapp.accounts.user import User
from dashapp.alerts.rights import sees_all

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
ACTING = "rules are made, taken and silenced by analysts and administrators"
WHOLE = "receivers and their messages cover all data, but your view is limited to a part of it"


def may_act(user: User) -> bool:
    return user.has_role("analyst")


def actors_only(view: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """403 for viewers."""

    @wraps(view)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if not may_act(current_user):
            abort(403, description=ACTING)
        return view(*args, **kwargs)

    return guarded


def require_whole_view() -> None:
    """403 for whoever sees a part of the data."""
    if not sees_all(current_user):
        abort(403, description=WHOLE)
