"""Answers that tests write down as frames."""

from __future__ import annotations

import numpy as np
import pandas as pd

from metricstore.grid import Grid


def grid_of(frame: pd.DataFrame, by: tuple[str, ...] = ()) -> Grid:
    """The frame's rows in order, with a row for each window of each group; numbers that it does not have are NaN, texts "".

    A frame without `time` has one window.
    """
    times = frame["time"] if "time" in frame else pd.Series(pd.Timestamp(0, tz="UTC"), index=frame.index)
    numbers = pd.DatetimeIndex(times).as_unit("ns").asi8
    starts, places = np.unique(numbers, return_inverse=True)
    keys = list(zip(*(frame[name] for name in by), strict=True)) if by else [()] * len(frame)
    labels = sorted(set(keys)) if by else [()]
    rows = np.array(
        [labels.index(key) * len(starts) + place for key, place in zip(keys, places, strict=True)], dtype=int
    )
    columns = {}
    for name in frame.columns.difference(["time", *by], sort=False):
        own = frame[name].to_numpy()
        text = own.dtype.kind not in "fiub"
        column = np.full(len(labels) * len(starts), "" if text else np.nan, dtype=object if text else np.float64)
        column[rows] = own
        columns[name] = column
    return Grid(by, labels, starts, columns)
