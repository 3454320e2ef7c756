"""Records that stand in the log twice, side by side: written by two handlers, or by a program whose output goes to its own log too. Pure.

That two records are equal says nothing: programs that run side by side log the same in one millisecond. The sign is a
stretch in which every record stands twice or more, `A A B B C C` or `A B A B C D C D`, in whatever layouts. Of such a
stretch each record counts once.

First copies pass at once. A further copy is held until it is certain whether its stretch is long enough, and with it all
that follows, for order matters; that is a few records.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
SMALL = 64 << 10
"""Characters of a record that may be kept as it is for a while."""
_KEPT = COARSE_STRETCH + REACH
_NEAR = range(-1, -1 - REACH, -1)
_WATCHFUL = _KEPT + 1
"""So many records after a copy nothing is kept of it."""


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


@dataclass
class Doubles:
    """Give it whole records in file order; it gives back those that count, in the same order."""

    units: deque[_Unit | Raw] = field(default_factory=lambda: deque(maxlen=_KEPT))
    """The latest records, without copies; those that have none so far as they are."""
    _run: list[tuple[int, bool]] = field(default_factory=list)
    """Text and exactness of the records with copies directly before those, as many as matter."""
    held: list[_Held] = field(default_factory=list)
    dropped: list[Raw] = field(default_factory=list)
    """Copies that do not count; whoever asks takes them out."""
    watchful: int = _WATCHFUL
    """At how many of the next records it is not enough to look at the latest ones; at all others these are records, not units."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Doubles:
        return cls(
            deque((_Unit(*unit) for unit in data.get("units", ())), _KEPT),
            [(text, exact) for text, exact in data.get("run", ())],
        )

    def to_json(self) -> Mapping[str, Any]:
        """As things stood before the first record that is held."""
        if self.held and self.held[0].state is not None:
            return self.held[0].state
        return self._state()

    def _state(self) -> dict[str, Any]:
        units = [[u.text, u.second, u.millisecond, u.copies, u.exact] for u in map(_unit, self.units)]
        return {"units": units, "run": [list(each) for each in self._run]}

    def copy(self) -> Doubles:
        """To look ahead with. What is held is held by it too."""
        self.units = deque(map(_unit, self.units), _KEPT)
        copies = {id(unit): replace(unit) for unit in self.units if isinstance(unit, _Unit)}
        twin = Doubles(deque(copies.values(), _KEPT), list(self._run))
        twin.held = [_Held(h.raw, copies.get(id(h.unit), h.unit) if h.unit else None, h.state) for h in self.held]
        return twin

    def sort(self, raw: Raw) -> Sequence[Raw]:
        """Those that certainly count, now that this one is there."""
        self.watchful = max(0, self.watchful - 1)
        unit = self._original(raw) if raw.headed else None
        if unit is None:
            self._add(raw)
            if not self.held:
                return (raw,)
            self.held.append(_Held(raw, None))
        else:
            state, self.watchful = self._state(), _WATCHFUL
            unit.copies += 1
            unit.exact = unit.exact and bool(unit.millisecond or raw.millisecond)
            self.held.append(_Held(raw, unit, state))
        return list(self._decided())

    def resembles(self, raw: Raw) -> bool:
        """Whether it may be a copy of one of the latest records, all of which are known as records."""
        units, moments, line = self.units, raw.moments, raw.lines[0]
        for at in _NEAR:
            each = units[at]
            if not isinstance(each, Raw) or each.moments is None:
                return True
            if each.moments != moments:
                return False
            if each.lines[0] == line:
                return True
        return False

    def rest(self) -> list[Raw]:
        """Nothing follows: what is held stands in no long stretch."""
        held, self.held = self.held, []
        return [each.raw for each in held]

    def _original(self, raw: Raw) -> _Unit | None:
        text, units = digest_of(raw.lines[0]), self.units
        for at in range(len(units) - 1, max(-1, len(units) - 1 - REACH), -1):
            unit = _unit(units[at])
            if unit.text == text and _same_time(unit, raw):
                units[at] = unit
                return unit
        return None

    def _add(self, raw: Raw) -> None:
        units = self.units
        if len(units) == _KEPT:
            self._forget(units[0])
        units.append(raw if raw.size < SMALL else _unit(raw))

    def _forget(self, oldest: _Unit | Raw) -> None:
        if isinstance(oldest, _Unit) and oldest.copies > 1:
            self._run.append((oldest.text, oldest.exact))
            del self._run[:-COARSE_STRETCH]
        elif self._run:
            self._run.clear()

    def _decided(self) -> Iterator[Raw]:
        self.units = deque(map(_unit, self.units), _KEPT)
        verdicts = self._verdicts()
        while self.held:
            first = self.held[0]
            verdict = False if first.unit is None else verdicts.get(id(first.unit), False)
            if verdict is None:
                return
            self.held.pop(0)
            if verdict:
                self.dropped.append(first.raw)
            else:
                yield first.raw

    def _verdicts(self) -> dict[int, bool | None]:
        """Of each record with copies whether it stands in a long enough stretch; None while that is not certain."""
        verdicts: dict[int, bool | None] = {}
        stretch: list[_Unit] = []
        before, open_left = list(self._run), False
        for at, unit in enumerate([*map(_unit, self.units), None]):
            if unit is not None and unit.copies > 1:
                stretch.append(unit)
                continue
            open_right = unit is None or at >= len(self.units) - REACH
            if stretch:
                long = long_enough([*before, *((each.text, each.exact) for each in stretch)])
                verdict = True if long else None if open_left or open_right else False
                verdicts |= {id(each): verdict for each in stretch}
            stretch, before, open_left = [], [], open_right
        return verdicts


def digest_of(text: str) -> int:
    """What a record's text is known again by."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def _unit(each: _Unit | Raw) -> _Unit:
    if isinstance(each, _Unit):
        return each
    return _Unit(digest_of(each.lines[0]), each.moments[0] if each.moments else None, each.millisecond)


def long_enough(stretch: list[tuple[int, bool]], coarse: int = COARSE_STRETCH) -> bool:
    """Whether so many records, by text and by whether they have milliseconds, are no chance; `coarse` of them where none has any."""
    exact = sum(exact for _, exact in stretch)
    return (exact >= STRETCH or len(stretch) >= coarse) and len({text for text, _ in stretch}) >= DISTINCT


def _same_time(unit: _Unit, raw: Raw) -> bool:
    """A copy without a time follows its original; one that has a time is no copy of what has none."""
    if raw.moments is None:
        return True
    return unit.second == raw.moments[0] and (
        unit.millisecond == raw.millisecond or not unit.millisecond or not raw.millisecond
    )
