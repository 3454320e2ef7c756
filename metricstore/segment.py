"""What someone may see at most: a set of filters, a range and a finest window that can be narrowed, never widened.

Users, API tokens, embeds and downloads carry segments; `metricstore.restriction` makes them hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from metricstore import vocabulary
from metricstore.catalogue import MEASUREMENTS
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.query import Filter, check_filters
from metricstore.selection import Selection, resolve, split_values
from metricstore.selection import join_values as joined
from metricstore.time_parts import TIME_PARTS
from metricstore.windows import Window, zone

NOWHERE = "(none)"
"""A value nothing has: what a filter without any value lets through."""
_OWN = ("start", "stop", "tz", "every")


@dataclass(frozen=True)
class Segment:
    """Plain, hashable, and written in the words of a page's address (see `metricstore.selection`).

    `start`, `stop`: moments as in a selection, relative ones move along; "" sets no limit.
    `every`: the finest window answers may have; with one, single records stay closed. "" sets no limit.
    `where`: values (with `!`, `~`, `>=`, `<=`) by column; a column without values lets nothing through.
    """

    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    start: str = ""
    stop: str = ""
    timezone: str = "UTC"
    every: str = ""

    @classmethod
    def of_platforms(cls, platforms: tuple[str, ...]) -> Segment:
        return cls((("platform", tuple(sorted(platforms))),))

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> Segment:
        """From an address's words; InvalidQuestion or UnknownName says which one is wrong."""
        columns = {column for source in MEASUREMENTS.values() for column in source.columns} | set(TIME_PARTS)
        where = []
        for name in sorted(set(params) - set(_OWN)):
            if name == "time" or name not in columns:
                raise UnknownName("filter", name, tuple(sorted(columns - {"time"})))
            where.append((name, vocabulary.canonical_words(name, split_values(params[name]))))
        found = cls(tuple(where), params.get("start", ""), params.get("stop", ""), params.get("tz") or "UTC",
                    params.get("every", ""))  # fmt: skip
        check_filters(MEASUREMENTS["post"], tuple(f for f in found.filters() if f.column in TIME_PARTS))
        found.range(datetime.now().astimezone())
        if found.every:
            Window.parse(found.every)
        return found

    def params(self) -> dict[str, str]:
        """The opposite of `from_params`."""
        zone_told = self.timezone if self.timezone != "UTC" else ""
        own = zip(_OWN, (self.start, self.stop, zone_told, self.every), strict=True)
        return {name: text for name, text in own if text} | {name: joined(values) for name, values in self.where}

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.where)

    @property
    def finest(self) -> Window | None:
        return Window.parse(self.every) if self.every else None

    def filters(self) -> tuple[Filter, ...]:
        found: list[Filter] = []
        for name, values in self.where:
            narrow = (
                Selection(where={name: values}, timezone=self.timezone).filters()
                if values
                else (Filter(name, "any", (NOWHERE,)),)
            )
            found.extend(narrow)
        return tuple(found)

    def range(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """[start, stop) in UTC as of `now`; None where there is no limit."""
        place = zone(self.timezone)
        stop = resolve("stop", self.stop, now, place) if self.stop else None
        start = resolve("start", self.start, now, place) if self.start else None
        if start is not None and stop is not None and not start < stop:
            raise InvalidQuestion("start", f"{self.start} is not before {self.stop}")
        return start, stop

    def lies_within(self, limit: Segment) -> bool:
        """Whether its filters let nothing through that those of `limit` do not."""
        own = self.filters()
        return all(any(_narrower(mine, theirs) for mine in own) for theirs in limit.filters())

    def holds(self, other: Segment) -> bool:
        """Whether nothing that `other` shows lies outside of it: filters, range and finest window."""
        own, theirs = ((one.start, one.stop, one.every) for one in (self, other))
        alike = own == theirs and (self.timezone == other.timezone or not any(own))
        return other.lies_within(self) and (alike or not any(own))

    def sentence(self) -> str:
        """What it lets through, for people: `platform is linkedin, from -90d, windows of 1d or longer`."""
        parts = [f"{name.replace('_', ' ')} is {joined(values) or 'nothing'}" for name, values in self.where]
        if self.start or self.stop:
            limits = (f"from {self.start}" if self.start else "", f"until {self.stop}" if self.stop else "")
            parts.append(" ".join(part for part in limits if part))
        if self.every:
            parts.append(f"windows of {self.every} or longer")
        return ", ".join(parts) or "everything"


def _narrower(mine: Filter, theirs: Filter) -> bool:
    """Whether all that passes one condition passes the other."""
    if (mine.column, mine.operator, mine.timezone) != (theirs.column, theirs.operator, theirs.timezone):
        return False
    if mine.operator == "any":
        return mine.values == (NOWHERE,) or set(mine.values) <= set(theirs.values)
    return set(mine.values) >= set(theirs.values) if mine.operator == "none" else mine == theirs
