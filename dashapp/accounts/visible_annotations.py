"""Annotations as somebody may see, write and delete them: the one way pages and API get at them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from flask import current_app

from dashapp.accounts.annotations import EXTENSION, AnnotationBook, Draft
from dashapp.accounts.user import Conflict, User
from metricstore.annotation import Annotation, seen
from metricstore.selection import settled_now


def may_write(user: User) -> bool:
    """Analysts and administrators; everybody reads."""
    return user.has_role("analyst")


def readable(user: User, start: datetime | None, stop: datetime | None) -> list[Annotation]:
    """Those that fall into [start, stop) and into the user's segments, by time."""
    return seen(_book().within(start, stop), user.segments, settled_now())


def add(
    user: User, start: datetime, stop: datetime | None, text: str, tags: Collection[str], platform: str
) -> Annotation:  # fmt: skip
    """Write it down; AccountError when it is none, Conflict when it lies where its author could not see it."""
    draft = Draft(start, text, stop, tags, platform)
    shown = Annotation(0, start, stop, text, platform=platform)
    if not seen([shown], user.segments, settled_now()):
        words = " and ".join(segment.sentence() for segment in user.segments)
        raise Conflict(f"your view is limited ({words}), and this annotation lies outside of it")
    return _book().add(draft, user)


def find(user: User, number: int) -> Annotation | None:
    """As the user may see it; None when it may not, or there is none."""
    found = _book().get(number)
    shown = [] if found is None else seen([found], user.segments, settled_now())
    return shown[0] if shown else None


def remove(user: User, number: int) -> None:
    """LookupError when the user sees no such annotation, AccountError when it may not be deleted by them."""
    if find(user, number) is None:
        raise LookupError(number)
    _book().remove(number, user)


def _book() -> AnnotationBook:
    book: AnnotationBook = current_app.extensions[EXTENSION]
    return book
