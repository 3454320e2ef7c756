"""Segments as rows: how those who hold one get at it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from dashapp.accounts.models import SegmentRow, TokenRow, UserRow
from dashapp.accounts.user import AccountError
from metricstore.errors import StoreError
from metricstore.segment import Segment

log = logging.getLogger(__name__)

_NOTHING = Segment.of_platforms(())


@dataclass(frozen=True)
class NamedSegment:
    """A segment as it is kept; `users` and `tokens` say how many hold it, where that was asked."""

    id: int
    name: str
    description: str
    segment: Segment
    created: str
    users: int = 0
    tokens: int = 0


def held_segment(holder: UserRow | TokenRow) -> NamedSegment:
    """The segment a user or token holds. One that is gone or unreadable lets nothing through."""
    session = object_session(holder)
    row = session.get(SegmentRow, holder.segment_id) if session is not None else None
    if row is None:
        log.error("segment %s is held but not there: its holder sees nothing", holder.segment_id)
        return NamedSegment(holder.segment_id or 0, "(missing)", "", _NOTHING, "")
    return as_segment(row)


def as_segment(row: SegmentRow, users: int = 0, tokens: int = 0) -> NamedSegment:
    try:
        segment = Segment.from_params(dict(parse_qsl(row.words, keep_blank_values=True)))
    except StoreError as error:
        # A column that this version no longer knows, say: closed rather than open.
        log.error("segment %s can't be read, its holders see nothing: %s", row.name, error)
        segment = _NOTHING
    return NamedSegment(row.id, row.name, row.description, segment, row.created, users, tokens)


def named_segments(session: Session) -> dict[str, Segment]:
    """What each segment lets through, by name."""
    rows = session.scalars(select(SegmentRow).order_by(SegmentRow.name)).all()
    return {row.name: as_segment(row).segment for row in rows}


def words_of(segment: Segment) -> str:
    return urlencode(segment.params())


def required_segment(session: Session, name: str) -> SegmentRow:
    row = None if "\0" in name else session.scalar(select(SegmentRow).where(SegmentRow.name == name))
    if row is None:
        raise AccountError(f"there is no segment {name!r}")
    return row
