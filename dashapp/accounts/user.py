"""A user as the rest of the application sees one: plain, detached from the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from flask_login import UserMixin

from metricstore.segment import Segment

Role = Literal["viewer", "analyst", "admin"]
ROLES: tuple[str, ...] = get_args(Role)
Scope = Literal["read", "export", "embed", "admin", "annotate", "metrics", "alert", "goal"]
SCOPES: tuple[str, ...] = get_args(Scope)


class AccountError(Exception):
    """Something that can't be done with an account; the text says why."""


class AccountsDamaged(Exception):
    """The accounts database is damaged (SQLite): no matter of one account. `sentence` leaves out where the file is."""

    sentence = (
        "the accounts database is damaged: users, tokens, embeds and alert rules in it can't be read any more, but collected figures are "
        "untouched; end the program, then put back a copy of the file, or run `dashapp doctor --repair`, which keeps it and begins a new one"
    )

    def __init__(self, path: str) -> None:
        super().__init__(self.sentence.replace("accounts database", f"accounts database {path}", 1))


class Conflict(AccountError):
    """Something that can't be done as things are: a name is taken, a segment is held, nobody would administer."""


@dataclass(frozen=True)
class User(UserMixin):
    """`session_key` is the secret of the login it was loaded by; empty for tokens and the command line."""

    id: int
    name: str
    role: Role
    active: bool = True
    must_change_password: bool = False
    platforms: tuple[str, ...] | None = None
    """Platforms this user may see; None: all."""
    session_key: str = ""
    segments: tuple[Segment, ...] = ()
    """What this user may see at most: own platforms and segment, and those of the token at hand."""
    segment: str | None = None
    """Name of the segment given to the user."""
    scopes: frozenset[str] | None = None
    """What the token at hand may be used for; None: all that the role allows."""
    token: int | None = None
    """Number of the token at hand; None for a login."""

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the login, not the user, so that it can be ended."""
        return self.session_key

    def has_scope(self, scope: Scope) -> bool:
        """Whether the token at hand was made for this; a login is for everything."""
        return self.scopes is None or scope in self.scopes

    def has_role(self, role: Role) -> bool:
        """Roles include each other: an admin may do what an analyst may."""
        return ROLES.index(self.role) >= ROLES.index(role)


def checked_role(text: str) -> Role:
    if text not in ROLES:
        raise AccountError(f"{text!r} isn't a role; choose {', '.join(ROLES)}")
    return text  # type: ignore[return-value]


def checked_name(text: str) -> str:
    """Names compare without case, so that nobody registers as `Admin` beside `admin`."""
    name = text.strip().lower()
    allowed = name.replace("-", "").replace("_", "").replace(".", "").replace("@", "").replace("+", "")
    if not name or len(name) > 64 or not allowed.isalnum():
        raise AccountError(f"{text!r} isn't a user name; use letters, digits and . _ - + @, at most 64")
    return name
