"""Collects `app.log` and the other logs with their rotated copies."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from collectors.app_log.clock import LocalSeconds
from collectors.app_log.logs import Logs
from collectors.app_log.parse import records
from collectors.app_log.reading import Reading
from collectors.app_log.understanding import Understanding
from collectors.base import Batch, Checkpoint, Problem
from collectors.relied_on import Relied
from collectors.source import Source
from collectors.tailing.stream import Cut, Stream
from metricstore.store import Store

HEAD_RECORDS = 200
"""So many records at the beginning of a log show whether it can be read."""


class AppLogCollector:
    """Log records, finished posts, batches, AI requests and retries, scheduling attempts."""

    name = "app_log"
    interval_seconds = 15.0
    works_ahead = True

    def __init__(self, source: Source) -> None:
        self.source = source
        self._seconds = LocalSeconds(source.zone)
        self._streams: dict[Path, Stream] = {}

    def validate(self) -> list[Problem]:
        problems = []
        for path in self.source.log_paths():
            try:
                if stat.S_ISREG(path.stat().st_mode):
                    path.open("rb").close()
            except FileNotFoundError:
                continue
            except OSError as error:
                text = f"{path} can't be read: {error.strerror}"
                problems.append(Problem(text, "let the dashboard's user read it", fatal=True))
            else:
                problems += self._unread_head(path)
        return problems

    def _unread_head(self, path: Path) -> Iterator[Problem]:
        """Whether nothing at the beginning of a log can be read."""
        spans = [span for span in Stream(path, self.source.code_page).spans(None, []) if span.file.path == path]
        if not spans:
            return
        head = Understanding(self.source.name_of(path))
        self._seconds.begin(spans[0].file.modified)
        try:
            for raw in islice(records(spans[0].blocks(), self._seconds, keep_partial=True), HEAD_RECORDS):
                head.add(raw)
        except (OSError, Cut):
            return
        if head.unread:
            yield Problem(
                next(head.sentences()), "write the log in one of the layouts listed in collectors/app_log/README.md"
            )

    def watched(self) -> list[Path]:
        return self.source.log_paths()

    def relied_on(self, checkpoint: Checkpoint) -> Relied:
        return Relied(Logs(checkpoint, self.source).read())

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Read on from the checkpoint, log after log. The last record of each is delivered at once and read again next
        time, since more of it may come; being the same point, it is only overwritten."""
        logs = Logs(checkpoint, self.source)
        paths = self.source.log_paths()
        self._streams = {path: self._streams.get(path) or Stream(path, self.source.code_page) for path in paths}
        failures = []
        for path, stream in self._streams.items():
            try:
                reading = Reading(self.source, stream, self._seconds, logs.state(path))
                for batch in reading.batches():
                    yield logs.moved(path, batch)
                logs.warn(reading.warnings())
                failures += [stream.survey.live] if stream.survey.live is not None else []
            except OSError as error:
                logs.warn([f"{self.source.name_of(path)} isn't read on: {error.strerror or error}"])
                failures.append(error)
        yield from logs.settled()
        if failures and len(failures) == len(paths):
            raise failures[0]
