"""Users, their logins and their API tokens."""

# Imports inside functions: start-up time, commands that need no web application or migration don't load it.

from __future__ import annotations

from typing import cast

from dashapp.accounts.directory import Accounts
from dashapp.accounts.user import ROLES, AccountError, AccountsDamaged, Role, User

EXTENSION = "accounts"


def current_accounts() -> Accounts:
    """The accounts of the application that serves this request."""
    from flask import current_app

    return cast(Accounts, current_app.extensions[EXTENSION])


__all__ = ["EXTENSION", "ROLES", "AccountError", "Accounts", "AccountsDamaged", "Role", "User", "current_accounts"]
