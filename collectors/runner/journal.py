"""`collector_run` points on their way into the store; while it is away they wait here."""

from __future__ import annotations

import logging
import threading
from collections import deque

from collectors.runner.report import RunReport
from metricstore.errors import StoreError
from metricstore.store import Store

log = logging.getLogger(__name__)


class Journal:
    """Keeps at most `most` reports that could not be written, the newest; written with the next that can."""

    def __init__(self, store: Store, most: int = 1_000) -> None:
        self._store = store
        self._waiting: deque[RunReport] = deque(maxlen=most)
        self._lock = threading.Lock()

    def add(self, report: RunReport) -> None:
        """Write a report, and those that waited. Never raises: a run's report must not break the runner."""
        with self._lock:
            self._waiting.append(report)
            self._flush()

    def flush(self) -> None:
        """Try once more to write what waits."""
        with self._lock:
            if self._waiting:
                self._flush()

    def _flush(self) -> None:
        try:
            result = self._store.write([report.point() for report in self._waiting])
        except StoreError as failure:
            log.warning("%d collector run reports wait for the store: %s", len(self._waiting), failure)
        except Exception:
            log.exception("collector run reports could not be written")
        else:
            for rejection in result.rejected:
                log.error("a collector run report was refused: %s", rejection.reason)
            self._waiting.clear()
