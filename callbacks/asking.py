"""The store and the defaults of the request at hand: the one place where callbacks get them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import cast

from flask import current_app, has_app_context, has_request_context
from flask_login import current_user

from layouts.panel import ANNOTATIONS, EPISODES, GOALS
from metricstore import episode, goal, vocabulary
from metricstore.annotation import COLUMN, Annotation, Annotations, concerning, seen
from metricstore.assumptions import USUAL
from metricstore.episode import Episode, Episodes
from metricstore.errors import InvalidQuestion, StoreDamaged, StoreError, StoreUnreachable
from metricstore.goal import Goal, Goals
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import RESERVED, Selection, settled_now
from metricstore.store import Store

log = logging.getLogger(__name__)

KNOWN = frozenset(RESERVED) | vocabulary.filter_names()
"""Words of a query string that mean something to a selection."""
_OTHERS = ("_", "utm_")
"""How words of a page's address begin that are the page's own, or that those who count clicks add."""


def store() -> Store:
    """The metric store as the current viewer may see it."""
    return restricted(cast(Store, current_app.extensions["metricstore"]), *segments())


def annotated(selection: Selection, start: datetime, stop: datetime) -> tuple[Annotation, ...]:
    """What was written on [start, stop) for the selection's platforms, as the current viewer may see it."""
    book: Annotations | None = current_app.extensions.get(ANNOTATIONS)
    if book is None:
        return ()
    return tuple(concerning(seen(book.within(start, stop), segments(), settled_now()), selection.filters((COLUMN,))))


def alerted(metrics: Collection[str], selection: Selection, start: datetime, stop: datetime) -> tuple[Episode, ...]:
    """When alerts of the metrics' rules were open in [start, stop), as the current viewer may see it."""
    book: Episodes | None = current_app.extensions.get(EPISODES)
    if book is None:
        return ()
    found = episode.seen(book.within(metrics, start, stop), segments(), settled_now())
    return tuple(episode.concerning(found, selection.filters()))


def goals(limits: tuple[Segment, ...] | None = None) -> tuple[Goal, ...]:
    """What is set, as the current viewer may see it, or whoever is limited so."""
    book: Goals | None = current_app.extensions.get(GOALS) if has_app_context() else None
    return () if book is None else goal.seen(book.all(), segments() if limits is None else limits)


def goals_revision() -> dict[str, str]:
    book: Goals | None = current_app.extensions.get(GOALS) if has_app_context() else None
    return {GOALS: book.revision() if book is not None else ""}


def segments() -> tuple[Segment, ...]:
    """What limits the current viewer; nothing where nobody can be logged in."""
    if not has_request_context() or not hasattr(current_app, "login_manager"):
        return ()
    return tuple(getattr(current_user, "segments", ()))


def default_selection() -> Selection:
    """What is meant when the query string does not say."""
    settings = current_app.extensions.get("settings") if has_app_context() else None
    return Selection(timezone=getattr(settings, "timezone", "UTC"), assume=getattr(settings, "assumed", USUAL))


def read_selection(words: Mapping[str, str] | None) -> Selection:
    """From the query string's words. InvalidQuestion names a bad one; mistaken filters are left out (`mistakes`)."""
    return _understood(words)[0]


def mistakes(words: Mapping[str, str] | None) -> tuple[vocabulary.Mistake, ...]:
    """What `read_selection` leaves out: unknown filters, unknown values of closed sets, filters without a value."""
    return _understood(words)[1]


def _understood(words: Mapping[str, str] | None) -> tuple[Selection, tuple[vocabulary.Mistake, ...]]:
    asked = {key: text for key, text in (words or {}).items() if not key.startswith(_OTHERS)}
    return vocabulary.forgiving(asked, store, default_selection())


def known_revisions(source: Store, measurements: Iterable[str]) -> dict[str, str]:
    """Revision of each measurement; none when the store can't say, so that it is asked again when it can."""
    try:
        return {name: source.revision(name) for name in sorted(measurements)}
    except StoreError:
        return {}


def annotations_revision() -> dict[str, str]:
    """Those of what stands beside the data (annotations, alerts, goals), each under its own name."""
    books: dict[str, Annotations | Episodes | None] = {
        name: current_app.extensions.get(name) for name in (ANNOTATIONS, EPISODES)
    }
    found = {name: book.revision() if book is not None else "" for name, book in books.items()}
    return found | goals_revision()


def explain(error: Exception, what: str) -> tuple[str, str]:
    """(sentence for people, id to find the rest in the server's log; "" where the question itself can't be asked)."""
    if isinstance(error, InvalidQuestion):
        return f"This can't be shown: {error}", ""
    error_id = uuid.uuid4().hex[:8]
    if isinstance(error, StoreError):
        log.warning("%s failed [%s]: %s", what, error_id, error)
        if isinstance(error, StoreDamaged):
            return f"{error.sentence[0].upper()}{error.sentence[1:]}.", error_id
        reason = "The store does not answer" if isinstance(error, StoreUnreachable) else "This can't be shown"
        return f"{reason}: {error}", error_id
    log.error("%s failed [%s]", what, error_id, exc_info=error)
    return "Something went wrong on the server.", error_id


def explained(error: Exception, what: str) -> str:
    """As `explain`, in one line."""
    sentence, error_id = explain(error, what)
    return f"{sentence} ({error_id})" if error_id else sentence
