"""Where a page of records lies on InfluxDB: in a short stretch at an end of the range, searched from there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metricstore.influx import records
from metricstore.influx.plan import Conditions
from metricstore.influx.spans import Span
from metricstore.influx.stretches import Counts

YEAR = 365 * 86_400 * 10**9
NOTHING = Conditions.__new__(Conditions)


def found(
    times: npt.NDArray[np.int64], span: Span, needed: int, descending: bool, monkeypatch: pytest.MonkeyPatch
) -> tuple[Span, int]:
    """The stretch, and how many points were counted on the way."""
    counted = 0

    def counts(_ask: object, _conditions: object, part: Span, every: int) -> Counts:
        nonlocal counted
        held = times[(times >= part.start) & (times < part.stop)]
        counted += len(held)
        starts, numbers = np.unique(part.start + (held - part.start) // every * every, return_counts=True)
        return Counts(starts, numbers)

    monkeypatch.setattr(records, "counts", counts)
    return records._end_holding(lambda _: b"", NOTHING, span, needed, descending), counted


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("points", [100_000, 1_000_000])
def test_a_page_costs_the_same_however_many_points_the_range_holds(
    points: int, descending: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = np.linspace(0, YEAR - 1, points).astype(np.int64)
    part, counted = found(times, Span(0, YEAR), 42, descending, monkeypatch)
    held = int(((times >= part.start) & (times < part.stop)).sum())
    assert 42 <= held <= 2_000
    assert counted < 20_000


@given(
    times=st.lists(st.integers(0, 10_000), max_size=60), needed=st.integers(1, 30), descending=st.booleans(),
    start=st.integers(0, 5_000), length=st.integers(1, 20_000),
)  # fmt: skip
def test_it_holds_as_many_as_are_needed_or_is_the_whole_range(
    times: list[int], needed: int, descending: bool, start: int, length: int
) -> None:
    span = Span(start, start + length)
    with pytest.MonkeyPatch.context() as patched:
        part, _ = found(np.array(sorted(times), dtype=np.int64), span, needed, descending, patched)
    assert span.start <= part.start < part.stop <= span.stop
    assert part.stop == span.stop if descending else part.start == span.start
    held = sum(part.start <= time < part.stop for time in times)
    assert held >= needed or part == span
