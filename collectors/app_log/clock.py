"""Local log times to UTC, and the digits that make every record's timestamp its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Moments = tuple[int, int]
"""UTC milliseconds of a local second, read as the first and as the second time the clock shows it (fold 0 and 1)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SLACK_MS = 5_000
"""Programs that share a log may write a little out of order."""
_PER_SEGMENT = 1000
_DAY_MS = 24 * 3600 * 1000
_YEARS_BACK = 6
"""29 February is the rarest day."""
_MINUTE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d", re.ASCII)
_SECONDS = {f":{second:02d}": second * 1000 for second in range(60)}
"""What stands behind the minute, and the milliseconds it adds."""


class LocalSeconds:
    """Local seconds (`2026-10-27 09:00:00`) to UTC, remembered minute by minute."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._minutes: dict[str, Moments | None] = {}
        self._last: tuple[str, Moments | None] = ("", None)
        self._not_after = self._near = -1
        self.undated_year = 0
        """The year that the latest time without one is taken for, where the file was written last more than a day after it."""

    def begin(self, modified: float, near: int = -1) -> None:
        """A file begins, or goes on behind a record of `near` milliseconds; it was written last at `modified` seconds."""
        self._not_after, self._near = int(modified * 1000) + _DAY_MS, near
        self.undated_year = 0

    def without_year(self, rest: str) -> Moments | None:
        """`10-14 09:00:00` in the year that follows from the record before, else the latest in which the file was written after it."""
        newest = datetime.fromtimestamp(max(self._not_after, 0) / 1000, UTC).year + 1
        years = range(newest, newest - _YEARS_BACK, -1)
        possible = [found for year in years if (found := self(f"{year}-{rest}")) and found[0] <= self._not_after]
        onward = [found for found in possible if found[0] >= self._near - _DAY_MS]
        if not possible:
            return None
        found = possible[0] if self._near < 0 or not onward else onward[-1]
        self._near = found[0]
        certain = found[0] + 2 * _DAY_MS > self._not_after
        self.undated_year = 0 if certain else datetime.fromtimestamp(found[0] / 1000, UTC).year
        return found

    def __call__(self, second: str) -> Moments | None:
        """None when there is no such date or time."""
        if second == self._last[0]:
            return self._last[1]
        minute, added = second[:16], _SECONDS.get(second[16:])
        if minute not in self._minutes:
            if len(self._minutes) > 10_000:
                self._minutes.clear()
            self._minutes[minute] = self._resolve(minute)
        moments = self._minutes[minute]
        found = (moments[0] + added, moments[1] + added) if moments is not None and added is not None else None
        self._last = (second, found)
        return found

    def _resolve(self, minute: str) -> Moments | None:
        if _MINUTE.fullmatch(minute) is None:
            return None
        try:
            local = datetime.fromisoformat(minute).replace(tzinfo=self._zone)
            first = int((local - _EPOCH).total_seconds()) * 1000
            second = int((local.replace(fold=1) - _EPOCH).total_seconds()) * 1000
        except (ValueError, OverflowError):
            return None
        return (first, second)


@dataclass
class Clock:
    """Gives each record of the stream its timestamp, in file order.

    The last six digits of the nanoseconds are `segment * 1000 + ordinal`. The ordinal counts records of one
    millisecond. The segment is 0 while time moves on past everything seen; when the clock goes back, the records
    until it has caught up get the smallest number no other stretch over the same time has. So the same records get
    the same timestamps whether read at once, piece by piece, or again without the oldest copies.
    """

    last: int = -1
    """UTC milliseconds of the record before."""
    high: int = -1
    segment: int = 0
    ordinal: int = 0
    reached: dict[int, int] = field(default_factory=dict)
    """How far each segment went."""
    base: int = 0
    """Added to the segment, so that records of several logs differ."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Clock:
        reached = {int(segment): high for segment, high in data.get("reached", {}).items()}
        return cls(**{**data, "reached": reached}) if data else cls()

    def to_json(self) -> dict[str, Any]:
        return {
            "last": self.last,
            "high": self.high,
            "segment": self.segment,
            "ordinal": self.ordinal,
            "base": self.base,
            "reached": {str(segment): high for segment, high in self.reached.items()},
        }

    def stamp(self, moments: Moments, millisecond: int) -> int:
        """Nanoseconds UTC of the next record."""
        first, second = moments
        now = first + millisecond
        # An ambiguous hour: take the second pass when the first would mean going back and the second does not.
        if second > first and now < self.last - _SLACK_MS <= second + millisecond:
            now = second + millisecond
        if now > self.high and not self.segment:  # as nearly always
            self.last = self.high = now
            self.ordinal = 0
            return now * 1_000_000 + self.base % _PER_SEGMENT * 1_000
        return self._stamp(now)

    def again(self) -> int:
        """Nanoseconds of a record without a time: that of the one before, as one more in its millisecond."""
        return self._stamp(self.last)

    def _stamp(self, now: int) -> int:
        if now == self.last:
            self.ordinal += 1
            if self.ordinal == _PER_SEGMENT:
                self._turn_back(now)
        elif now > self.last:
            self.ordinal = 0
            if now > self.high:
                if self.segment:
                    self._leave()
                    self.segment = 0
                self.high = now
        else:
            self._turn_back(now)
        self.last = now
        return now * 1_000_000 + ((self.base + self.segment) % _PER_SEGMENT) * 1_000 + self.ordinal

    def _leave(self) -> None:
        self.reached[self.segment] = max(self.reached.get(self.segment, -1), self.last)

    def _turn_back(self, now: int) -> None:
        self._leave()
        if len(self.reached) >= _PER_SEGMENT:
            self.reached = dict(sorted(self.reached.items(), key=lambda item: item[1])[-_PER_SEGMENT // 2 :])
        number = 1
        while number in self.reached and self.reached[number] >= now:
            number += 1
        self.segment, self.ordinal = number, 0
