"""Who is asking. `dashapp.security.guard` has let the request in by session or token and set the current user."""

from __future__ import annotations

from typing import cast

from flask_login import current_user

from dashapp.accounts import User
from dashapp.problem import Problem


def demand_viewer() -> None:
    """Before every request of the API: 401 should the guard ever not stand before it."""
    if not current_user.is_authenticated:
        raise Problem(401, "log in first", headers={"WWW-Authenticate": 'Bearer realm="api"'})


def viewer() -> User:
    """The user of this request, by session or token."""
    return cast(User, current_user)
