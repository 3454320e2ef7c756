"""Questions asked before they are needed: those of several figures go to the store together, and making each figure
then finds its answers in the cache."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from metricstore import caveats, gaps
from metricstore.caching import CachedStore
from metricstore.errors import StoreError
from metricstore.evaluation import adds_up, chosen_aggregate, of_course
from metricstore.metrics import Metric
from metricstore.query import Query
from metricstore.questions import questions
from metricstore.restriction import passed_on, unrestricted
from metricstore.selection import Selection
from metricstore.store import Store

Foresee = Callable[[], Iterable[Query]]


def ask_ahead(store: Store, figures: Iterable[Foresee]) -> None:
    """Ask what every one of `figures` will ask. What goes wrong goes wrong again where it is told, at its figure."""
    cache = unrestricted(store)
    if not isinstance(cache, CachedStore):
        return
    wanted: list[Query] = []
    for figure in figures:
        with contextlib.suppress(StoreError):
            wanted += passed_on(store, figure())
    with contextlib.suppress(StoreError):
        cache.ask_ahead(wanted)


def of_values(
    declared: Metric, selection: Selection, by: tuple[str, ...] = (), aggregate: str | None = None,
    now: datetime | None = None,
) -> list[Query]:  # fmt: skip
    """See evaluation.evaluate, and what it asks where values are missing."""
    found = questions(declared, selection, by=by, aggregate=chosen_aggregate(declared, aggregate), now=now)
    conflicts = caveats.conflicts_question(declared, gaps.behind(declared, found))
    beside = [conflicts] if conflicts is not None else []
    for counted in caveats.counting(declared).values():
        beside += of_values(counted, replace(selection, compare=None), by, now=now)
    return found + gaps.foreseen(declared, found) + beside


def of_whole_and_course(declared: Metric, selection: Selection, now: datetime) -> list[Query]:
    """See evaluation.whole_and_course, and what is said beside the value."""
    found = of_values(declared, of_course(declared, selection), now=now)
    if not adds_up(declared, selection):
        found += questions(declared, replace(selection, every="none"), now=now)
    return found + of_remarks(declared, selection, now)


def of_remarks(declared: Metric, selection: Selection, now: datetime) -> list[Query]:
    """What is asked to say how much a figure lacks."""
    whole = replace(selection, every="none", compare=None)
    return [] if declared.bound is not None else list(gaps.left_out_questions(declared, whole, now))
