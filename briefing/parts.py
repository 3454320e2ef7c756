"""What a change is made of: groups whose parts add up to the whole of it, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LEAST_SHARE = 1 / 3
"""A part stands out where it makes up at least so much of the change,"""
MORE_THAN_SHARE = 1.5
"""and so many times what its size before would have given it."""


class Amount(NamedTuple):
    """A group before and after: of a count or sum its values; of a ratio what stands above and below its line."""

    upper_before: float
    upper_after: float
    lower_before: float = 0.0
    lower_after: float = 0.0


class Part(NamedTuple):
    """`change` is its part of the whole change. Of a ratio it is `mix` (the group's weight changed) plus `rate` (its own value
    changed); `before` and `after` are then its own ratio, NaN where it had none."""

    value: str
    before: float
    after: float
    change: float
    mix: float = 0.0
    rate: float = 0.0
    share: float = 0.0
    """Of the whole before, by size."""


@dataclass(frozen=True)
class Made:
    """A change by the groups of one column, the largest part first."""

    column: str
    before: float
    after: float
    parts: tuple[Part, ...]

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def outstanding(self) -> tuple[Part, ...]:
        """Parts that make up much of the change, and more than their size would."""
        whole = self.change
        if not whole:
            return ()
        return tuple(one for one in self.parts
                     if one.change / whole >= LEAST_SHARE and one.change / whole >= MORE_THAN_SHARE * one.share)  # fmt: skip


def sums(column: str, groups: Mapping[str, Amount]) -> Made:
    """Of a count or sum: each group's own change."""
    before = sum(one.upper_before for one in groups.values())
    after = sum(one.upper_after for one in groups.values())
    parts = [
        Part(value, one.upper_before, one.upper_after, one.upper_after - one.upper_before,
             share=one.upper_before / before if before else 0.0)
        for value, one in groups.items()
    ]  # fmt: skip
    return Made(column, before, after, _sorted(parts))


def ratios(column: str, groups: Mapping[str, Amount], scale: float) -> Made | None:
    """Of a ratio: rate part = change of the group's ratio × its mean weight; mix part = change of its weight × how far its mean ratio
    is from the whole's. A group that was not there before (or is no longer) has the ratio of the time when it was: all of its
    part is mix. None where there is no ratio before or after."""
    lower_before = sum(one.lower_before for one in groups.values())
    lower_after = sum(one.lower_after for one in groups.values())
    if not lower_before or not lower_after:
        return None
    before = scale * sum(one.upper_before for one in groups.values()) / lower_before
    after = scale * sum(one.upper_after for one in groups.values()) / lower_after
    middle, parts = (before + after) / 2, []
    for value, one in groups.items():
        weight_before, weight_after = one.lower_before / lower_before, one.lower_after / lower_after
        if not weight_before and not weight_after:
            change = scale * (one.upper_after / lower_after - one.upper_before / lower_before)
            if change:  # what stands above the line of none of its own: clicks where nobody told impressions
                parts.append(Part(value, float("nan"), float("nan"), change, 0.0, change))
            continue
        own_before = scale * one.upper_before / one.lower_before if one.lower_before else None
        own_after = scale * one.upper_after / one.lower_after if one.lower_after else None
        first, last = (
            own_before if own_before is not None else own_after,
            own_after if own_after is not None else own_before,
        )
        assert first is not None and last is not None
        rate = (last - first) * (weight_before + weight_after) / 2
        change = scale * (one.upper_after / lower_after - one.upper_before / lower_before) - middle * (
            weight_after - weight_before
        )
        mix = change - rate
        parts.append(Part(value, first if own_before is not None else float("nan"), last if own_after is not None else float("nan"),
                          change, mix, rate, weight_before))  # fmt: skip
    return Made(column, before, after, _sorted(parts))


def best(found: Sequence[Made]) -> Made | None:
    """The column whose parts say most: where the fewest stand out and make up most; None where nothing stands out."""
    telling = [one for one in found if len(one.parts) > 1 and one.outstanding]
    if not telling:
        return None
    return min(
        telling, key=lambda one: (len(one.outstanding), -sum(part.change for part in one.outstanding) / one.change)
    )


def _sorted(parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda one: (-abs(one.change), one.value)))
