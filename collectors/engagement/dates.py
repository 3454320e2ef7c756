"""Days as people, platforms and spreadsheets write them. Pure.

03/04/2026 is two days. Which one is meant is decided once for a column, by all its cells: one 25/04/2026 settles it. What the
column leaves open the platform's own layout says, else the language of the header; else nobody, and such cells are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from collectors import local_time
from collectors.clock_times import clock
from collectors.engagement.languages import Order, total_words
from collectors.engagement.languages import plain_name as plain
from collectors.month_names import worded_day
from collectors.zone_names import zone_named
from metricstore.point import nanoseconds

_PARTS = re.compile(
    r"(?P<a>\d{1,4})\s?(?P<mark>[./-])\s?(?P<b>\d{1,2})\s?(?P=mark)\s?(?P<c>\d{4}|\d{2})(?!\d)(?P<rest>.*)", re.S
)
_CLOCK = re.compile(
    r"[T ,]*(?:\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[ap]\.?m\.?)?)?\s*(?:Z|UTC|[A-Z]{3,4}|[+-]\d{2}:?\d{2})?", re.I
)
_CLOCK_AT_END = re.compile(r"[T\s,]+(\d{1,2}:\d{2}.*)$", re.S)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_SPELLED = re.compile(
    r"(?:(d{1,4}|m{1,4})[./-](?:m{1,4}|d{1,4})[./-]y{1,4}|y{1,4}[./-]m{1,4}[./-]d{1,4})(?:[T ]*h{1,2}[:.]m{2}.*)?", re.I
)
"""How dates are written, where a column's name says that."""
_NO_ZONE = re.compile(
    r"|(?:your |account |page )?(?:local|own)(?: ?time(?: ?zone)?)?|day|days|daily|24h|lokal|ortszeit", re.I
)
_LONGEST_TOTAL = 24
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050
"""2000 and 2099 as spreadsheets count days."""
_SPREADSHEET_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day, no moment


@dataclass(frozen=True)
class DateColumn:
    """How the dates of one column are read."""

    orders: Mapping[str, Order | None]
    """By the mark between the numbers; None: cells contradict each other."""
    fallback: Order | None
    """For marks that no cell settles."""
    swapped: bool = False
    """A spreadsheet program has turned some of its texts into dates, in an order that others contradict."""
    zone: tzinfo | None = None
    """That of times without one of their own, where the column's name says it."""
    unclear: str = ""
    """What its name says of their zone, where that can't be understood."""

    def day(self, cell: object, zone: ZoneInfo, *, instants: bool = True) -> date:
        """The day a cell names; ValueError says why it names none, or two. Without `instants` a text's day is the one that is
        written, whatever time and zone stand behind it: figures of a whole day belong to the source's day."""
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            raise ValueError("row has no date")
        if isinstance(cell, datetime | date):
            if self.swapped:
                raise ValueError(
                    f"{cell:%Y-%m-%d} may have its day and month swapped: the spreadsheet holds some dates of this "
                    "column as texts in another order; export the file again and leave it as it is"
                )
            return _local(self._in_zone(cell) if instants else cell, zone)
        return _local((self._zoned(cell, zone) if instants else None) or self._written(cell), zone)

    def former_day(self, cell: object) -> date | None:
        """The day that versions before 2026-12 took a text for that says a time with its zone; None where they saw both."""
        found = self._written(cell)
        return None if isinstance(found, datetime) else found

    def instant(self, cell: object, zone: ZoneInfo) -> int | None:
        """Nanoseconds UTC of a time of day with its zone, whole seconds; None for anything else."""
        found = self._in_zone(cell) if isinstance(cell, datetime) else self._zoned(cell, zone)
        if not isinstance(found, datetime) or found.tzinfo is None:
            return None
        return nanoseconds(found.replace(microsecond=0))

    def _written(self, cell: object) -> date | datetime:
        found = _parsed(cell)
        if found is None:
            raise ValueError(f"{cell!r} isn't a date")
        return found.day(self._order(found)) if isinstance(found, _Ambiguous) else found

    def _zoned(self, cell: object, zone: ZoneInfo) -> datetime | None:
        """A text's time of day with its zone: `2026-10-14T23:30:00Z`, `10/14/2026 11:30 PM UTC`, `Wed, 14 Oct 2026 23:30 +0000`."""
        if not isinstance(cell, str) or (end := _CLOCK_AT_END.search(cell)) is None:
            return None
        found = self._written(cell)
        if isinstance(found, datetime) and found.tzinfo is not None:
            return found
        day = found.date() if isinstance(found, datetime) else found
        at = clock(end[1], day, zone)
        if at is None:
            return None
        moment = self._in_zone(datetime.combine(day, at.at, tzinfo=at.zone), midnight=True)
        return moment if isinstance(moment, datetime) and moment.tzinfo is not None else None

    def _in_zone(self, found: date | datetime, *, midnight: bool = False) -> date | datetime:
        """In the zone that the column's name says; `midnight`: it is a time of day, too."""
        if not isinstance(found, datetime) or found.tzinfo is not None or not (midnight or found.time() != time()):
            return found
        if self.unclear:
            raise ValueError(
                f"the column's name says that its times are in {self.unclear!r}, which isn't one zone; write the zone "
                "as UTC+01:00 or Europe/Berlin"
            )
        return found.replace(tzinfo=self.zone)

    def _order(self, parts: _Ambiguous) -> Order:
        if parts.settles is not None:
            return parts.settles
        order = self.orders.get(parts.mark, self.fallback or ("day" if parts.mark == "." else None))
        if order is None:
            why = "dates of both orders stand" if parts.mark in self.orders else "no other date settles it"
            raise ValueError(
                f"{parts.text!r} may be {parts.day('day').isoformat()} or {parts.day('month').isoformat()}: {why} in its "
                "column; write dates as 2026-04-03"
            )
        return order


