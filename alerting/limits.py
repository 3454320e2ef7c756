"""A limit such as `> 20` or `<= 10 %`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

_COMPARED: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
_PATTERN = re.compile(r"\s*(>=|<=|>|<)\s*([-+]?\d+(?:\.\d+)?)\s*(%?)\s*")


@dataclass(frozen=True)
class Limit:
    """`percent` is for changes: the limit is a share of what is compared with."""

    sign: str
    value: float
    percent: bool = False

    @classmethod
    def parse(cls, text: str) -> Limit:
        """ValueError with a sentence when `text` is not a limit."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a limit: write a sign and a number, such as '> 20'")
        return cls(match[1], float(match[2]), bool(match[3]))

    def __str__(self) -> str:
        return f"{self.sign} {self.value:g}{' %' if self.percent else ''}"

    @property
    def upwards(self) -> bool:
        """Whether large values are beyond it."""
        return self.sign in (">", ">=")

    def reached(self, value: float) -> bool:
        """Whether `value` is beyond it; never for NaN."""
        return _COMPARED[self.sign](value, self.value)

    def distance(self, value: float) -> float:
        """How far `value` is from it, in the metric's unit; never negative."""
        return abs(value - self.value)

    def inside(self, share: float) -> Limit:
        """The opposite limit, `share` of this one's size away: what a value must come back to."""
        room = abs(self.value) * share
        sign, value = ("<=", self.value - room) if self.upwards else (">=", self.value + room)
        if not room:
            sign = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}[self.sign]
        return Limit(sign, value, self.percent)
