"""A collector of a provider's reports: asked when due, by windows, within what the service allows."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from collectors.ai_reports.tally import Tally
from collectors.ai_reports.windows import Report, due_of, read_due, read_window
from collectors.base import ASKED, Batch, Checkpoint, Problem, Refused
from collectors.http import Client, in_turn
from collectors.services import Service
from collectors.social.due import state_of
from collectors.source import Source
from metricstore.store import Store


class ReportCollector(ABC):
    """What OpenAI, Anthropic and LiteLLM have in common; a subclass says whom to ask, and how."""

    name: str
    interval_seconds: float = 900.0

    def __init__(self, source: Source, now: Callable[[], float] = time.time) -> None:
        self.source = source
        self._now = now

    @abstractmethod
    def service(self) -> Service: ...

    @abstractmethod
    def client(self, checkpoint: Checkpoint) -> Client: ...

    @abstractmethod
    def reports(self, client: Client) -> list[Report]: ...

    def ready(self) -> bool:
        """Whether there is somebody to ask."""
        return self.service().given

    def validate(self) -> list[Problem]:
        return []

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Reports that are due; nothing without a credential."""
        if not self.ready():
            return
        state = state_of(checkpoint, self.service(), ASKED)
        client = self.client(checkpoint)
        reports = self.reports(client)
        if due_of(reports, state, self._now()):
            yield from client.remembering({**checkpoint, **state}, read_due(reports, store, state, self._now()))

    def backfill(self, start: float, stop: float, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """All reports of [start, stop), seconds since the epoch."""
        if not self.ready():
            return
        state = state_of(checkpoint, self.service(), ASKED)
        client = self.client(checkpoint)

        def windows(report: Report) -> Iterator[Batch]:
            for begin, end in report.windows(start, min(stop, self._now())):
                yield from read_window(report, store, state, begin, end)

        parts = {report.name: partial(windows, report) for report in self.reports(client)}
        yield from client.remembering({**checkpoint, **state}, in_turn(state, parts, lambda: dict(state)))

    def probe(self) -> str:
        """Ask once, whatever was refused before: for `dashapp doctor --online`. Raises what is wrong."""
        for problem in self.validate():
            raise Refused(problem.text, problem.hint)
        with self.client({}) as client:
            report = self.reports(client)[-1]
            tally = Tally(report.source)
            begin, end = next(report.windows(self._now() - report.bucket, self._now()))
            next(report.read(begin, end, tally), None)
        return "its reports can be read"
