"""Windows of time: calendar arithmetic in any time zone, done once for all stores."""

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

_PATTERN = re.compile(r"([0-9]{1,6})(mo|[mhdwqy])")
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_FIXED_SECONDS = {"m": 60, "h": 3600}
_TICK = timedelta(microseconds=1)
_APPROXIMATE_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": 2_629_746, "q": 7_889_238, "y": 31_556_952}


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The IANA zone `name`; InvalidQuestion when there is none."""
    if name not in available_timezones():
        raise InvalidQuestion("tz", f"unknown time zone {name!r}")
    return ZoneInfo(name)


@dataclass(frozen=True)
class Window:
    """`count` units: minutes and hours run on the clock, days and longer on the calendar. Weeks start on Monday.

    All start where the zone's wall clock shows a round time. Around clock changes: days are 23 or 25 hours long,
    windows of several hours an hour shorter or longer; those of at most an hour end where the clock is changed and
    a new one begins there, so a repeated hour is two windows and on Lord Howe's half-hour switch one is half an hour.
    """

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Window:
        match = _PATTERN.fullmatch(text)
        if not match or int(match[1]) == 0:
            raise InvalidQuestion("every", f"{text!r} isn't a window; write 1m, 15m, 1h, 1d, 1w, 1mo, 1q or 1y")
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
        wall = self._floor_wall(local.replace(tzinfo=None, fold=0))
        if self._short:
            return _cut_by_clock_change(wall, local)
        if local.fold:
            # Where the clock went back over a boundary, what comes after its first passing belongs to it.
            while _instant(following := self._step(wall, 1), tz) <= moment:
                wall = following
        return _instant(wall, tz)

    def next(self, start: datetime, tz: ZoneInfo) -> datetime:
        """The start (UTC) of the window after the one starting at `start`."""
        local = start.astimezone(tz)
        wall = self._floor_wall(local.replace(tzinfo=None, fold=0))
        if self._short:
            stop = (self._step(wall, 1) - (local.utcoffset() or timedelta())).replace(tzinfo=UTC)
            return self.floor(stop - _TICK, tz) if _offset(stop - _TICK, tz) != local.utcoffset() else stop
        following = start
        while following <= start:  # a window that the clock jumped over whole has no length
            wall = self._step(wall, 1)
            following = _instant(wall, tz)
        return following

    def back(self, start: datetime, count: int, tz: ZoneInfo) -> datetime:
        """The start (UTC) of the window `count` windows before the one starting at `start`."""
        if self._short:
            return self.floor(start - timedelta(seconds=self.seconds * count), tz)
        wall = self._floor_wall(start.astimezone(tz).replace(tzinfo=None, fold=0))
        return _instant(self._step(wall, -count), tz)

    @property
    def _short(self) -> bool:
        return self.unit in _FIXED_SECONDS and self.seconds <= 3600

    def _floor_wall(self, wall: datetime) -> datetime:
        """Floor on the wall clock: 6-hour windows start at 0, 6, 12 and 18."""
        midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.unit in _FIXED_SECONDS:
            length = timedelta(seconds=self.seconds)
            return midnight + (wall - midnight) // length * length
        if self.unit == "w":
            return midnight - timedelta(days=midnight.weekday())
        if self.unit in _MONTHS:
            months = _MONTHS[self.unit]
            return midnight.replace(month=(midnight.month - 1) // months * months + 1, day=1)
        return midnight

    def _step(self, wall: datetime, count: int) -> datetime:
        """The boundary `count` windows after the boundary `wall`, on the wall clock."""
        if self.unit in _MONTHS:
            months = wall.year * 12 + wall.month - 1 + count * _MONTHS[self.unit]
            return wall.replace(year=months // 12, month=months % 12 + 1)
        return wall + timedelta(seconds=self.seconds * count)


def _offset(moment: datetime, tz: ZoneInfo) -> timedelta | None:
    return moment.astimezone(tz).utcoffset()


def _instant(wall: datetime, tz: ZoneInfo) -> datetime:
    """The first moment (UTC) at which the zone's clock shows `wall` or, where it jumps over it, more."""
    found = wall.replace(tzinfo=tz).astimezone(UTC)
    if found.astimezone(tz).replace(tzinfo=None, fold=0) == wall:
        return found
    return _clock_change(wall.replace(tzinfo=tz, fold=1).astimezone(UTC), found, tz)


def _cut_by_clock_change(wall: datetime, local: datetime) -> datetime:
    """Start of a window of at most an hour: each is cut where the clock is changed.

    So on Lord Howe's half-hour switch there is a window of half an hour, and a repeated hour is two windows.
    """
    candidate = (wall - (local.utcoffset() or timedelta())).replace(tzinfo=UTC)
    tz = local.tzinfo
    assert isinstance(tz, ZoneInfo)
    if _offset(candidate, tz) == local.utcoffset():
        return candidate
    return _clock_change(candidate, local.astimezone(UTC), tz)


def _clock_change(before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    """The moment (UTC) in (before, after] from which on the offset is that of `after`, by halving."""
    offset = _offset(after, tz)
    while after - before > _TICK:
        middle = before + (after - before) // 2
        if _offset(middle, tz) == offset:
            after = middle
        else:
            before = middle
    return after


_AUTO = [Window(1, "m"), Window(5, "m"), Window(15, "m"), Window(1, "h"), Window(6, "h"),
         Window(1, "d"), Window(1, "w"), Window(1, "mo"), Window(1, "y")]  # fmt: skip


def auto_window(start: datetime, stop: datetime, most: int = 100) -> Window:
    """The finest usual window that gives at most `most` windows over the range."""
    length = (stop - start).total_seconds()
    for window in _AUTO:
        if length / window.seconds <= most:
            return window
    return _AUTO[-1]
