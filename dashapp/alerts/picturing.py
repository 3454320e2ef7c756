"""The picture of a message: the course of the rule's figure, its limit, and when it was open. Drawn when the message is sent."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from dataclasses import replace
from datetime import timedelta

from alerting.backtest import backtest
from alerting.message import Message
from alerting.rule import Rule
from dashapp.alerts.course_picture import course
from layouts.pictures.raster import png
from metricstore.store import Store
from metricstore.windows import Window

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
"""A picture that takes longer is left out: the message is not to wait for it."""
_WIDTH, _HEIGHT, _SCALE = 640, 240, 2.0
_WINDOWS = 60
"""How many are drawn."""
_STYLE = """<style>
.course-grid { stroke: #e2e8f0 } .course-tick { fill: #475569; font: 12px Inter } .course-line { fill: none; stroke: #2563eb; stroke-width: 2 }
.course-dot { stroke-width: 4; stroke-linecap: round } .course-limit { stroke: #b91c1c; stroke-width: 1.5; stroke-dasharray: 6 4 }
.course-limit-text { fill: #b91c1c; font: 600 12px Inter; paint-order: stroke; stroke: #ffffff; stroke-width: 4px } .course-open { fill: #b91c1c; opacity: 0.14 } .course-fired { fill: #b91c1c }
</style><rect width="100%" height="100%" fill="#ffffff"/>"""
"""The light colours of assets/00-tokens.css: mail programs have no style sheet of ours."""


class Pictures:
    """One at a time; while one hangs, messages go out without."""

    def __init__(self, store: Store, patience: float = PATIENCE_SECONDS) -> None:
        self._store = store
        self._patience = patience
        self._drawing = ThreadPoolExecutor(1, thread_name_prefix="alert-picture")
        self._running: Future[bytes] | None = None

    def png(self, rule: Rule, message: Message) -> bytes:
        """Empty where there is none."""
        if not rule.windowed or (self._running is not None and not self._running.done()):
            return b""
        self._running = self._drawing.submit(draw, self._store, rule, message)
        try:
            return self._running.result(self._patience)
        except TooLong:
            return b""
        except Exception as error:  # a message without its picture is better than none
            log.warning("the picture of alert %s could not be drawn: %s", message.key, error)
            return b""


def draw(store: Store, rule: Rule, message: Message) -> bytes:
    """PNG of the last windows of the message's group. StoreError when the store can't be asked."""
    labels = tuple(message.labels.values())
    until = message.at + timedelta(seconds=Window.parse(rule.every).seconds)
    start = min(message.since, message.at) - _WINDOWS * timedelta(seconds=Window.parse(rule.every).seconds)
    found = backtest(store, rule, start, until)
    if labels not in found.looks:
        return b""
    own = replace(
        found, looks={labels: found.looks[labels]}, episodes=[each for each in found.episodes if each.labels == labels]
    )
    svg = str(course(own, message.sentence, _WIDTH, _HEIGHT))
    return png(svg.replace(">", f">{_STYLE}", 1), _SCALE)
