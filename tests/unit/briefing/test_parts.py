"""Parts of a change add up to it exactly, and stand out only where they make up more than their size."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.parts import Amount, best, ratios, sums

_COUNT = st.integers(0, 10_000)
_GROUPS = st.dictionaries(st.text(max_size=3), st.tuples(_COUNT, _COUNT, _COUNT, _COUNT), min_size=1, max_size=8)


@given(_GROUPS)
def test_parts_of_a_sum_add_up(groups: dict[str, tuple[int, int, int, int]]) -> None:
    found = sums("x", {name: Amount(*counts) for name, counts in groups.items()})
    assert sum(part.change for part in found.parts) == found.after - found.before


@given(_GROUPS)
def test_parts_of_a_ratio_add_up(groups: dict[str, tuple[int, int, int, int]]) -> None:
    amounts = {name: Amount(min(a, c), min(b, d), c, d) for name, (a, b, c, d) in groups.items()}
    found = ratios("x", amounts, 100.0)
    if found is None:
        assert not sum(one.lower_before for one in amounts.values()) or not sum(
            one.lower_after for one in amounts.values()
        )
        return
    assert sum(part.change for part in found.parts) == pytest.approx(found.after - found.before, abs=1e-9)
    assert all(part.change == pytest.approx(part.mix + part.rate, abs=1e-9) for part in found.parts)


def test_what_all_groups_share_stands_out_nowhere() -> None:
    alike = sums("platform", {"linkedin": Amount(80, 160), "twitter": Amount(20, 40)})
    assert best([alike]) is None, "the large one makes up 80 % because it is 80 % of all"
    one = sums("model", {"a": Amount(50, 50), "b": Amount(50, 150)})
    assert best([alike, one]) is one and [part.value for part in one.outstanding] == ["b"]


def test_a_rate_and_a_mix_are_told_apart() -> None:
    worse = ratios("model", {"a": Amount(90, 90, 100, 100), "b": Amount(90, 50, 100, 100)}, 100)
    assert worse is not None
    (part,) = worse.outstanding
    assert (part.value, part.mix, part.rate) == ("b", 0, pytest.approx(-20))
    moved = ratios("model", {"a": Amount(100, 50, 100, 50), "b": Amount(50, 100, 100, 200)}, 100)
    assert moved is not None and all(part.rate == 0 for part in moved.parts)
    assert moved.change == pytest.approx(sum(part.mix for part in moved.parts))


def test_a_group_that_is_new_has_no_value_before() -> None:
    found = ratios("model", {"a": Amount(90, 90, 100, 100), "new": Amount(0, 10, 0, 100)}, 100)
    assert found is not None
    new = next(part for part in found.parts if part.value == "new")
    assert math.isnan(new.before) and new.after == 10 and new.rate == 0
