"""API tokens: shown once, kept as a hash, worth what their user is allowed at the moment of use."""

# Imports inside functions: start-up time, commands that need no web application or migration don't load it.

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from dashapp.accounts.database import now, stamp
from dashapp.accounts.directory import COMMAND_LINE, Accounts, as_user, record
from dashapp.accounts.models import TokenRow, UserRow
from dashapp.accounts.segment_rows import held_segment, required_segment
from dashapp.accounts.texts import one_line
from dashapp.accounts.user import SCOPES, AccountError, User

PREFIX = "dash_"
_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class TokenInfo:
    """A token for lists: never the token itself."""

    id: int
    user: str
    label: str
    prefix: str
    created: str
    expires: str | None
    last_used: str | None
    revoked: bool
    scopes: tuple[str, ...] | None = None
    """None: whatever its user's role allows."""
    segment: str | None = None

    @property
    def usable(self) -> bool:
        """Neither revoked nor expired."""
        return not self.revoked and (self.expires is None or self.expires > stamp(now()))


def create_token(
    user: User, label: str, expires: datetime | timedelta | None = None,
    accounts: Accounts | None = None, actor: str = COMMAND_LINE,
    *, scopes: Collection[str] | None = None, segment: str | None = None,
) -> str:  # fmt: skip
    """As `made_token`, the token alone."""
    return made_token(user, label, expires, accounts, actor, scopes=scopes, segment=segment)[0]


def made_token(
    user: User, label: str, expires: datetime | timedelta | None = None,
    accounts: Accounts | None = None, actor: str = COMMAND_LINE,
    *, scopes: Collection[str] | None = None, segment: str | None = None,
) -> tuple[str, TokenInfo]:  # fmt: skip
    """A new token, to be shown once, and what lists tell of it. `expires`: a moment or a length of time; None: never.

    `scopes` (None: all) and the name of a `segment` make it worth less than its user.
    """
    label = one_line(label, "a token's name", 100)
    if not label:
        raise AccountError("a token needs a name of at most 100 characters")
    until = now() + expires if isinstance(expires, timedelta) else expires
    allowed = None if scopes is None else ",".join(checked_scopes(scopes))
    if scopes is not None and "admin" in scopes and not user.has_role("admin"):
        raise AccountError(f"{user.name} isn't an administrator, so a token can't have the scope admin")
    token = PREFIX + secrets.token_urlsafe(32)
    with _accounts(accounts).database.session() as session:
        held = None if segment is None else required_segment(session, segment).id
        row = TokenRow(
            scopes=allowed, segment_id=held, user_id=user.id, label=label, prefix=token[:10], token_hash=_hash(token),
            revoked=False, created=stamp(now()), expires=stamp(until) if until else None,
        )  # fmt: skip
        session.add(row)
        record(session, actor, "token created", user.name, label)
        session.flush()
        return token, _info(row, user.name)


def verify(token: str, accounts: Accounts | None = None) -> User | None:
    """Whose token this is; None when unknown, expired, revoked, or its user is disabled."""
    if not token.startswith(PREFIX):
        return None
    moment = now()
    with _accounts(accounts).database.session() as session:
        found = session.execute(
            select(TokenRow, UserRow).join(UserRow, UserRow.id == TokenRow.user_id)
            .where(TokenRow.token_hash == _hash(token))
        ).one_or_none()  # fmt: skip
        if found is None:
            return None
        known, row = found
        if known.revoked or not row.active or (known.expires and known.expires <= stamp(moment)):
            return None
        used = known.last_used
        if used is None or moment - datetime.fromisoformat(used) > _USED_EVERY:
            session.execute(update(TokenRow).where(TokenRow.id == known.id).values(last_used=stamp(moment)))
        return _narrowed(as_user(row), known)


def listed(accounts: Accounts, user: str | None = None) -> list[TokenInfo]:
    """All tokens, or those of one user, oldest first."""
    query = select(TokenRow, UserRow.name).join(UserRow, UserRow.id == TokenRow.user_id).order_by(TokenRow.id)
    if user is not None:
        query = query.where(UserRow.name == user.strip().lower())
    with accounts.database.session() as session:
        return [_info(row, name) for row, name in session.execute(query)]


def revoke(accounts: Accounts, token_id: int, actor: str = COMMAND_LINE) -> None:
    """Takes effect at the token's next use."""
    with accounts.database.session() as session:
        row = session.get(TokenRow, token_id) if 0 < token_id < 2**31 else None
        if row is None:
            raise AccountError(f"there is no token {token_id}")
        row.revoked = True
        record(session, actor, "token revoked", str(token_id), row.label)


def checked_scopes(scopes: Collection[str]) -> list[str]:
    """In their usual order; AccountError names an unknown one, or says that there is none."""
    for scope in scopes:
        if scope not in SCOPES:
            raise AccountError(f"{scope!r} isn't a scope; choose {', '.join(SCOPES)}")
    if not scopes:
        raise AccountError(f"a token without any scope is good for nothing; say {', '.join(SCOPES)}")
    return [scope for scope in SCOPES if scope in scopes]


def _info(row: TokenRow, user: str) -> TokenInfo:
    return TokenInfo(
        row.id, user, row.label, row.prefix, row.created, row.expires, row.last_used, row.revoked, _scopes(row),
        held_segment(row).name if row.segment_id is not None else None,
    )  # fmt: skip


def _scopes(row: TokenRow) -> tuple[str, ...] | None:
    return None if row.scopes is None else tuple(row.scopes.split(","))


def _narrowed(user: User, row: TokenRow) -> User:
    """The user as the token lets act: within its scopes and its segment."""
    scopes = _scopes(row)
    limits = user.segments if row.segment_id is None else (*user.segments, held_segment(row).segment)
    return replace(user, segments=limits, scopes=None if scopes is None else frozenset(scopes), token=row.id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _accounts(accounts: Accounts | None) -> Accounts:
    if accounts is not None:
        return accounts
    from dashapp.accounts import current_accounts

    return current_accounts()
