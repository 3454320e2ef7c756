"""Timestamps that carry identity: their last digits name the record, so equal records get equal times."""

from __future__ import annotations

from dataclasses import dataclass, field

from collectors.reading import digits


@dataclass
class Slots:
    """Hands out timestamps: always the same for the same identity, never one that another identity has."""

    modulus: int
    """Nanoseconds kept free for the identity; what is above them is the time itself."""
    _taken: dict[tuple[str, int], str] = field(default_factory=dict)

    def take(self, series: str, base: int, identity: str) -> int:
        """`base` with its last digits made of `identity`; the next free one where two identities' digits are equal."""
        base -= base % self.modulus
        offset = digits(identity, self.modulus)
        while self._taken.setdefault((series, base + offset), identity) != identity:
            offset = (offset + 1) % self.modulus
        return base + offset

    def occupy(self, series: str, time: int, identity: str) -> None:
        """A timestamp that is stored already."""
        self._taken.setdefault((series, time), identity)
