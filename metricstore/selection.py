"""What a viewer has chosen: range, zone, window, comparison, filters. One object for pages, API and embeds.

Its parameters are the same words everywhere:
`start=-30d&stop=now&tz=Europe/Berlin&every=auto&compare=previous&platform=linkedin,twitter&outcome=!ok&topic=~launch`.
A value that begins with `!` excludes, with `~` searches text, with `\\` is meant literally (see `literal`); `field=>=5` and `field=<=9` are number ranges;
`""` stands for what has no such column. `assume=hourly_rate:60` changes what modelled metrics assume. `weekday=mon,tue` and `hour=09` filter by the wall clock of `tz`.
`stop` may lie ahead (`+30d`): calendar items carry publish dates of days to come. Relative moments count from now;
only a relative `start` before an absolute `stop` in the past counts from that stop.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import isfinite, nan
from typing import get_args
from zoneinfo import ZoneInfo

from metricstore.assumptions import USUAL, Assumed
from metricstore.errors import InvalidQuestion
from metricstore.query import Compare, Filter
from metricstore.time_parts import TIME_PARTS
from metricstore.windows import Window, auto_window, zone

QUANTUM_SECONDS = 5
RESERVED = ("start", "stop", "tz", "every", "compare", "assume")
OFF = "off"
"""The word of `compare` for no comparison, also where a page has one by default."""
PRESETS = ("-1h", "-6h", "-24h", "-7d", "-30d", "-90d", "-365d", "day", "week", "month", "quarter", "year")
# A plus sign typed into an address arrives as a space.
_RELATIVE = re.compile(r"([-+ ])([0-9]{1,9})(mo|[mhdwqy])")
NOTHING = '""'
_SIGNS = ("!", "~", ">=", "<=", "\\")
_WORD = re.compile(r"(?:\\[\\,]|[^,])+")
_ESCAPED, _SPECIAL = re.compile(r"\\([\\,])"), re.compile(r"[\\,]")
_OFFSET_AS_SPACE = re.compile(r" (\d\d:\d\d)$")
_EARLIEST, _LATEST = datetime(1700, 1, 1, tzinfo=UTC), datetime(2260, 1, 1, tzinfo=UTC)
"""What 64 bits of nanoseconds hold, with room for windows and comparisons at both ends."""
_SPAN = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_CALENDAR = {"day": "1d", "week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}


def settled_now() -> datetime:
    """Now, rounded up to five seconds: those who ask the same within them ask the very same question, which a cache
    can answer, and nobody misses what was written a moment ago."""
    now = datetime.now(UTC)
    whole = now.replace(microsecond=0, second=now.second - now.second % QUANTUM_SECONDS)
    return whole + timedelta(seconds=QUANTUM_SECONDS)


@dataclass(frozen=True)
class Selection:
    """Immutable; `where` keeps filters by column, each with its raw value words (see module text)."""

    start: str = "-30d"
    stop: str = "now"
    timezone: str = "UTC"
    every: str = "auto"
    compare: Compare | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assume: Assumed = USUAL
    """What modelled metrics assume."""
    exact: bool = False
    """Whether percentiles must not be estimated, whatever the range. No part of an address."""

    @classmethod
    def from_params(cls, params: Mapping[str, str], default: Selection | None = None) -> Selection:
        """Read a query string's values; unknown keys are filters. InvalidQuestion names the bad parameter.

        What people ask with goes through `metricstore.vocabulary`, which knows filters and their values.
        """
        base = default or cls()
        compare = params.get("compare", base.compare or "") or None
        if compare == OFF:
            compare = None
        elif compare is not None and compare not in get_args(Compare):
            raise InvalidQuestion("compare", f"{compare!r}; say previous, weekdays, year or {OFF}")
        words = {key: split_values(text) for key, text in params.items() if key not in RESERVED}
        for key, values in words.items():
            if not values:
                raise InvalidQuestion(key, 'has no value: leave it out for everything, or say "" for what has none')
        chosen = cls(params.get("start", base.start), params.get("stop", base.stop), params.get("tz", base.timezone),
                     params.get("every", base.every), compare, words or base.where,  # type: ignore[arg-type]
                     base.assume.with_words(params.get("assume", "")))  # fmt: skip
        chosen.range()
        if chosen.every not in ("auto", "none"):
            Window.parse(chosen.every)
        return chosen

    def params(self, default: Selection | None = None) -> dict[str, str]:
        """The opposite of `from_params` with the same `default`: only what differs from it, in a stable order."""
        plain = default or Selection()
        found = {}
        for key, mine, usual in (
            ("start", self.start, plain.start), ("stop", self.stop, plain.stop), ("tz", self.timezone, plain.timezone),
            ("every", self.every, plain.every), ("compare", self.compare or "", plain.compare or ""),
            ("assume", self.assume.words(plain.assume), ""),
        ):  # fmt: skip
            if mine != usual:
                found[key] = mine
        for key in sorted(self.where):
            found[key] = join_values(self.where[key])
        return found

    def range(self, now: datetime | None = None) -> tuple[datetime, datetime]:
        """[start, stop) in UTC."""
        tz = zone(self.timezone)
        moment = now or datetime.now(UTC)
        stop = resolve("stop", self.stop, moment, tz)
        from_stop = stop < moment and self.start not in _CALENDAR and not _RELATIVE.fullmatch(self.stop)
        anchor = stop if from_stop else moment
        start = resolve("start", self.start, anchor, tz)
        if not start < stop:
            raise InvalidQuestion("start", f"{self.start} is not before {self.stop}")
        return start, stop

    def window(self, now: datetime | None = None) -> Window | None:
        if self.every == "none":
            return None
        if self.every == "auto":
            return auto_window(*self.range(now))
        return Window.parse(self.every)

    def filters(self, columns: tuple[str, ...] | None = None) -> tuple[Filter, ...]:
        """Conditions for a measurement that has `columns`; filters on other columns are left out."""
        found: list[Filter] = []
        for column in sorted(self.where):
            if columns is None or column in columns or column in TIME_PARTS:
                found.extend(_conditions(column, self.where[column], self.timezone))
        return tuple(found)

    def narrowed(self, column: str, values: tuple[str, ...]) -> Selection:
        """The same with the filter on `column` replaced; empty `values` remove it."""
        where = {key: words for key, words in self.where.items() if key != column}
        if values:
            where[column] = values
        return replace(self, where=where)


def split_values(text: str) -> tuple[str, ...]:
    r"""Split at commas; `\,` is a comma of the value itself, `\\` a backslash, and `""` is the value "" (without it)."""
    words = [_ESCAPED.sub(r"\1", word) for word in _WORD.findall(text)]
    return tuple("" if word == NOTHING else word for word in words)


def signed(word: str) -> tuple[str, str]:
    """The sign that a word begins with, "" for none, and the rest."""
    sign = next((one for one in _SIGNS if word.startswith(one)), "")
    return sign, word.removeprefix(sign)


def literal(value: str) -> str:
    """The word that stands for exactly this value, whatever sign it begins with."""
    special = value.startswith(_SIGNS) or value == NOTHING
    return f"\\{value}" if special else value


def join_values(words: tuple[str, ...]) -> str:
    """The opposite of `split_values`."""
    return ",".join(_SPECIAL.sub(r"\\\g<0>", word) or NOTHING for word in words)


def _conditions(column: str, words: tuple[str, ...], timezone: str) -> list[Filter]:
    kinds: dict[str, list[str | float]] = {}
    for word in words:
        if word.startswith((">=", "<=")):
            kinds["min" if word[0] == ">" else "max"] = [_number(column, word)]
        elif word.startswith("!"):
            kinds.setdefault("none", []).append(word[1:])
        elif word.startswith("~"):
            kinds.setdefault("contains", []).append(word[1:])
        elif word.startswith("\\"):
            kinds.setdefault("any", []).append(word[1:])
        else:
            kinds.setdefault("any", []).append(word)
    clock = timezone if column in TIME_PARTS else "UTC"
    return [Filter(column, kind, tuple(values), clock) for kind, values in kinds.items()]  # type: ignore[arg-type]


def _number(column: str, word: str) -> float:
    try:
        number = float(word[2:])
    except ValueError:
        number = nan
    if not isfinite(number):
        raise InvalidQuestion(column, f"{word!r}: not a number")
    return number


def resolve(name: str, text: str, now: datetime, tz: ZoneInfo) -> datetime:
    """A moment (UTC) from `now`, `-7d`, `+7d`, `week` (its start) or ISO 8601 (zone-less: in `tz`)."""
    if text == "now":
        return now.astimezone(UTC)
    if text in _CALENDAR:
        return Window.parse(_CALENDAR[text]).floor(now, tz)
    try:
        if match := _RELATIVE.fullmatch(text):
            count = int(match[2]) * (-1 if match[1] == "-" else 1)
            return _within(_moved(now, count, match[3], tz))
        return _within(_iso(name, text, tz))
    except OverflowError:
        raise InvalidQuestion(name, f"{text!r} is too far away; moments from 1700 to 2259 can be asked") from None


def _iso(name: str, text: str, tz: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(_OFFSET_AS_SPACE.sub(r"+\1", text) if "T" in text else text)
    except ValueError:
        raise InvalidQuestion(name, f"{text!r} is neither ISO 8601 nor like -7d, +7d, now or week") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=tz)).astimezone(UTC)


def _within(moment: datetime) -> datetime:
    if not _EARLIEST <= moment < _LATEST:
        raise OverflowError
    return moment


def _moved(now: datetime, count: int, unit: str, tz: ZoneInfo) -> datetime:
    """`now` moved by `count` units: minutes and hours on the clock, days and longer on the zone's calendar."""
    if unit in ("m", "h"):
        return (now + count * _SPAN[unit]).astimezone(UTC)
    local = now.astimezone(tz)
    if unit in _SPAN:
        return (local + count * _SPAN[unit]).astimezone(UTC)
    months = local.year * 12 + local.month - 1 + count * _MONTHS[unit]
    if not 12 <= months < 12 * 9999:
        raise OverflowError
    first = local.replace(year=months // 12, month=months % 12 + 1, day=1)
    following = first.replace(day=28) + timedelta(days=4)
    last_day = (following - timedelta(days=following.day)).day
    return first.replace(day=min(local.day, last_day)).astimezone(UTC)
