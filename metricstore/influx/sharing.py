"""Questions asked together often read the same fields: the parts of a ratio each look at all of its columns."""

from __future__ import annotations

import threading
from concurrent.futures import Future

from metricstore.influx.plan import Ask

MOST_BYTES = 4 * 1024 * 1024
"""A larger answer is not kept for others: reading it once more is better than holding many of them."""


class Shared:
    """Runs each script once, as long as it lives; who asks the same at the same time waits for the one answer."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._answers: dict[str, Future[bytes]] = {}

    def __call__(self, script: str) -> bytes:
        with self._lock:
            known = self._answers.get(script)
            mine: Future[bytes] = Future()
            if known is None:
                self._answers[script] = mine
        if known is not None:
            return known.result()
        try:
            answer = self._ask(script)
        except BaseException as error:
            mine.set_exception(error)
            raise
        mine.set_result(answer)
        if len(answer) > MOST_BYTES:
            with self._lock:
                self._answers.pop(script, None)
        return answer
