"""One alert as it was last decided, and what a group of a rule remembers between two rounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from math import isnan, nan
from typing import Any

from alerting.course import State

CORRECTED = "corrected"
GONE = "gone"
MOST_TEXTS = 5


@dataclass(frozen=True)
class Alert:
    """`number` is unique within its group and stays the same, whatever later data change."""

    number: int
    fired: datetime
    """The end of the window that decided it."""
    value: float
    """Of that window, in the metric's unit."""
    usual: float = nan
    raised: bool = False
    ended: datetime | None = None
    how: str = ""
    """`resolved`, `quiet`, GONE or CORRECTED once it ended."""
    told: datetime | None = None
    """When somebody was last written to about it; None: never, as when it is muted."""
    told_raised: bool = False
    untold: int = 0
    """Of a rule about single records: how many of them nobody was written to about."""
    reported: int = 0
    """How many it is about in all, so far."""
    texts: tuple[str, ...] = ()
    """What the first of the latest ones are, at most MOST_TEXTS."""

    @property
    def open(self) -> bool:
        return self.ended is None


@dataclass(frozen=True)
class Memory:
    """`base` is the state after all windows that end by `since`; those after it may still change and are judged again
    in each round, until `until`."""

    since: datetime
    until: datetime
    base: State = field(default_factory=State)
    alerts: tuple[Alert, ...] = ()
    """Those that are open, those that fired or ended after `since`, and those that ended lately, in order."""
    last: int = 0
    """The highest number ever given."""
    blind: bool = False

    @property
    def open(self) -> Alert | None:
        return next((each for each in self.alerts if each.open), None)

    def with_alert(self, changed: Alert) -> Memory:
        """The same with the alert of that number replaced."""
        return replace(self, alerts=tuple(changed if one.number == changed.number else one for one in self.alerts))


def as_document(memory: Memory) -> dict[str, Any]:
    """As JSON; `from_document` reads it."""
    return {
        **_plain(memory),
        "base": _plain(memory.base),
        "alerts": [_plain(each) for each in memory.alerts],
    }


def from_document(document: Mapping[str, Any]) -> Memory:
    base = _read(State, document["base"])
    parts = {
        "base": replace(base, breaches=tuple(base.breaches), known=tuple(base.known)),
        "alerts": tuple(
            replace(one, texts=tuple(one.texts)) for one in (_read(Alert, each) for each in document["alerts"])
        ),
    }
    return Memory(**_times(Memory, document) | parts)


def _plain(thing: Any) -> dict[str, Any]:
    """Moments as ISO 8601; NaN, which JSON does not know, as null."""

    def value(one: Any) -> Any:
        if isinstance(one, datetime):
            return one.isoformat()
        return None if isinstance(one, float) and isnan(one) else one

    return {name: value(one) for name, one in asdict(thing).items()}


def _times(kind: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for each in fields(kind):
        value = document.get(each.name, each.default)
        if isinstance(value, str) and "datetime" in str(each.type):
            value = datetime.fromisoformat(value)
        found[each.name] = nan if value is None and each.type == "float" else value
    return found


def _read(kind: Any, document: Mapping[str, Any]) -> Any:
    return kind(**_times(kind, document))
