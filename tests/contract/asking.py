"""Short words for the contract tests: points, questions, and frames compared with the reference."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from metricstore.catalogue import FieldValue
from metricstore.point import Point
from metricstore.query import Filter, Query, RecordQuery
from metricstore.store import Store
from metricstore.windows import Window
from tests.contract.reference import Row, ns

START = datetime(2024, 3, 1, tzinfo=UTC)
STOP = datetime(2024, 5, 1, tzinfo=UTC)


def generation(moment: datetime | int, platform: str = "linkedin", **fields: FieldValue) -> Point:
    """A generation at a moment (or nanoseconds); a duration of a second unless told."""
    time = moment if isinstance(moment, int) else ns(moment)
    return Point("generation", time, {"platform": platform}, fields or {"duration_seconds": 1.0})


def asked(aggregate: str = "count", every: str | None = None, **parts: Any) -> Query:
    """A question about generations in March and April 2024 unless told."""
    usual: dict[str, Any] = {"measurement": "generation", "start": START, "stop": STOP}
    window = Window.parse(every) if every else None
    return Query(aggregate=aggregate, every=window, **{**usual, **parts})  # type: ignore[arg-type]


def listed(**parts: Any) -> RecordQuery:
    usual: dict[str, Any] = {"measurement": "generation", "start": START, "stop": STOP}
    return RecordQuery(**{**usual, **parts})


def rows(frame: pd.DataFrame, by: tuple[str, ...] = ()) -> list[Row]:
    """A frame as plain tuples, its shape checked on the way."""
    assert str(frame["time"].dtype) == "datetime64[ns, UTC]"
    assert frame["value"].dtype == "float64"
    assert list(frame.columns)[: 1 + len(by)] == ["time", *by]
    assert list(frame.index) == list(range(len(frame)))
    times = frame["time"].astype("int64").tolist()
    groups = zip(*(frame[name].tolist() for name in by), strict=True) if by else [()] * len(frame)
    return list(zip(times, groups, frame["value"].tolist(), strict=True))


def assert_same(found: Iterable[Row], expected: Iterable[Row]) -> None:
    left, right = list(found), list(expected)
    assert [row[:2] for row in left] == [row[:2] for row in right]
    for (time, group, value), (_, _, wanted) in zip(left, right, strict=True):
        close = math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-6) or (math.isnan(value) and math.isnan(wanted))
        assert close, f"{pd.Timestamp(time, tz='UTC')} {group}: got {value}, expected {wanted}"


def value(store: Store, query: Query) -> float:
    """The single number of a question without windows and groups."""
    frame = store.ask(query)
    assert len(frame) == 1
    return float(frame["value"].iloc[0])


def counts(store: Store, **parts: Any) -> int:
    return int(value(store, asked(**parts)))


def any_of(column: str, *values: str | float) -> Filter:
    return Filter(column, "any", values)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)
