"""Changing what an administrator sets of a user: the same rules for pages and API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashapp.accounts.directory import Accounts
from dashapp.accounts.user import Conflict, User

SETTABLE = ("segment", "platforms", "role", "active")


def change_user(accounts: Accounts, found: User, wanted: Mapping[str, Any], actor: str) -> None:
    """Set what `wanted` names of SETTABLE and what differs, so that the audit log says what was done.

    `platforms` and `segment` may be None: no such limit. Conflict for the actor's own account.
    """
    before = {"segment": found.segment, "platforms": list(found.platforms or ()) or None, "role": found.role,
              "active": found.active}  # fmt: skip
    changed = {name: wanted[name] for name in SETTABLE if name in wanted and wanted[name] != before[name]}
    if changed and found.name == actor:
        raise Conflict("your own role and limits are changed by another administrator, so that nobody is locked out")
    setters = {"segment": accounts.set_segment, "platforms": accounts.set_platforms, "role": accounts.set_role,
               "active": accounts.set_active}  # fmt: skip
    for name, value in changed.items():
        setters[name](found.name, value, actor)  # type: ignore[operator]
