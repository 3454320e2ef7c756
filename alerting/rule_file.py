"""Rules from a TOML file: every mistake with its line, in one sentence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args

from alerting import rule_words as words
from alerting.limits import Limit
from alerting.rule import AGAINST, KINDS, WEEKDAYS, Kind, Rule, Severity, Span

_HYSTERESIS = 0.1
"""Without `clear` a value must come back so far inside of `fire`."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong, and where."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class _Wrong(ValueError):
    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


def read_rules(text: str, file: str) -> tuple[list[Rule], list[Mistake]]:
    """Rules that are right in themselves, and what is wrong with the others. `checking.mistakes` then compares them
    with the declared metrics."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        return [], [Mistake(file, line, f"this is not TOML: {error}")]
    lines = _Lines(text)
    rules: list[Rule] = []
    found = [Mistake(file, lines.of_key(None, key), f"{key!r} is not known here: a file has [[rule]] tables")
             for key in document if key != "rule"]  # fmt: skip
    entries = document.get("rule", [])
    if not isinstance(entries, list):
        return [], [*found, Mistake(file, 1, "write [[rule]] in double brackets: there can be several")]
    for number, entry in enumerate(entries):
        try:
            rule = _rule(entry, file, lines.of_rule(number))
            if any(other.id == rule.id for other in rules):
                raise _Wrong("id", f"the id {rule.id!r} is used twice")
            rules.append(rule)
        except _Wrong as wrong:
            found.append(Mistake(file, lines.of_key(number, wrong.key), str(wrong)))
    return rules, found


class _Lines:
    """Where tables and their keys stand; tomllib does not say."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._rules = [n for n, line in enumerate(self._lines, 1) if re.match(r"\s*\[\[\s*rule\s*\]\]", line)]

    def of_rule(self, number: int) -> int:
        return self._rules[number] if number < len(self._rules) else 1

    def of_key(self, number: int | None, key: str) -> int:
        first = 1 if number is None else self.of_rule(number)
        later = [line for line in self._rules if line > first] if number is not None else []
        last = later[0] - 1 if later else len(self._lines)
        pattern = re.compile(rf"\s*\[?\s*[\"']?{re.escape(key)}[\"']?\s*[=\]]")
        places = (n for n in range(first, last + 1) if pattern.match(self._lines[n - 1]))
        return next(places, first)


def _rule(entry: Mapping[str, Any], file: str, line: int) -> Rule:
    taken = _Taken(entry)
    kind = taken.choice("kind", tuple(KINDS), "value")
    fire = _fire(taken, kind)
    clear = taken.parsed("clear", Limit.parse, None) or (
        Limit(">=", 1) if kind == "absent" else fire.inside(_HYSTERESIS)
    )
    _require_clear(fire, clear)
    rule = Rule(
        id=taken.parsed("id", words.rule_id), title=taken.text("title", taken.text("id", "")), kind=kind, metric=taken.text("metric"),
        every=taken.text("every"), fire=fire, clear=clear, by=taken.texts("by"),
        where=taken.parsed("where", words.where, {}), timezone=taken.text("timezone", "UTC"),
        needs=taken.parsed("needs", words.needs, None), needed=taken.parsed("for", words.span, Span()),
        keep=taken.parsed("keep", words.duration, timedelta(0)), quiet=taken.parsed("quiet", words.duration, timedelta(hours=12)),
        severity=taken.choice("severity", get_args(Severity), "ticket"), page=taken.parsed("page", Limit.parse, None),
        against=taken.choice("against", tuple(AGAINST), "previous"), least=taken.number("least", 0.0),
        weekdays=taken.weekdays(), owner=taken.text("owner", ""), runbook=taken.text("runbook", ""),
        notify=taken.texts("notify"), repeat=taken.parsed("repeat", words.duration, timedelta(hours=24)), file=file, line=line,
    )  # fmt: skip
    taken.require_all_known()
    return rule


def _require_clear(fire: Limit, clear: Limit) -> None:
    if clear.upwards == fire.upwards:
        raise _Wrong("clear", f"clear = {str(clear)!r} looks the same way as fire = {str(fire)!r}: turn its sign round")
    if fire.reached(clear.value) and clear.value != fire.value:
        raise _Wrong(
            "clear", f"clear = {str(clear)!r} is beyond fire = {str(fire)!r}: an alert could fire and end at once"
        )


def _fire(taken: _Taken, kind: Kind) -> Limit:
    if kind == "absent":
        if "fire" in taken.entry:
            raise _Wrong("fire", "a rule of kind 'absent' fires when nothing was counted: leave out fire")
        return Limit("<", 1)
    fire = taken.parsed("fire", Limit.parse)
    if fire.percent and kind != "change":
        raise _Wrong(
            "fire", "only a rule of kind 'change' has a limit in percent of an earlier window; leave out the %"
        )
    if kind == "band" and (not fire.upwards or fire.value <= 0):
        raise _Wrong("fire", "a band's limit is a number of usual spreads, such as '> 4'")
    return fire


_NEEDED = object()


class _Taken:
    """Keys of a table, each taken with its kind checked; what nobody took is a mistake."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.entry, self._known = entry, set[str]()

    def _get(self, key: str, default: Any) -> Any:
        self._known.add(key)
        if key not in self.entry and default is _NEEDED:
            raise _Wrong(key, f"{key!r} is missing")
        return self.entry.get(key, default)

    def text(self, key: str, default: Any = _NEEDED) -> str:
        found = self._get(key, default)
        if not isinstance(found, str) or (default is _NEEDED and not found.strip()):
            raise _Wrong(key, f"{key} must be a text")
        return found

    def number(self, key: str, default: float) -> float:
        found = self._get(key, default)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise _Wrong(key, f"{key} must be a number")
        return float(found)

    def texts(self, key: str) -> tuple[str, ...]:
        found = self._get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise _Wrong(key, f"{key} must be a list of texts, such as [{key!r}]")
        return tuple(found)

    def choice(self, key: str, choices: tuple[Any, ...], default: str) -> Any:
        found = self.text(key, default)
        if found not in choices:
            raise _Wrong(key, f"{key} = {found!r} is not known; say {', '.join(choices[:-1])} or {choices[-1]}")
        return found

    def weekdays(self) -> tuple[str, ...]:
        found = self.texts("weekdays") or WEEKDAYS
        for day in found:
            if day not in WEEKDAYS:
                raise _Wrong("weekdays", f"{day!r} is not a weekday; say {', '.join(WEEKDAYS)}")
        return found

    def parsed(self, key: str, read: Callable[[str], Any], default: Any = _NEEDED) -> Any:
        if key not in self.entry and default is not _NEEDED:
            self._known.add(key)
            return default
        try:
            return read(self.text(key))
        except _Wrong:
            raise
        except ValueError as error:
            raise _Wrong(key, f"{key}: {error}") from None

    def require_all_known(self) -> None:
        for key in self.entry:
            if key not in self._known:
                raise _Wrong(key, f"{key!r} is not a part of a rule; there are {', '.join(sorted(self._known))}")
