"""Tables of a TOML file, read key by key: every mistake with its line, in one sentence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeVar

TABLES = ("rule", "receiver", "maintenance")
"""What a file of alerts may hold, each any number of times."""
_NEEDED = object()
T = TypeVar("T")


@dataclass(frozen=True)
class Mistake:
    """What is wrong, and where."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class Wrong(ValueError):
    """A sentence about one key of a table."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


class Taken:
    """Keys of a table, each taken with its kind checked; what nobody took is a mistake."""

    def __init__(self, entry: Mapping[str, Any], what: str) -> None:
        self.entry, self._what, self._known = entry, what, set[str]()

    def _get(self, key: str, default: Any) -> Any:
        self._known.add(key)
        if key not in self.entry and default is _NEEDED:
            raise Wrong(key, f"{key!r} is missing")
        return self.entry.get(key, default)

    def text(self, key: str, default: Any = _NEEDED) -> str:
        found = self._get(key, default)
        if not isinstance(found, str) or (default is _NEEDED and not found.strip()):
            raise Wrong(key, f"{key} must be a text")
        return found

    def number(self, key: str, default: float) -> float:
        found = self._get(key, default)
        if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
            raise Wrong(key, f"{key} must be a number")
        return float(found)

    def texts(self, key: str) -> tuple[str, ...]:
        found = self._get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise Wrong(key, f"{key} must be a list of texts, such as [{key!r}]")
        return tuple(found)

    def table(self, key: str) -> dict[str, Any]:
        found = self._get(key, {})
        if not isinstance(found, dict):
            raise Wrong(key, f"{key} must be a table, such as {{ platform = 'linkedin' }}")
        return found

    def choice(self, key: str, choices: tuple[Any, ...], default: Any = _NEEDED) -> Any:
        found = self.text(key, default)
        if found not in choices:
            raise Wrong(key, f"{key} = {found!r} is not known; say {', '.join(choices[:-1])} or {choices[-1]}")
        return found

    def parsed(self, key: str, read: Callable[[str], Any], default: Any = _NEEDED) -> Any:
        if key not in self.entry and default is not _NEEDED:
            self._known.add(key)
            return default
        try:
            return read(self.text(key))
        except Wrong:
            raise
        except ValueError as error:
            raise Wrong(key, f"{key}: {error}") from None

    def require_all_known(self) -> None:
        for key in self.entry:
            if key not in self._known:
                raise Wrong(key, f"{key!r} is not a part of {self._what}; there are {', '.join(sorted(self._known))}")


def read_tables(
    text: str, file: str, table: str, read: Callable[[Mapping[str, Any], int], T], unique: Callable[[T], tuple[str, str]],
    tables: tuple[str, ...] = TABLES,
) -> tuple[list[T], list[Mistake]]:  # fmt: skip
    """What `read` makes of each `[[table]]` and its line, and what is wrong with the others and with the file.

    `unique` gives the key that no two may share, and its value. `tables` are those that the file may hold.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        return [], [Mistake(file, line, f"this is not TOML: {error}")]
    lines = _Lines(text, tables)
    named = " and ".join(f"[[{name}]]" for name in tables[:2])
    wrong = [Mistake(file, lines.of_top(key), f"{key!r} is not known here: a file has {named} tables")
             for key in document if key not in tables]  # fmt: skip
    entries = document.get(table, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        said = f"write [[{table}]] in double brackets: there can be several"
        return [], [*wrong, Mistake(file, lines.of_top(table), said)]
    found: list[T] = []
    taken: set[tuple[str, str]] = set()
    for number, entry in enumerate(entries):
        try:
            one = read(entry, lines.of_table(table, number))
            key, value = mark = unique(one)
            if mark in taken:
                raise Wrong(key, f"the {key} {value!r} is used twice")
            taken.add(mark)
            found.append(one)
        except Wrong as error:
            wrong.append(Mistake(file, lines.of_key(table, number, error.key), str(error)))
    return found, wrong


class _Lines:
    """Where tables and their keys stand; tomllib does not say."""

    def __init__(self, text: str, tables: tuple[str, ...]) -> None:
        self._lines = text.splitlines()
        heads = re.compile(rf"\s*\[\[\s*({'|'.join(tables)})\s*\]\]")
        self._heads = [(n, match[1]) for n, line in enumerate(self._lines, 1) if (match := heads.match(line))]

    def of_table(self, table: str, number: int) -> int:
        own = [n for n, name in self._heads if name == table]
        return own[number] if number < len(own) else 1

    def of_key(self, table: str, number: int, key: str) -> int:
        first = self.of_table(table, number)
        return self._first(key, first, next((n - 1 for n, _ in self._heads if n > first), len(self._lines)))

    def of_top(self, key: str) -> int:
        return self._first(key, 1, len(self._lines))

    def _first(self, key: str, first: int, last: int) -> int:
        pattern = re.compile(rf"\s*\[?\s*[\"']?{re.escape(key)}[\"']?\s*[=\]]")
        places = (n for n in range(first, last + 1) if pattern.match(self._lines[n - 1]))
        return next(places, first)
