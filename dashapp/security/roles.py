"""Views for some roles only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort
from flask_login import current_user

from dashapp.accounts import Role

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def require_role(role: Role) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """403 for users below `role`. The guard has made sure already that there is a user."""

    def decorate(view: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @wraps(view)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            if not current_user.is_authenticated or not current_user.has_role(role):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return decorate
