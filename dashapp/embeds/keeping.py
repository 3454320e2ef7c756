"""Embeds in the accounts database: made, listed, used, revoked. Every change is in the audit log."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import select, update

from dashapp.accounts import Accounts
from dashapp.accounts.database import now, stamp
from dashapp.accounts.directory import COMMAND_LINE, record
from dashapp.accounts.models import EmbedRow
from dashapp.accounts.segment_rows import words_of
from dashapp.accounts.user import AccountError, User
from dashapp.embeds.model import Embed, Wanted, checked
from metricstore.segment import Segment
from metricstore.selection import Selection

_USED_EVERY = timedelta(minutes=1)
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""No letters that look like others: ids are read to colleagues."""


def create(
    accounts: Accounts, wanted: Wanted, owner: User | None, default: Selection, actor: str = COMMAND_LINE
) -> Embed:  # fmt: skip
    """A new embed, worth at most what its owner may see now. None as owner: made by whoever runs the server."""
    wanted = checked(wanted, default)
    # What is meant where nothing is said must not change under a wiki page when a setting changes.
    words = {"tz": default.timezone, "start": default.start, **wanted.words}
    row = EmbedRow(
        id="".join(secrets.choice(_ALPHABET) for _ in range(12)), kind=wanted.kind, name=wanted.name,
        owner=owner.name if owner else "", created=stamp(now()), uses=0, used_on="",
        limits="\n".join(words_of(segment) for segment in (owner.segments if owner else ())),
        **_values(replace(wanted, words=words)),
    )  # fmt: skip
    with accounts.database.session() as session:
        session.add(row)
        record(session, actor, "embed created", row.id, f"{wanted.kind} {wanted.name}")
        session.flush()
        return _embed(row)


def change(accounts: Accounts, id: str, wanted: Wanted, default: Selection, actor: str = COMMAND_LINE) -> Embed:
    """Another look for the same link; what it shows and whose eyes it has stay. AccountError when there is none that is active."""
    wanted = checked(wanted, default)
    with accounts.database.session() as session:
        row = session.get(EmbedRow, id)
        if row is None or (row.kind, row.name) != (wanted.kind, wanted.name) or _embed(row).state(now()) == "revoked":
            raise AccountError(f"there is no embed {id!r} that can be changed")
        for name, value in _values(wanted).items():
            setattr(row, name, value)
        record(session, actor, "embed changed", row.id, f"{row.kind} {row.name}")
        session.flush()
        return _embed(row)


def _values(wanted: Wanted) -> dict[str, Any]:
    """The columns that may be changed."""
    return {
        "label": wanted.label.strip(), "words": urlencode(wanted.words), "narrow": ",".join(dict.fromkeys(wanted.narrow)),
        "theme": wanted.theme, "refresh_seconds": wanted.refresh_seconds, "height": wanted.height,
        "ancestors": " ".join(wanted.ancestors), "download": wanted.download,
        "expires": stamp(wanted.expires) if wanted.expires else None,
    }  # fmt: skip


def get(accounts: Accounts, id: str) -> Embed | None:
    if not id.isalnum() or len(id) > 16:
        return None
    with accounts.database.session() as session:
        row = session.get(EmbedRow, id)
        return _embed(row) if row is not None else None


def listed(accounts: Accounts, owner: str | None = None) -> list[Embed]:
    """All embeds, or those of one user, newest first."""
    query = select(EmbedRow).order_by(EmbedRow.created.desc(), EmbedRow.id)
    if owner is not None:
        query = query.where(EmbedRow.owner == owner)
    with accounts.database.session() as session:
        return [_embed(row) for row in session.scalars(query)]


def revoke(accounts: Accounts, id: str, actor: str = COMMAND_LINE) -> Embed:
    """From the next request on it shows nothing; AccountError when there is none."""
    with accounts.database.session() as session:
        row = session.get(EmbedRow, id) if id.isalnum() else None
        if row is None:
            raise AccountError(f"there is no embed {id!r}")
        if row.revoked is None:
            row.revoked = stamp(now())
            record(session, actor, "embed revoked", row.id, f"{row.kind} {row.name}")
        return _embed(row)


def revoke_all(accounts: Accounts, owner: str, actor: str = COMMAND_LINE) -> int:
    """All embeds of a user, as `revoke`; how many showed something until now."""
    with accounts.database.session() as session:
        rows = list(session.scalars(select(EmbedRow).where(EmbedRow.owner == owner, EmbedRow.revoked.is_(None))))
        for row in rows:
            row.revoked = stamp(now())
            record(session, actor, "embed revoked", row.id, f"{row.kind} {row.name}")
        return len(rows)


def used(accounts: Accounts, embed: Embed, page: str) -> None:
    """Note that it was looked at; at most once a minute, so that a busy wiki does not write all day."""
    moment = now()
    if embed.last_used is not None and moment - datetime.fromisoformat(embed.last_used) < _USED_EVERY:
        return
    values: dict[str, object] = {"last_used": stamp(moment), "uses": EmbedRow.uses + 1}
    if page:
        values["used_on"] = page[:300]
    with accounts.database.session() as session:
        session.execute(update(EmbedRow).where(EmbedRow.id == embed.id).values(**values))


def limits_of(accounts: Accounts, embed: Embed) -> tuple[Segment, ...]:
    """What its owner might see when it was made, and may see today."""
    owner = accounts.find(embed.owner) if embed.owner else None
    return (*embed.limits, *(owner.segments if owner is not None else ()))


def _embed(row: EmbedRow) -> Embed:
    wanted = Wanted(
        row.kind, row.name, dict(parse_qsl(row.words, keep_blank_values=True)), row.label,  # type: ignore[arg-type]
        tuple(filter(None, row.narrow.split(","))), row.theme, row.refresh_seconds, row.height,  # type: ignore[arg-type]
        tuple(row.ancestors.split()), row.download, datetime.fromisoformat(row.expires) if row.expires else None,
    )  # fmt: skip
    limits = tuple(
        Segment.from_params(dict(parse_qsl(words, keep_blank_values=True))) for words in row.limits.split("\n") if words
    )
    return Embed(row.id, wanted, row.owner, limits, row.created, row.revoked, row.last_used, row.uses, row.used_on)
