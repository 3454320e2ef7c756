"""What is known of a source: its latest run, what is expected of it, and what is wrong, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from layouts.formats import ago, length
from layouts.sources import ANNOUNCES, COLLECTOR_NAMES

Look = Literal["good", "warning", "bad"]


@dataclass(frozen=True)
class SourceState:
    """A collector's latest run (`at`, UTC), when it last went well (None: never), and what is expected of it."""

    collector: str
    outcome: str
    at: datetime
    well: datetime | None
    late_after: timedelta
    every: timedelta | None = None
    due: datetime | None = None
    """When its next run is expected; None: not known."""
    running: bool = False
    """Busy at this moment, as far as this process knows: a long first import is not late."""
    warnings: tuple[str, ...] = ()
    """What the latest run did not understand though it went well."""
    given: bool = True
    """Whether it has something to read from: it brought points or records before, or failed to."""
    newest: datetime | None = None
    """The time of its newest record that does not lie ahead; None: there is none, or nobody has looked."""
    newest_given: date | datetime | None = None
    """The same as its source gives it; None where times are plans, not records."""
    quiet: timedelta | None = None
    """How long ago that was, where this is unusual for this source."""

    @property
    def name(self) -> str:
        return COLLECTOR_NAMES.get(self.collector, self.collector)

    def trouble(self, now: datetime) -> str | None:
        """What is wrong, in a few words; None when all is well."""
        name = self.name
        if self.outcome != "ok":
            since = f", good until {ago(self.well, now)}" if self.well else ""
            return f"{name}: last run {'timed out' if self.outcome == 'timeout' else 'failed'}{since}"
        if now - self.at > self.late_after and not self.running:
            usual = f", expected every {length(self.every)}" if self.every else ""
            return f"{name}: last read {ago(self.at, now)}{usual}"
        return None

    def concern(self, now: datetime) -> str | None:
        """What is wrong, else that it is quiet though it is read well; None when neither is so."""
        return self.trouble(now) or (
            f"{self.name}: {quiet_for(self.quiet)}, which is unusual for it" if self.quiet else None
        )

    def notable(self, now: datetime) -> str | None:
        """As `concern`, and that it was not fully read; for those who see nothing but this."""
        return self.concern(now) or (f"{self.name}: {self.warned('not fully read')}" if self.warnings else None)

    def warned(self, of_sources: str) -> str:
        """What its warnings are about: `of_sources`, unless they announce something."""
        return ANNOUNCES.get(self.collector, of_sources)

    def look(self, now: datetime) -> Look:
        """The class of its dot."""
        if self.trouble(now):
            return "bad"
        return "warning" if self.warnings or self.quiet else "good"


def quiet_for(span: timedelta) -> str:
    return f"quiet for {length(span)}"
