"""Where in a calendar file the items stand: in a list, wrapped in objects, keyed by date, network or id. Pure.

A file is read when exactly one place in it holds items, so that nothing is guessed. A place is the way to it from the
top: `posts[]`, `calendar.items[]`, `{date}`, `weeks[].posts[]`, `{network}[]`, `week_#[]`. With none, or with several (`posts[]`
and `drafts[]`), the file isn't read and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from collectors.calendars.fields import kind_of
from collectors.calendars.publish_times import DATES, has_date
from collectors.json_places import NotJson, Placed, document, elements, members, sequence
from collectors.platforms import platform_named, unresolved

_DEPTH = 6
_CONTENT = ("content", "tweets")
_SIGNS = (*_CONTENT, "topic", "platform", "prompt_type", "post_number")
"""Besides its date an object has one of these, or it isn't taken for an item."""
_EMPTY = frozenset(
    {"posts", "items", "calendar", "entries", "content_calendar", "schedule", "data", "tweets", "threads"}
)
"""An empty list by one of these names is a calendar without items."""
UNDERSTOOD = (
    "a list of items, or objects around one such list; an item is an object with publish_date, scheduled_date or date and "
    f"one of {', '.join(_SIGNS)}"
)

Way = tuple[str, ...]
"""From the top to the items: keys, `[]` for the parts of a list, `{date}` `{network}` `{id}` for keys that say such a thing."""


class NoCalendar(ValueError):
    """Complete JSON, but not items at one place: says what is there."""


@dataclass(frozen=True)
class Entry:
    """A part of a calendar that should be an item, and what the keys it stands under say of it."""

    placed: Placed
    date: date | None = None
    platform: str | None = None


def entries(text: str, *, finished: bool) -> list[Entry]:
    """The parts of the one place that holds items. NotJson for a cut file, NoCalendar for another kind of file.

    `finished`: nobody is still writing, so that the last line of a file with an item in each line is whole, too.
    """
    try:
        root = document(text)
    except NotJson as error:
        lines = sequence(text, finished=finished)
        if lines is None or not any(_is_item(line.value) for line in lines):
            raise error from None
        return [Entry(line) for line in lines]
    return list(_follow(text, Entry(root), _way(root.value)))


def _way(root: Any) -> Way:
    found = sorted(set(_ways(root, (), dated=False)))
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        named = ", ".join(map(_spelled, found[:5]))
        raise NoCalendar(
            f"holds items at {len(found)} places ({named}), so it isn't clear which of them are the calendar"
        )
    if isinstance(root, list):
        return ("[]",)  # each part is refused on its own, with its line
    empty = () if _is_item(root) else _empty_list(root)
    if empty is None:
        raise NoCalendar(f"holds {_described(root)}, and no items in it")
    return empty


def _ways(value: Any, way: Way, *, dated: bool) -> Iterator[Way]:
    """To each list or object that has items as its parts; `dated`: what stands above them says their date."""
    if len(way) > _DEPTH:
        return
    if isinstance(value, list):
        if any(_is_item(part, dated=dated) for part in value):
            yield (*way, "[]")
        else:
            for part in value:
                yield from _ways(part, (*way, "[]"), dated=dated)
    elif isinstance(value, dict):
        steps = _steps(value)
        for key, part in value.items():
            here = dated or steps[key] == "{date}" or _own_day(value, way) is not None
            if steps[key] in ("{date}", "{id}") and _is_item(part, dated=here):
                yield (*way, steps[key])
            else:
                yield from _ways(part, (*way, steps[key]), dated=here)


def _steps(table: Mapping[str, Any]) -> dict[str, str]:
    """For each key of an object how a way goes through it."""
    only_objects = all(isinstance(part, dict) for part in table.values()) and not any(map(_day, table))
    if only_objects and sum(map(_is_item, table.values())) * 2 > len(table):
        return dict.fromkeys(table, "{id}")
    return {key: _step(key) for key in table}


def _step(key: str) -> str:
    if _day(key):
        return "{date}"
    return "{network}" if _network(key) else re.sub(r"\d+", "#", key)


def _follow(text: str, entry: Entry, way: Way, gone: Way = ()) -> Iterator[Entry]:
    """The parts at the end of `way`, with what the keys and objects passed on the way say of them."""
    value = entry.placed.value
    if not way:
        yield entry
    elif way[0] == "[]" and isinstance(value, list):
        for part in elements(text, entry.placed):
            yield from _follow(text, Entry(part, entry.date, entry.platform), way[1:], (*gone, "[]"))
    elif way[0] != "[]" and isinstance(value, dict):
        steps, own = _steps(value), _own_day(value, gone) or entry.date
        platform = platform_named(value.get("platform")) or entry.platform
        for key, part in members(text, entry.placed):
            if steps[key] == way[0]:
                here = Entry(part, _day(key) or own, _network(key) or platform)
                yield from _follow(text, here, way[1:], (*gone, way[0]))


def _is_item(value: Any, *, dated: bool = False) -> bool:
    """Whether an object looks like an item; `dated`: what it stands under says its date.

    One that holds a list of items is an item itself only with a content of its own: else it is a week of them, say.
    """
    if not isinstance(value, dict) or not (dated or has_date(value)):
        return False
    if any(value.get(sign) is not None for sign in _CONTENT):
        return True
    inside = any(isinstance(part, list) and any(isinstance(one, dict) for one in part) for part in value.values())
    return any(value.get(sign) is not None for sign in _SIGNS) and not inside


def _own_day(table: Mapping[str, Any], way: Way) -> date | None:
    """The date of an object in a list (a day with its posts). At the top it may as well be when the file was made."""
    if not way or way[-1] != "[]":
        return None
    return next((day for name in DATES if isinstance(table.get(name), str) and (day := _day(table[name]))), None)


def _empty_list(root: Any, depth: int = 0) -> Way | None:
    if not isinstance(root, dict) or depth > 1:
        return None
    found = [(key, "[]") for key, part in root.items() if part == [] and key.lower() in _EMPTY]
    deeper = [(key, *way) for key, part in root.items() if (way := _empty_list(part, depth + 1)) is not None]
    others = any(isinstance(part, list) and part for part in root.values())
    return (found + deeper)[0] if len(found + deeper) == 1 and not others else None


def _day(key: str) -> date | None:
    try:
        return date.fromisoformat(key[:10]) if re.match(r"\d{4}-\d{2}-\d{2}(?:$|[T ])", key) else None
    except ValueError:
        return None


def _network(key: str) -> str | None:
    """The network a key names; the word `content` names items, too, so it counts for none."""
    name = platform_named(key) if key.lower() not in ("content", "contents") else None
    return name if name and unresolved(name) is None else None


def _spelled(way: Way) -> str:
    return ".".join(way).replace(".[]", "[]")


def _described(value: Any) -> str:
    if not isinstance(value, dict):
        return kind_of(value)
    if not value:
        return "an empty object"
    keys = ", ".join(repr(key[:40]) for key in list(value)[:6])
    return f"an object with {keys}{' …' if len(value) > 6 else ''}"