@dataclass(frozen=True)
class _Ambiguous:
    """Two numbers and a year."""

    text: str
    first: int
    second: int
    mark: str
    year: int

    @property
    def settles(self) -> Order | None:
        """The only order that makes a day of it; "day" where both give the same."""
        if self.first > 12 or self.first == self.second:
            return "day"
        return "month" if self.second > 12 else None

    def day(self, order: Order) -> date:
        day, month = (self.first, self.second) if order == "day" else (self.second, self.first)
        try:
            return date(self.year, month, day)
        except ValueError:
            raise ValueError(f"{self.text!r} isn't a date") from None


def date_column(cells: Iterable[object], declared: Order | None, usual: Order | None, said: str = "") -> DateColumn:
    """`declared`: the order of the platform's own exports; `usual`: that of the header's language; `said`: what stands in
    brackets behind the column's name (`CET`, `DD/MM/YYYY`)."""
    spelled = _SPELLED.fullmatch(said.strip())
    if spelled:
        declared = "month" if spelled[1] and spelled[1][0] in "mM" else "day" if spelled[1] else declared
    zone = zone_named(said)
    unclear = "" if spelled or zone or _NO_ZONE.fullmatch(said.strip()) else said.strip()
    orders: dict[str, Order | None] = {}
    real: list[int] = []
    for cell in cells:
        if isinstance(cell, datetime | date):
            real.append(cell.day)
        elif isinstance(found := _parsed(cell), _Ambiguous) and found.settles and found.first != found.second:
            known = orders.setdefault(found.mark, found.settles)
            orders[found.mark] = known if known == found.settles else None
    return DateColumn(
        orders, declared or usual, swapped=bool(orders and real) and max(real) <= 12, zone=zone, unclear=unclear
    )


def is_date(cell: object) -> bool:
    """Whether a cell is a day in any spelling known here."""
    return isinstance(cell, datetime | date) or _parsed(cell) is not None


def midnight(day: date, zone: ZoneInfo) -> int:
    """The time of a row that names a day: local midnight in nanoseconds UTC."""
    nanos = local_time.local_moment(day, time(), zone)
    if nanos is None:
        raise ValueError(f"{day} is outside the years 1679 to 2260")
    return nanos


def iso_day(nanos: int, zone: ZoneInfo) -> str:
    """The local date of a moment."""
    return date.fromisoformat(local_time.iso_of(nanos, zone)[:10]).isoformat()


def _local(found: date | datetime, zone: ZoneInfo) -> date:
    if not isinstance(found, datetime):
        return found
    return (found.astimezone(zone) if found.tzinfo is not None else found).date()


def _parsed(cell: object) -> date | datetime | _Ambiguous | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _counted(float(cell))
    if not isinstance(cell, str) or not (text := cell.strip()) or len(text) > 60:
        return None
    if _SERIAL.fullmatch(text):
        return _counted(float(text.replace(",", ".")))
    for read in (datetime.fromisoformat, _with_offset):
        try:
            return read(text)
        except ValueError:
            continue
    return _numbered(text) or worded_day(text) or worded_day(_CLOCK_AT_END.sub("", text))


def _with_offset(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M %z")


def _counted(days: float) -> datetime | None:
    """A day as spreadsheets keep it."""
    if not _FIRST_SERIAL <= days <= _LAST_SERIAL:
        return None
    return _SPREADSHEET_EPOCH + timedelta(days=int(days))


def _numbered(text: str) -> date | _Ambiguous | None:
    found = _PARTS.match(text)
    if found is None or not _CLOCK.fullmatch(found["rest"]):
        return None
    first, second, third = int(found["a"]), int(found["b"]), int(found["c"])
    try:
        if len(found["a"]) == 4:
            return date(first, second, third)
        if len(found["a"]) > 2:
            return None
        parts = _Ambiguous(text, first, second, found["mark"], third + (2000 if third < 100 else 0))
        parts.day(parts.settles or "day")
    except ValueError:
        return None
    return parts


def says_total(cell: object) -> bool:
    """Whether a cell marks a row of sums."""
    return (
        isinstance(cell, str)
        and len(cell) <= _LONGEST_TOTAL
        and not cell[:1].isdigit()
        and plain(cell) in total_words()
    )
