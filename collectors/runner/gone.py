"""A run of a collector whose files were there before and are gone: it fails, and says so.

- A folder that is gone, can't be looked into, or (the project's) is empty, as where a disk isn't mounted: the run fails at once.
  Where all is gone the collector isn't even asked, so that it can't take silence for news.
- A file whose folder is there may be on its way: a log is renamed before the new one is made, a file is replaced. It is a
  warning until it is away for longer than its collector may be late, then a failure.
- A log with rotated copies beside it goes on in a file that some loggers make only with their next record: a quiet
  weekend is no failure. When it is away for so long, it is a warning.

When something was first missed is kept beside the checkpoints, since `dashapp collect --once` is a new process each time;
the checkpoint itself stays as it is, and reading goes on from there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.base import Checkpoint, Collector, Refused
from collectors.relied_on import Absence, ReadsFiles, absences, nothing_left
from collectors.runner.checkpoints import Checkpoints
from collectors.runner.lateness import late_after_pace


@dataclass
class Gone:
    """What one run misses."""

    collector: Collector
    checkpoints: Checkpoints
    warnings: tuple[str, ...] = ()
    _failures: list[str] = field(default_factory=list)

    def look(self, checkpoint: Checkpoint) -> None:
        """Before reading. Raises Refused when there is nothing left to read."""
        self.warnings, self._failures = (), []
        if not isinstance(self.collector, ReadsFiles):
            return
        gone = absences(self.collector, checkpoint)
        missed = self._missed(gone)
        warnings = []
        for absence in gone:
            mark = missed[str(absence.path)]
            sentence = absence.sentence(f"{mark['read']} UTC", self.collector.name)
            late = time.time() - mark["since"] > late_after_pace(self._interval).total_seconds()
            if not absence.passing or (late and not absence.has_copies):
                self._failures.append(sentence)
            elif late or not absence.has_copies:
                warnings.append(sentence)
        self.warnings = tuple(warnings)
        if nothing_left(self.collector, checkpoint, gone):
            self.tell()

    def look_at_project(self, checkpoint: Checkpoint) -> None:
        """Before everything is read again: what is known of a project that is away must not be forgotten. Raises Refused."""
        if isinstance(self.collector, ReadsFiles) and any(
            absence.project for absence in absences(self.collector, checkpoint)
        ):
            self.look(checkpoint)
            self.tell()

    def tell(self) -> None:
        """After reading what is left. Raises Refused when that was not all."""
        if self._failures:
            raise Refused("; ".join(self._failures))

    @property
    def _interval(self) -> timedelta:
        return timedelta(seconds=self.collector.interval_seconds)

    def _missed(self, gone: list[Absence]) -> dict[str, Any]:
        """By path: since when it is missed, in seconds, and when the collector had last read something."""
        name = f"missed-{self.collector.name}"
        before = self.checkpoints.load(name)
        new = {"since": time.time(), "read": last_read(self.checkpoints.age_seconds(self.collector.name))}
        missed = {str(absence.path): before.get(str(absence.path), new) for absence in gone}
        if missed and missed != before:
            self.checkpoints.save(name, missed)
        elif before and not missed:
            self.checkpoints.drop(name)
        return missed


def last_read(age_seconds: float | None) -> str:
    """The minute, UTC, in which a checkpoint of that age was kept."""
    return f"{datetime.now(UTC) - timedelta(seconds=age_seconds or 0):%Y-%m-%d %H:%M}"
