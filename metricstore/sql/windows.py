"""Which window a point falls into, as arithmetic that SQL can do on whole columns.

Windows of a question mostly have one length, changed only around clock changes: a year of days in Berlin is five
runs of equal windows. Within a run a division finds the window. Months have many runs; beyond MAX_RUNS the
edges are handed over as a list and joined.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from metricstore.framing import window_starts
from metricstore.point import nanoseconds
from metricstore.query import Query
from metricstore.sql.trees import Parameter
from metricstore.windows import Window, edge_tuple, zone

MAX_RUNS = 64
EDGES = -1


@dataclass(frozen=True)
class Windows:
    """`runs` for the shape of the text, `parameters` for its placeholders."""

    runs: int
    parameters: tuple[Parameter, ...]


NONE = Windows(0, ())


def windows(query: Query) -> Windows:
    """How the text finds a point's window: by number in runs, by its start with EDGES."""
    if query.every is None:
        return NONE
    moments = edge_tuple(query.start, query.stop, query.every, query.timezone)
    return _windows(moments, query.every, query.timezone, MAX_RUNS)


@lru_cache(maxsize=128)
def _windows(moments: tuple[datetime, ...], every: Window, timezone: str, most: int) -> Windows:
    starts = np.fromiter((nanoseconds(moment) for moment in moments), dtype=np.int64, count=len(moments))
    end = nanoseconds(every.next(moments[-1], zone(timezone)))
    lengths = np.diff(np.append(starts, end))
    begins = np.flatnonzero(np.append(True, lengths[1:] != lengths[:-1]))
    if len(begins) > most:
        return Windows(EDGES, (starts.tolist(),))
    # A run's zero lies where its windows would have begun had there been nothing before them.
    runs = [(int(starts[n]), int(starts[n]) - int(n) * int(lengths[n]), int(lengths[n])) for n in begins]
    return Windows(len(runs), tuple(_ordered(runs, 0, len(runs))))


def _ordered(runs: list[tuple[int, int, int]], first: int, stop: int) -> Iterator[int]:
    """Parameters in the order in which aggregates._window writes its placeholders."""
    if stop - first == 1:
        yield from runs[first][1:]
        return
    middle = (first + stop) // 2
    yield runs[middle][0]
    yield from _ordered(runs, first, middle)
    yield from _ordered(runs, middle, stop)


def times(query: Query, found: Windows, raw: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """A moment inside each row's window from what the text gave for it."""
    numbers = np.asarray(raw, dtype=np.int64)
    return numbers if found.runs == EDGES else window_starts(query)[numbers]
