"""Memory: garbage goes in time, also what has grown old."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from dashapp.cli import memory


class Knot:
    """Refers to itself, as a request's closures do: only a collection sets it free."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def nothing_collected_by_itself() -> object:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_young_garbage_goes_at_every_few_rounds_of_tidying() -> None:
    knot = weakref.ref(Knot())
    memory.collect_garbage(memory.YOUNG_ROUNDS - 1)
    assert knot() is not None
    memory.collect_garbage(memory.YOUNG_ROUNDS)
    assert knot() is None


def test_garbage_that_was_in_use_for_long_goes_in_time_too() -> None:
    used = Knot()
    gc.collect()  # it is old now
    knot = weakref.ref(used)
    del used
    memory.collect_garbage(memory.YOUNG_ROUNDS)
    assert knot() is not None, "young garbage alone costs less"
    memory.collect_garbage(memory.ALL_ROUNDS)
    assert knot() is None


def test_the_thread_that_tidies_collects_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "EVERY_SECONDS", 0.001)
    stop = threading.Event()
    rested = threading.Event()
    memory.tidy_up(stop, rested.set)
    try:
        knot = weakref.ref(Knot())
        while knot() is not None:
            rested.wait(10)
            rested.clear()
    finally:
        stop.set()
        memory.let_go()
