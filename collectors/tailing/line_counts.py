"""How many lines of the file that is read now could be used: what isn't understood in good part is worth a warning. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from metricstore.quantities import quantity

_WORTH_SAYING = 0.1
"""Share of lines that can't be used from which on it is more than a slip."""


@dataclass
class LineCounts:
    """Of one file since its beginning; `first` is the first line that can't be used, with its reason."""

    file: str = ""
    lines: int = 0
    bad: int = 0
    first: int = 0
    reason: str = ""

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | None) -> LineCounts:
        try:
            return cls(**(kept or {}))
        except TypeError:
            return cls()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def add(self, lines: int, bad: list[tuple[int, str]]) -> None:
        """Lines that were read, and those of them that can't be used with the reason."""
        if bad and not self.bad:
            self.first, self.reason = bad[0]
        self.lines += lines
        self.bad += len(bad)

    def warnings(self, lines_are: str, understood: str) -> list[str]:
        """`lines_are` says what the file should hold, in the plural; `understood` how a line is written."""
        if not self.bad or self.bad < _WORTH_SAYING * self.lines:
            return []
        return [
            f"{self.file}: {self.bad:,} of {quantity(self.lines, 'lines')} aren't {lines_are}; the first is line {self.first}: {self.reason}. "
            f"Understood would be {understood}."
        ]
