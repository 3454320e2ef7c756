"""Which window a point falls into, as arithmetic that SQL can do on whole columns.

Windows of a question mostly have one length, changed only around clock changes: a year of days in Berlin is five
runs of equal windows. Within a run a division finds the window. Months have many runs; beyond MAX_RUNS the
edges are handed over as a list and joined.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metricstore.bounded_cache import BoundedCache
from metricstore.framing import window_starts
from metricstore.memory_budget import SHARES
from metricstore.point import moment, nanoseconds
from metricstore.query import Query
from metricstore.sql.trees import Parameter
from metricstore.window_edges import Integers
from metricstore.windows import Window, zone

MAX_RUNS = 64
EDGES = -1


@dataclass(frozen=True)
class Windows:
    """`runs` for the shape of the text, `parameters` for its placeholders."""

    runs: int
    parameters: tuple[Parameter, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        numbers = sum(len(each) if isinstance(each, list) else 1 for each in self.parameters)
        return 500 + 40 * numbers


NONE = Windows(0, ())
_kept: BoundedCache[Hashable, Windows] = BoundedCache(SHARES["windows in SQL"], lambda found: found.size)


def windows(query: Query) -> Windows:
    """How the text finds a point's window: by number in runs, by its start with EDGES."""
    if query.every is None:
        return NONE
    starts = window_starts(query)
    key = (int(starts[0]), int(starts[-1]), query.every, query.timezone, MAX_RUNS)
    found = _kept.get(key)
    if found is None:
        found = _laid_out(starts, query.every, query.timezone)
        _kept.keep(key, found)
    return found


def _laid_out(starts: Integers, every: Window, timezone: str) -> Windows:
    end = nanoseconds(every.next(moment(int(starts[-1])), zone(timezone)))
    lengths = np.diff(np.append(starts, end))
    begins = np.flatnonzero(np.append(True, lengths[1:] != lengths[:-1]))
    if len(begins) > MAX_RUNS:
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
