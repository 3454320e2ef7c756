"""Records that stand in the log more than once, next to each other or as a block behind itself, count once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collectors.app_log.doubles import SMALL, Doubles
from collectors.app_log.raw import Raw
from collectors.app_log.repeats import Repeats, checksum


class Copies:
    """Give it whole records in file order; it gives back those that count, in the same order."""

    def __init__(self, doubles: Doubles, repeats: Repeats) -> None:
        self._doubles, self._repeats = doubles, repeats

    @classmethod
    def from_json(cls, doubles: Mapping[str, Any], repeats: Mapping[str, Any]) -> Copies:
        return cls(Doubles.from_json(doubles), Repeats.from_json(repeats))

    def to_json(self) -> dict[str, Any]:
        """As things stood before the first record that is held."""
        return {
            "doubles": self._doubles.to_json(),
            "repeats": self._repeats.to_json([each.raw for each in self._doubles.held]),
        }

    def copy(self) -> Copies:
        """To look ahead with. What is held is held by it too."""
        return Copies(self._doubles.copy(), self._repeats.copy())

    @property
    def first_held(self) -> Raw | None:
        """The first record of which it is not certain yet whether it counts."""
        held = self._doubles.held
        return held[0].raw if held else self._repeats.first_held

    def passes(self, raw: Raw) -> bool:
        """Whether it is plainly none, as nearly all are: no earlier than the record before, and unlike the latest ones.

        It is kept in mind then; else it is to be sorted.
        """
        doubles, repeats, moments = self._doubles, self._repeats, raw.moments
        if moments is None or doubles.watchful or repeats.begin >= 0 or raw.size >= SMALL or doubles.held:
            return False
        now = moments[0] + raw.millisecond
        if now < repeats.last or doubles.resembles(raw):
            return False
        repeats.last = now
        repeats.known.append(checksum(raw, now))
        doubles.units.append(raw)
        return True

    def sort(self, raw: Raw) -> Sequence[Raw]:
        """Those that certainly count, now that this one is there."""
        passed = self._repeats.sort(raw)
        certain = [each for raw in passed for each in self._doubles.sort(raw)]
        # What stands before a block is over: where reading stands must not stay before the copies that are left out.
        return certain + self._doubles.rest() if self._repeats.dropped else certain

    def rest(self) -> list[Raw]:
        """Nothing follows: what is held counts."""
        certain = [each for raw in self._repeats.rest() for each in self._doubles.sort(raw)]
        return certain + self._doubles.rest()

    def take_dropped(self) -> Sequence[tuple[Raw, bool]]:
        """Copies that do not count, and whether they are of a block; each is given out once."""
        doubles, repeats = self._doubles, self._repeats
        if not doubles.dropped and not repeats.dropped:
            return ()
        dropped = [*((raw, False) for raw in doubles.dropped), *((raw, True) for raw in repeats.dropped)]
        doubles.dropped, repeats.dropped = [], []
        return dropped
