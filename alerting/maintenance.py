"""Maintenance: times that come again on a wall clock, in which nobody is written to. Evaluation goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from alerting.rule import WEEKDAYS
from alerting.rule_words import clock, rule_id, zone_name
from alerting.tables import Mistake, Taken, Wrong, read_tables
from metricstore.windows import zone


@dataclass(frozen=True)
class Maintenance:
    name: str
    days: tuple[str, ...]
    """Weekdays on which it begins."""
    begin: time
    end: time
    """On the next day where it is not after `begin`."""
    timezone: str
    reason: str
    rules: tuple[str, ...] = ()
    """Ids; empty: every rule."""
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    def covers(self, rule: str, now: datetime) -> bool:
        """By what the clock on the wall shows: a night is as long as it is, an hour that is left out does not happen."""
        if self.rules and rule not in self.rules:
            return False
        wall = now.astimezone(zone(self.timezone))
        shown, today = wall.time().replace(tzinfo=None), WEEKDAYS[wall.weekday()]
        yesterday = WEEKDAYS[(wall - timedelta(days=1)).weekday()]
        if self.begin < self.end:
            return today in self.days and self.begin <= shown < self.end
        return (today in self.days and shown >= self.begin) or (yesterday in self.days and shown < self.end)

    def next(self, now: datetime) -> tuple[datetime, datetime] | None:
        """[begin, end) of the one that is on, else of the one that comes next. None: it does not happen within two weeks, as
        an hour that is left out."""
        place = zone(self.timezone)
        first = now.astimezone(place).date() - timedelta(days=1)
        for day in (first + timedelta(days=more) for more in range(16)):
            if WEEKDAYS[day.weekday()] not in self.days:
                continue
            last = day if self.begin < self.end else day + timedelta(days=1)
            begin = datetime.combine(day, self.begin, place).astimezone(UTC)
            end = datetime.combine(last, self.end, place).astimezone(UTC)
            if begin < end and end > now:
                return begin, end
        return None


def read_maintenance(text: str, file: str) -> tuple[list[Maintenance], list[Mistake]]:
    """Those that can be used, and what is wrong with the others."""
    return read_tables(
        text, file, "maintenance", lambda entry, line: _maintenance(entry, file, line), lambda each: ("name", each.name)
    )


def _maintenance(entry: Mapping[str, Any], file: str, line: int) -> Maintenance:
    taken = Taken(entry, "a maintenance")
    found = Maintenance(
        name=taken.parsed("name", rule_id), days=_days(taken), begin=taken.parsed("begin", clock), end=taken.parsed("end", clock),
        timezone=taken.parsed("timezone", zone_name, "UTC"), reason=taken.text("reason"), rules=taken.texts("rules"), file=file, line=line,
    )  # fmt: skip
    taken.require_all_known()
    return found


def _days(taken: Taken) -> tuple[str, ...]:
    found = taken.texts("days") or WEEKDAYS
    for day in found:
        if day not in WEEKDAYS:
            raise Wrong("days", f"{day!r} is not a weekday; say {', '.join(WEEKDAYS)}")
    return found
