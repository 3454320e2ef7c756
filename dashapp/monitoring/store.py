"""How long the store takes for what it is asked, seen from outside: its own methods, timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from metricstore.caching import CachedStore
from metricstore.errors import InvalidQuestion, NotAllowed, UnknownName
from metricstore.store import Store

Question = Callable[[str, str, float], None]
"""kind, outcome, seconds."""
_KINDS = {"ask_all": "figures", "values": "values", "bounds": "bounds", "records": "records", "stream": "stream",
          "lines": "stream", "write": "write"}  # fmt: skip
_TIMED = "_timed_by_monitoring"


def watch_store(store: Store, questions: Sequence[Question], cached: Callable[[int, int], None] | None) -> None:
    """Call all `questions` for each one that reaches the store itself, and `cached` for what a cache in front of it knew."""
    inner = store.store if isinstance(store, CachedStore) else store
    if hasattr(inner, _TIMED):
        return  # by another application of this process
    setattr(inner, _TIMED, True)
    for method, kind in _KINDS.items():
        setattr(inner, method, _timed(getattr(inner, method), kind, questions))
    if isinstance(store, CachedStore) and cached is not None:
        store.counted = cached


def _timed(ask: Callable[..., Any], kind: str, questions: Sequence[Question]) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        began, outcome = time.perf_counter(), "failed"
        try:
            answer = ask(*arguments, **named)
            outcome = "ok"
        except (InvalidQuestion, UnknownName, NotAllowed):
            outcome = "mistaken"
            raise
        finally:
            seconds = time.perf_counter() - began
            for question in questions:
                question(kind, outcome, seconds)
        return answer

    return timed
