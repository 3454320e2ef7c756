"""What the measurement `deletion` says: before which moments points are missing because of their age."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pandas as pd

from metricstore.catalogue.selfwatch import DELETION
from metricstore.expiring import credible_limits
from metricstore.point import nanoseconds
from metricstore.query import RecordQuery
from metricstore.retention import Retention
from metricstore.store import Store

_SKEW = timedelta(days=1)
"""A note dated further ahead is from a clock that was wrong."""


@dataclass
class Deletions:
    """Deleted points are gone for good. Those that were only left out at writing may be read again under another policy: of notes
    about them the newest holds."""

    _deleted: dict[str, datetime] = field(default_factory=dict)
    _left_out: dict[str, tuple[datetime, datetime | None]] = field(default_factory=dict)
    """When it was noted, and the limit; None: nothing is left out any more."""

    def take(self, name: str, at: datetime, before: datetime, points: int, days: int) -> None:
        if points:
            self._deleted[name] = max(self._deleted.get(name, before), before)
        elif name not in self._left_out or self._left_out[name][0] <= at:
            self._left_out[name] = at, before if days else None

    def left_out(self) -> dict[str, datetime]:
        """By measurement."""
        return {name: before for name, (_, before) in self._left_out.items() if before is not None}

    def limits(self) -> dict[str, datetime]:
        """By measurement: from when on there are points, for whichever reason."""
        found = self.left_out()
        for name, before in self._deleted.items():
            found[name] = max(found.get(name, before), before)
        return found


def deletions(store: Store) -> Deletions:
    """As far as the clocks of those who noted them were right."""
    found, ends, now = Deletions(), store.bounds(DELETION.name), datetime.now(UTC)
    if ends is None:
        return found
    columns = ("measurement", "before", "points", "days")
    for frame in store.stream(
        RecordQuery(DELETION.name, ends[0], ends[1] + timedelta(milliseconds=1), columns=columns)
    ):
        for time, name, before, points, days in frame[["time", *columns]].itertuples(index=False):
            with suppress(ValueError, TypeError):  # somebody else has written it
                at, limit = (
                    pd.Timestamp(time).floor("us").to_pydatetime(),
                    datetime.fromisoformat(str(before)).astimezone(UTC),
                )
                if limit <= at and limit <= now and (points or at <= now + _SKEW):
                    found.take(str(name), at, limit, int(points), int(days))
    return found


def limits_of_writing(store: Store, retention: Retention, now_ns: int) -> dict[str, int]:
    """As `credible_limits`, for what is to be left out at writing. Of a measurement that is read for the first time all is stored, as
    nothing shows that the clock is right: what is too old of it is announced and deleted as usual. Where all was deleted what was
    deleted stays so."""
    found, noted = credible_limits(store, retention, now_ns), None
    for name in [one for one in found if store.bounds(one) is None]:
        noted = deletions(store).limits() if noted is None else noted
        limit = found.pop(name)
        if name in noted:
            found[name] = min(limit, nanoseconds(noted[name]))
    return found
