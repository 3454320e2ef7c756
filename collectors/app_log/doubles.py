"""Records that stand in the log twice: written by two handlers, or by a program whose output goes to its own log too. Pure.

That two records are equal says nothing: programs that run side by side log the same in one millisecond. The sign is a
stretch in which every record stands twice or more, `A A B B C C` or `A B A B C D C D`, in whatever layouts. Of such a
stretch each record counts once.

First copies pass at once. A further copy is held until it is certain whether its stretch is long enough, and with it all
that follows, for order matters; that is a few records.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collectors.app_log.raw import Raw

STRETCH = 5
"""So many records in a row must stand twice for that to be no chance, with the same millisecond."""
COARSE_STRETCH = 8
"""The same where the log has no milliseconds: what happens side by side is equal more often."""
DISTINCT = 3
"""So many of them must differ in their text."""
REACH = 4
"""Other records may stand so many deep between a record and its copy."""
_KEPT = COARSE_STRETCH + REACH


@dataclass(slots=True)
class _Unit:
    """A record and its copies."""

    text: int
    second: int | None
    millisecond: int
    copies: int = 1
    exact: bool = True
    """Whether the copies have the same millisecond, and not only none."""


@dataclass(slots=True)
class _Held:
    raw: Raw
    unit: _Unit | None
    """What it is a further copy of; None for a first copy."""
    state: Mapping[str, Any] | None = None
    """How things stood before it, where it is a copy."""


@dataclass(slots=True)
class Stretch:
    """Where records were counted once that stand there more often."""

    file: str
    first: int
    last: int
    dropped: int


@dataclass
class Doubles:
    """Give it whole records in file order; it gives back those that count, in the same order."""

    _units: list[_Unit] = field(default_factory=list)
    """The latest records, without copies."""
    _run: list[tuple[int, bool]] = field(default_factory=list)
    """Text and exactness of the records with copies directly before those, as many as matter."""
    _held: list[_Held] = field(default_factory=list)
    _dropped: list[Raw] = field(default_factory=list)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Doubles:
        return cls(
            [_Unit(*unit) for unit in data.get("units", ())], [(text, exact) for text, exact in data.get("run", ())]
        )

    def to_json(self) -> Mapping[str, Any]:
        """As things stood before the first record that is held."""
        if self._held and self._held[0].state is not None:
            return self._held[0].state
        return self._state()

    def _state(self) -> dict[str, Any]:
        units = [[u.text, u.second, u.millisecond, u.copies, u.exact] for u in self._units]
        return {"units": units, "run": [list(each) for each in self._run]}

    def copy(self) -> Doubles:
        """To look ahead with. What is held is held by it too."""
        twin = Doubles(
            [_Unit(u.text, u.second, u.millisecond, u.copies, u.exact) for u in self._units], list(self._run)
        )
        of = {id(old): new for old, new in zip(self._units, twin._units, strict=True)}
        twin._held = [_Held(h.raw, of.get(id(h.unit), h.unit) if h.unit else None, h.state) for h in self._held]
        return twin

    @property
    def first_held(self) -> Raw | None:
        return self._held[0].raw if self._held else None

    def sort(self, raw: Raw) -> list[Raw]:
        """Those that certainly count, now that this one is there."""
        text = zlib.crc32(raw.lines[0].encode("utf-8", "surrogatepass"))
        unit = self._original(raw, text) if raw.headed else None
        if unit is None and not self._held:
            self._add(raw, text)
            return [raw]
        state = self._state() if unit is not None else None
        if unit is None:
            self._add(raw, text)
        else:
            unit.copies += 1
            unit.exact = unit.exact and bool(unit.millisecond or raw.millisecond)
        self._held.append(_Held(raw, unit, state))
        return list(self._decided())

    def take_dropped(self) -> list[Raw]:
        """Copies that do not count; each is given out once."""
        dropped, self._dropped = self._dropped, []
        return dropped

    def rest(self) -> list[Raw]:
        """Nothing follows: what is held stands in no long stretch."""
        held, self._held = self._held, []
        return [each.raw for each in held]

    def _original(self, raw: Raw, text: int) -> _Unit | None:
        for unit in reversed(self._units[-REACH:]):
            if unit.text == text and _same_time(unit, raw):
                return unit
        return None

    def _add(self, raw: Raw, text: int) -> None:
        second = raw.moments[0] if raw.moments else None
        self._units.append(_Unit(text, second, raw.millisecond))
        if len(self._units) > _KEPT:
            oldest = self._units.pop(0)
            if oldest.copies == 1:
                self._run.clear()
            else:
                self._run.append((oldest.text, oldest.exact))
                del self._run[:-COARSE_STRETCH]

    def _decided(self) -> Iterator[Raw]:
        verdicts = self._verdicts()
        while self._held:
            first = self._held[0]
            verdict = False if first.unit is None else verdicts.get(id(first.unit), False)
            if verdict is None:
                return
            self._held.pop(0)
            if verdict:
                self._dropped.append(first.raw)
            else:
                yield first.raw

    def _verdicts(self) -> dict[int, bool | None]:
        """Of each record with copies whether it stands in a long enough stretch; None while that is not certain."""
        verdicts: dict[int, bool | None] = {}
        stretch: list[_Unit] = []
        before, open_left = list(self._run), False
        for at, unit in enumerate([*self._units, None]):
            if unit is not None and unit.copies > 1:
                stretch.append(unit)
                continue
            open_right = unit is None or at >= len(self._units) - REACH
            if stretch:
                long = _long([*before, *((each.text, each.exact) for each in stretch)])
                verdict = True if long else None if open_left or open_right else False
                verdicts |= {id(each): verdict for each in stretch}
            stretch, before, open_left = [], [], open_right
        return verdicts


def _long(stretch: list[tuple[int, bool]]) -> bool:
    exact = sum(exact for _, exact in stretch)
    return (exact >= STRETCH or len(stretch) >= COARSE_STRETCH) and len({text for text, _ in stretch}) >= DISTINCT


def _same_time(unit: _Unit, raw: Raw) -> bool:
    if raw.moments is None or unit.second is None:
        return True
    return unit.second == raw.moments[0] and (
        unit.millisecond == raw.millisecond or not unit.millisecond or not raw.millisecond
    )
