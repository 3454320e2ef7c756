"""The store and the defaults of the request at hand: the one place where callbacks get them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

from flask import current_app, has_app_context, has_request_context
from flask_login import current_user

from layouts.panel import ANNOTATIONS
from metricstore.annotation import COLUMN, Annotation, Annotations, concerning, seen
from metricstore.assumptions import USUAL
from metricstore.catalogue import MEASUREMENTS
from metricstore.errors import InvalidQuestion, StoreError, StoreUnreachable
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import RESERVED, Selection, settled_now
from metricstore.store import Store
from metricstore.time_parts import TIME_PARTS

log = logging.getLogger(__name__)

KNOWN = (
    frozenset(RESERVED)
    | frozenset(TIME_PARTS)
    | {column for source in MEASUREMENTS.values() for column in source.columns}
)
"""Words of a query string that mean something; all others are ignored."""


def store() -> Store:
    """The metric store as the current viewer may see it."""
    return restricted(cast(Store, current_app.extensions["metricstore"]), *_segments())


def annotated(selection: Selection, start: datetime, stop: datetime) -> tuple[Annotation, ...]:
    """What was written on [start, stop) for the selection's platforms, as the current viewer may see it."""
    book: Annotations | None = current_app.extensions.get(ANNOTATIONS)
    if book is None:
        return ()
    return tuple(concerning(seen(book.within(start, stop), _segments(), settled_now()), selection.filters((COLUMN,))))


def _segments() -> tuple[Segment, ...]:
    """What limits the current viewer; nothing where nobody can be logged in."""
    if not has_request_context() or not hasattr(current_app, "login_manager"):
        return ()
    return tuple(getattr(current_user, "segments", ()))


def default_selection() -> Selection:
    """What is meant when the query string does not say."""
    settings = current_app.extensions.get("settings") if has_app_context() else None
    return Selection(timezone=getattr(settings, "timezone", "UTC"), assume=getattr(settings, "assumed", USUAL))


def read_selection(words: Mapping[str, str] | None) -> Selection:
    """From the query string's words. InvalidQuestion names a bad one; words that mean nothing are ignored."""
    known = {key: value for key, value in (words or {}).items() if key in KNOWN}
    return Selection.from_params(known, default_selection())


def known_revisions(source: Store, measurements: Iterable[str]) -> dict[str, str]:
    """Revision of each measurement; none when the store can't say, so that it is asked again when it can."""
    try:
        return {name: source.revision(name) for name in sorted(measurements)}
    except StoreError:
        return {}


def annotations_revision() -> dict[str, str]:
    """That of the annotations under its own name, to stand beside those of the measurements."""
    book: Annotations | None = current_app.extensions.get(ANNOTATIONS)
    return {ANNOTATIONS: book.revision() if book is not None else ""}


def explain(error: Exception, what: str) -> tuple[str, str]:
    """(sentence for people, id to find the rest in the server's log; "" where the question itself can't be asked)."""
    if isinstance(error, InvalidQuestion):
        return f"This can't be shown: {error}", ""
    error_id = uuid.uuid4().hex[:8]
    if isinstance(error, StoreError):
        log.warning("%s failed [%s]: %s", what, error_id, error)
        reason = "The store does not answer" if isinstance(error, StoreUnreachable) else "This can't be shown"
        return f"{reason}: {error}", error_id
    log.error("%s failed [%s]", what, error_id, exc_info=error)
    return "Something went wrong on the server.", error_id


def explained(error: Exception, what: str) -> str:
    """As `explain`, in one line."""
    sentence, error_id = explain(error, what)
    return f"{sentence} ({error_id})" if error_id else sentence
