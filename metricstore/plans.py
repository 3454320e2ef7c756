"""What figures ask, and what becomes of the answers: each plans its questions, those of a page are asked together once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from metricstore.errors import StoreError, StoreUnreachable
from metricstore.grid import Grid
from metricstore.query import Query
from metricstore.restriction import access
from metricstore.store import Store

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True)
class Asked:
    """A question as the viewer may ask it, its range and window within what they may see, and the store's answer."""

    query: Query
    found: Grid
    """Several figures may rest on it."""


@dataclass(frozen=True)
class Plan(Generic[T]):
    """`queries`, and `settle`, which makes a figure of their answers, given in the same order. It is given the store as well, to
    look up what was collected when; it asks for values only to say why there is nothing at all."""

    queries: tuple[Query, ...]
    settle: Callable[[Store, Sequence[Asked]], T]
    alike: tuple[tuple[str, ...], ...] = ()
    """Measurements that a viewer must be able to see alike, or not at all (see `RowAccess.require_alike`)."""


def plain(queries: Iterable[Query]) -> Plan[list[Asked]]:
    """The answers themselves."""
    return Plan(tuple(queries), lambda _, asked: list(asked))


def joined(plans: Sequence[Plan[Any]], settle: Callable[[Store, list[Any]], T]) -> Plan[T]:
    """One plan of several: `settle` makes something of what they settle to, given in their order."""

    def whole(store: Store, asked: Sequence[Asked]) -> T:
        found, begin = [], 0
        for plan in plans:
            end = begin + len(plan.queries)
            found.append(plan.settle(store, asked[begin:end]))
            begin = end
        return settle(store, found)

    queries = tuple(query for plan in plans for query in plan.queries)
    return Plan(queries, whole, tuple(names for plan in plans for names in plan.alike))


def mapped(plan: Plan[S], make: Callable[[S], T]) -> Plan[T]:
    return Plan(plan.queries, lambda store, asked: make(plan.settle(store, asked)), plan.alike)


def ask(store: Store, plan: Plan[T]) -> T:
    """Ask all of a plan at once. StoreError where the store can't answer, NotAllowed where the viewer may not see it."""
    return plan.settle(store, _asked(store, _allowed(store, plan)))


def ask_together(store: Store, makers: Iterable[Callable[[], Plan[T]]]) -> list[Callable[[], T]]:
    """Ask what all plans need in one go. For each a function that settles it, or raises what went wrong with it: one that
    can't be planned or may not be seen leaves the others."""
    plans = [_tried(partial(_planned, store, make)) for make in makers]
    allowed = [found for found in plans if not isinstance(found, Exception)]
    wanted = list(dict.fromkeys(query for _, queries in allowed for query in queries))
    try:
        known = dict(zip(wanted, _asked(store, wanted), strict=True))
    except StoreUnreachable as error:
        return [partial(_raise, found if isinstance(found, Exception) else error) for found in plans]
    except StoreError:  # of one of them, nobody knows of which: each is asked alone
        return [
            partial(_raise, found) if isinstance(found, Exception) else partial(ask, store, found[0]) for found in plans
        ]
    return [
        partial(_raise, found)
        if isinstance(found, Exception)
        else partial(found[0].settle, store, [known[query] for query in found[1]])
        for found in plans
    ]


def _planned(store: Store, make: Callable[[], Plan[T]]) -> tuple[Plan[T], list[Query]]:
    plan = make()
    queries = _allowed(store, plan)
    for query in queries:
        access(store).passed_on(query)  # NotAllowed where the store behind would not be asked it
    return plan, queries


def _allowed(store: Store, plan: Plan[Any]) -> list[Query]:
    """The plan's questions as the viewer may ask them: the one place where a range and a window are narrowed."""
    for names in plan.alike:
        access(store).require_alike(names)
    return [access(store).narrowed(query) for query in plan.queries]


def _asked(store: Store, queries: Sequence[Query]) -> list[Asked]:
    """No question twice."""
    wanted = list(dict.fromkeys(queries))
    known = dict(zip(wanted, store.ask_all(wanted) if wanted else [], strict=True))
    return [Asked(query, known[query]) for query in queries]


def _tried(make: Callable[[], T]) -> T | Exception:
    try:
        return make()
    except Exception as error:  # it goes wrong again at its figure, and there it is shown
        return error


def _raise(error: Exception) -> Any:
    raise error
