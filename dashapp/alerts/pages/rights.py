"""Who may read the page and who may act on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort
from flask_login import current_user

from dashapp.accounts.rights import why_limited
from dashapp.accounts.user import User

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
LIMITED = "alert rules are about all data, and your view is limited to a part of it"
ACTING = "rules are made, taken and silenced by analysts and administrators"


def may_read(user: User) -> bool:
    return why_limited(user) is None


def may_act(user: User) -> bool:
    return may_read(user) and user.has_role("analyst")


def readers_only(view: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """403 for whoever sees only a part of the data."""

    @wraps(view)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if not may_read(current_user):
            abort(403, description=LIMITED)
        return view(*args, **kwargs)

    return guarded


def actors_only(view: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """403 for viewers too."""

    @wraps(view)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if not may_act(current_user):
            abort(403, description=ACTING)
        return view(*args, **kwargs)

    return readers_only(guarded)
