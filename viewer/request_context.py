"""The store, the goals and the defaults of the request at hand, as its viewer may see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

from flask import current_app, has_app_context, has_request_context, request
from flask_login import current_user

from collectors.runner.report import CollectorState
from layouts.pages import page_of
from layouts.panel import ANNOTATIONS, EPISODES, GOALS
from metricstore import episode, goal, vocabulary
from metricstore.annotation import COLUMN, Annotation, Annotations, concerning, seen
from metricstore.assumptions import USUAL
from metricstore.episode import Episode, Episodes
from metricstore.goal import Goal, Goals
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection, settled_now
from metricstore.store import Store
from questions.selections import understood

COLLECTING = "who collects"
"""The extension that says it, where several machines may: a function without arguments that returns a sentence."""


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
    return understood(words, store, default_selection())[0]


def mistakes(words: Mapping[str, str] | None) -> tuple[vocabulary.Mistake, ...]:
    """What `read_selection` leaves out: unknown filters, unknown values of closed sets, filters without a value."""
    return understood(words, store, default_selection())[1]


def shown_page(path: str | None) -> str | None:
    """As `page_of`, of the browser's path, which has the path that everything is below before it."""
    below = request.script_root if has_request_context() else ""
    return page_of((path or "").removeprefix(below))


def annotations_revision() -> dict[str, str]:
    """Those of what stands beside the data (annotations, alerts, goals), each under its own name."""
    books: dict[str, Annotations | Episodes | None] = {
        name: current_app.extensions.get(name) for name in (ANNOTATIONS, EPISODES)
    }
    found = {name: book.revision() if book is not None else "" for name, book in books.items()}
    return found | goals_revision()


def collector_states() -> dict[str, CollectorState]:
    """What the runner says of its collectors, where it is part of this process; pictures are drawn beside the application."""
    runner = current_app.extensions.get("runner") if has_app_context() else None
    return {state.name: state for state in runner.states()} if runner is not None else {}


def collected_by() -> str:
    """Which machine collects, as a sentence; "" where only one can, or nobody knows."""
    sentence = current_app.extensions.get(COLLECTING) if has_app_context() else None
    return sentence() if sentence is not None else ""
