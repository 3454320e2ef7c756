"""What a failure is called on a page, and where the rest of it is."""

from __future__ import annotations

import logging
import uuid

from metricstore.errors import InvalidQuestion, SearchTooLong, StoreDamaged, StoreError, StoreUnreachable

log = logging.getLogger(__name__)


def explain(error: Exception, what: str) -> tuple[str, str]:
    """(sentence for people, id to find the rest in the server's log; "" where the question itself can't be asked)."""
    if isinstance(error, InvalidQuestion | SearchTooLong):
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
