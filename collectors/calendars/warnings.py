"""What is wrong with calendars as they are now, in sentences for people. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from collectors.calendars.containers import UNDERSTOOD
from collectors.calendars.parse import Calendar
from collectors.json_places import NotJson
from collectors.platforms import unresolved, unresolved_platforms
from metricstore.quantities import quantity

_WORTH_SAYING = 0.1
"""Share of a calendar's items that can't be used from which on it is more than a slip."""

HINT = "Correct the calendar, or leave it: everything else in it is collected."


def unusable_file(name: str, reason: str) -> str:
    """For a file from which nothing could be read."""
    return f"{name} yields no posts: it {reason}. Understood would be {UNDERSTOOD}."


def incomplete_json(name: str, error: NotJson) -> str:
    return (
        f"{name} yields no posts: it isn't complete JSON ({error.reason} in line {error.line}). "
        "What it held before stays as it is; write it again."
    )


def broken_file(name: str, line: int, reason: str) -> str:
    """For a calendar that can't be read at all: why the run has failed."""
    return f"{name}, line {line}: {reason}" if line else f"{name}: {reason}"


def foreign_file(name: str) -> str:
    return f"{name} looks like a calendar by its name, but only JSON is read: {UNDERSTOOD}."


def of_calendar(name: str, calendar: Calendar) -> tuple[list[str], dict[str, int]]:
    """Warnings of a file that is a calendar, and how many items it has for each platform that isn't a known network."""
    unused = [one for one in calendar.rejected if not one.kept]
    total = len(calendar.items) + len(unused)
    platforms = Counter(item.platform for item in calendar.items if unresolved(item.platform))
    if not unused or len(unused) < _WORTH_SAYING * total:
        return [], dict(platforms)
    return [
        f"{name}: {len(unused):,} of {quantity(total, 'items')} can't be used; the first is in line {unused[0].line}: {unused[0].reason}. "
        f"Understood would be {UNDERSTOOD}."
    ], dict(platforms)


def remembered(files: Mapping[str, Mapping[str, Any]], foreign: Iterable[str]) -> list[str]:
    """All warnings, from what the checkpoint remembers of the files that are there."""
    own = [text for _, kept in sorted(files.items()) for text in kept.get("warnings", ())]
    platforms = {name: kept["platforms"] for name, kept in files.items() if kept.get("platforms")}
    return [*own, *unresolved_platforms(platforms), *map(foreign_file, sorted(foreign))]
