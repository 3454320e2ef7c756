"""Answers as numbers by group and window, without pandas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from metricstore.grid import Grid

NAN = float("nan")
STARTS = np.array([0, 86_400_000_000_000])
GRID = Grid(
    ("platform", "status"),
    [("a", "x"), ("a", "y"), ("b", "x")],
    STARTS,
    {"value": np.array([1.0, NAN, 2.0, NAN, NAN, 6.0])},
)
NO_GROUP = Grid(("platform",), [], STARTS, {"value": np.empty(0)})


def test_a_frame_has_a_row_for_each_window_of_each_group() -> None:
    frame = GRID.with_columns({"why": np.array(["", "no records"] * 3, dtype=object)}).frame()
    assert frame.columns.tolist() == ["time", "platform", "status", "value", "why"]
    assert frame["platform"].tolist() == ["a"] * 4 + ["b"] * 2
    assert frame["time"].tolist() == [pd.Timestamp("1970-01-01", tz="UTC"), pd.Timestamp("1970-01-02", tz="UTC")] * 3
    assert [str(kind) for kind in frame.dtypes] == ["datetime64[ns, UTC]", "str", "str", "float64", "str"]
    assert len(frame) == len(GRID) == 6
    assert NO_GROUP.frame().empty


def test_nobody_writes_to_what_others_hold() -> None:
    with pytest.raises(ValueError, match="read-only"):
        GRID["value"][0] = 5.0
    frame = GRID.frame()
    frame.loc[0, "value"] = 5.0
    assert GRID["value"][0] == 1.0


def test_groups_that_it_does_not_have_are_empty_and_those_not_wanted_are_left_out() -> None:
    found = GRID.with_labels([("a", "y"), ("c", "x")], 0.0)
    np.testing.assert_array_equal(found["value"], [2.0, NAN, 0.0, 0.0])
    assert GRID.with_labels(GRID.labels, 0.0) is GRID
    assert len(GRID.with_labels([], 0.0)) == len(GRID.with_labels([], 0.0)["value"]) == 0


def test_groups_are_added_up_by_window_and_nothing_and_nothing_is_nothing() -> None:
    np.testing.assert_array_equal(GRID.added_up(), [3.0, 6.0])
    np.testing.assert_array_equal(GRID.part(0, 2).added_up(), [3.0, NAN])
    assert np.isnan(NO_GROUP.added_up()).all()


def test_rows_of_each_first_value() -> None:
    found = dict(GRID.by_first())
    assert {name: rows.labels for name, rows in found.items()} == {"a": [("a", "x"), ("a", "y")], "b": [("b", "x")]}
    np.testing.assert_array_equal(found["b"]["value"], [NAN, 6.0])
    assert NO_GROUP.by_first() == []


def test_its_size_grows_with_values_and_labels_not_with_windows_that_are_kept_elsewhere() -> None:
    assert replace(NO_GROUP, starts=np.arange(1_000)).size == NO_GROUP.size
    assert GRID.size - NO_GROUP.size == 8 * (6 + 3) + 80 * 6
