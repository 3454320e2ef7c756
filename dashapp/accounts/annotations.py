"""Annotations in the accounts database: what people write on moments and spans, for charts, pages and API."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import bindparam, func, or_, select

from dashapp.accounts.database import now, stamp
from dashapp.accounts.directory import Accounts, record
from dashapp.accounts.models import AnnotationRow
from dashapp.accounts.texts import one_line
from dashapp.accounts.user import AccountError, Conflict, User
from metricstore.annotation import Annotation

EXTENSION = "annotations"
LONGEST = 500
MOST_TAGS, LONGEST_TAG = 10, 32
_LONGEST_PLATFORM = 64
_KEPT = AnnotationRow.__table__
_LATEST = "9999-12-31T24"
_WITHIN = (
    select(_KEPT).order_by(_KEPT.c.start, _KEPT.c.id).where(_KEPT.c.start < bindparam("stop"))
    .where(or_(_KEPT.c.start >= bindparam("start"), _KEPT.c.stop > bindparam("start")))
)  # fmt: skip
_REVISION = select(func.count(), func.max(_KEPT.c.created), func.sum(_KEPT.c.id))


@dataclass(frozen=True)
class Draft:
    """What is to be written down; checked when it is made. A time without a zone is refused."""

    start: datetime
    text: str
    stop: datetime | None = None
    tags: Collection[str] = field(default=())
    platform: str = ""

    def __post_init__(self) -> None:
        for moment in (self.start, self.stop):
            if moment is not None and moment.tzinfo is None:
                raise AccountError("an annotation's times need an offset")
        if self.stop is not None and stamp(self.stop) <= stamp(self.start):
            raise Conflict("an annotation's stop must be after its start")


class AnnotationBook:
    """All annotations; who may see which is `metricstore.annotation.seen`'s."""

    def __init__(self, accounts: Accounts) -> None:
        self._database = accounts.database

    def add(self, draft: Draft, author: User) -> Annotation:
        """Write it down; AccountError says what is wrong with it."""
        row = AnnotationRow(
            start=stamp(draft.start), stop=None if draft.stop is None else stamp(draft.stop),
            text=_checked_text(draft.text), tags=",".join(_checked_tags(draft.tags)),
            platform=one_line(draft.platform, "a platform", _LONGEST_PLATFORM), author=author.name,
            created=now().isoformat(timespec="microseconds"),
        )  # fmt: skip
        with self._database.session() as session:
            session.add(row)
            session.flush()
            record(session, author.name, "annotation added", str(row.id), row.text)
            return _annotation(row)

    def get(self, number: int) -> Annotation | None:
        with self._database.session() as session:
            row = session.get(AnnotationRow, number) if 0 < number < 2**31 else None
            return _annotation(row) if row else None

    def within(self, start: datetime | None, stop: datetime | None) -> list[Annotation]:
        """Those that fall into [start, stop), by time; None: no limit."""
        span = {"start": "" if start is None else stamp(start), "stop": _LATEST if stop is None else stamp(stop)}
        with self._database.connection() as connection:
            return [_annotation(cast(AnnotationRow, row)) for row in connection.execute(_WITHIN, span)]

    def remove(self, number: int, actor: User) -> None:
        """Whoever wrote it may, and administrators; AccountError when there is none or the actor may not."""
        with self._database.session() as session:
            row = session.get(AnnotationRow, number) if 0 < number < 2**31 else None
            if row is None:
                raise AccountError(f"there is no annotation {number}")
            if row.author != actor.name and not actor.has_role("admin"):
                raise AccountError("only its author and administrators may delete an annotation")
            record(session, actor.name, "annotation deleted", str(number), row.text)
            session.delete(row)

    def revision(self) -> str:
        """Changes with every annotation that is made or removed."""
        with self._database.connection() as connection:
            return " ".join(map(str, connection.execute(_REVISION).one()))


def _annotation(row: AnnotationRow) -> Annotation:
    return Annotation(
        row.id, datetime.fromisoformat(row.start), None if row.stop is None else datetime.fromisoformat(row.stop),
        row.text, tuple(tag for tag in row.tags.split(",") if tag), row.platform, row.author,
        datetime.fromisoformat(row.created),
    )  # fmt: skip


def _checked_text(text: str) -> str:
    found = one_line(text, "an annotation", LONGEST)
    if not found:
        raise AccountError("an annotation needs a text")
    return found


def _checked_tags(tags: Collection[str]) -> list[str]:
    found = list(dict.fromkeys(tag for text in tags if (tag := one_line(text.lower(), "a tag", LONGEST_TAG))))
    if len(found) > MOST_TAGS:
        raise AccountError(f"an annotation has at most {MOST_TAGS} tags")
    for tag in found:
        if "," in tag:
            raise AccountError(f"{tag!r} isn't a tag: tags are separated by commas")
    return found
