"""Windows of time: calendar arithmetic in any time zone, done once for both stores."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from metricstore.errors import InvalidQuestion

Unit = Literal["m", "h", "d", "w", "mo", "q", "y"]
MAX_WINDOWS = 20_000

_PATTERN = re.compile(r"(\d+)(mo|[mhdwqy])")
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_FIXED_SECONDS = {"m": 60, "h": 3600}
_APPROXIMATE_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": 2_629_746, "q": 7_889_238, "y": 31_556_952}


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The IANA zone `name`; InvalidQuestion when there is none."""
    if name not in available_timezones():
        raise InvalidQuestion("tz", f"unknown time zone {name!r}")
    return ZoneInfo(name)


@dataclass(frozen=True)
class Window:
    """`count` units: minutes and hours run on the clock, days and longer on the calendar. Weeks start on Monday."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Window:
        match = _PATTERN.fullmatch(text)
        if not match or int(match[1]) == 0:
            raise InvalidQuestion("every", f"{text!r} is no window; say 1m, 15m, 1h, 1d, 1w, 1mo, 1q or 1y")
        window = cls(int(match[1]), match[2])  # type: ignore[arg-type]
        if window.seconds > 366 * 86_400:
            raise InvalidQuestion("every", f"{text!r} is longer than a year")
        if window.unit in _FIXED_SECONDS and 86_400 % (window.count * _FIXED_SECONDS[window.unit]):
            raise InvalidQuestion("every", f"{text!r} does not divide a day")
        if window.unit not in _FIXED_SECONDS and window.count != 1:
            raise InvalidQuestion("every", f"{text!r}: days and longer come one at a time")
        return window

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"

    @property
    def seconds(self) -> int:
        """Its usual length."""
        return self.count * _APPROXIMATE_SECONDS[self.unit]

    def floor(self, moment: datetime, tz: ZoneInfo) -> datetime:
        """The start (UTC) of the window that holds `moment`."""
        local = moment.astimezone(tz)
        if self.unit in _FIXED_SECONDS:
            return _floor_clock(local, self.count * _FIXED_SECONDS[self.unit])
        day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        if self.unit == "w":
            day -= timedelta(days=day.weekday())
        elif self.unit in _MONTHS:
            months = _MONTHS[self.unit]
            day = day.replace(month=(day.month - 1) // months * months + 1, day=1)
        return day.astimezone(UTC)

    def next(self, start: datetime, tz: ZoneInfo) -> datetime:
        """The start (UTC) of the window after the one starting at `start`."""
        if self.unit in _FIXED_SECONDS:
            length = timedelta(seconds=self.count * _FIXED_SECONDS[self.unit])
            floored = self.floor(start + length, tz)
            # On the long day at a clock change one window of several hours is an hour longer.
            return floored if floored > start else self.floor(start + length + timedelta(hours=1), tz)
        # Far enough to be inside the next window whatever the clock did, near enough not to be past it.
        local = start.astimezone(tz) + timedelta(hours=2)
        if self.unit in ("d", "w"):
            local += timedelta(days=1 if self.unit == "d" else 7)
            return self.floor(local.replace(hour=12).astimezone(UTC), tz)
        months = local.year * 12 + local.month - 1 + _MONTHS[self.unit]
        return self.floor(local.replace(year=months // 12, month=months % 12 + 1, day=1, hour=12), tz)


def _floor_clock(local: datetime, seconds: int) -> datetime:
    """Wall-clock floor: 6-hour windows start at 0, 6, 12 and 18 of the zone; an hour's fold stays its own hour."""
    offset = local.utcoffset() or timedelta()
    wall = local.replace(tzinfo=None)
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    floored = midnight + (wall - midnight) // timedelta(seconds=seconds) * timedelta(seconds=seconds)
    candidate = (floored - offset).replace(tzinfo=UTC)
    if seconds <= 3600:
        return candidate
    # Across a clock change the boundary's own offset differs from the moment's.
    boundary = floored.replace(tzinfo=local.tzinfo)
    return boundary.astimezone(UTC)


def edges(start: datetime, stop: datetime, every: Window, timezone: str) -> list[datetime]:
    """Nominal starts (UTC) of all windows that touch [start, stop), ascending."""
    return list(_edges(start.astimezone(UTC), stop.astimezone(UTC), every, timezone))


@lru_cache(maxsize=512)
def _edges(start: datetime, stop: datetime, every: Window, timezone: str) -> tuple[datetime, ...]:
    expected = (stop - start).total_seconds() / every.seconds
    if expected > MAX_WINDOWS:
        raise InvalidQuestion("every", f"{every} would give {expected:,.0f} windows, more than {MAX_WINDOWS:,}")
    tz = zone(timezone)
    found = [every.floor(start, tz)]
    while (following := every.next(found[-1], tz)) < stop:
        found.append(following)
    return tuple(found)


_AUTO = [Window(1, "m"), Window(5, "m"), Window(15, "m"), Window(1, "h"), Window(6, "h"),
         Window(1, "d"), Window(1, "w"), Window(1, "mo"), Window(1, "y")]  # fmt: skip


def auto_window(start: datetime, stop: datetime, most: int = 120) -> Window:
    """The finest usual window that gives at most `most` windows over the range."""
    length = (stop - start).total_seconds()
    for window in _AUTO:
        if length / window.seconds <= most:
            return window
    return _AUTO[-1]
