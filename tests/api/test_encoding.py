"""Times and values on their way to JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dashapp.api import encoding

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns")
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))


@given(st.lists(MOMENTS, min_size=1, max_size=20), st.sampled_from(ZONES))
def test_times_read_back_as_the_same_moments_with_the_zones_offset(moments: list[datetime], zone: str) -> None:
    told = encoding.times(pd.Series(pd.DatetimeIndex(moments).as_unit("ns")), zone)
    read = [datetime.fromisoformat(text) for text in told]
    assert read == moments
    expected = [moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in moments]
    assert [moment.utcoffset() for moment in read] == expected


def test_a_column_of_whole_seconds_has_no_decimals_and_nanoseconds_lose_none() -> None:
    whole = pd.Series(pd.to_datetime([0, 10**9], utc=True))
    assert encoding.times(whole, "UTC") == ["1970-01-01T00:00:00+00:00", "1970-01-01T00:00:01+00:00"]
    exact = pd.Series(pd.to_datetime([1], utc=True))
    assert encoding.times(exact, "Asia/Tokyo") == ["1970-01-01T09:00:00.000000001+09:00"]
    assert encoding.times(whole[:0], "UTC") == []


def test_missing_values_of_every_kind_become_null() -> None:
    values = [float("nan"), None, pd.NA, pd.NaT, np.float64("nan"), float("inf")]
    assert encoding.dumps(values) == b"[null,null,null,null,null,null]"


def test_a_moment_is_told_in_its_zone() -> None:
    summer = datetime(2026, 7, 1, tzinfo=UTC) + timedelta(microseconds=5)
    assert encoding.moment(summer, "Europe/Berlin") == "2026-07-01T02:00:00.000005+02:00"
