"""All posts' readings in columns: a year's are many ten thousand, and each by itself would be many small objects. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from collectors.performance.course import TOLD, Course, Reading

_UNKNOWN = -(1 << 63)
_WIDTH = 2 + len(TOLD)
"""Numbers a reading: its time, its age and each figure."""

_Column = np.ndarray[Any, Any]
PostKey = tuple[str, str]
"""(source, service_post_id)."""


class Readings:
    """Readings are added in any order; courses can be asked for at any time."""

    def __init__(self) -> None:
        self._posts: dict[PostKey, int] = {}
        self._whose = array("i")
        self._numbers = array("q")
        self._sorted: tuple[_Column, _Column] | None = None
        """The readings' places post by post, and where each post's end; None when more have come."""

    def add(self, post: PostKey, time: int, age: int | None, values: Mapping[str, Any]) -> None:
        """`values` are a stored reading's."""
        self._whose.append(self._posts.setdefault(post, len(self._posts)))
        self._numbers.append(time)
        self._numbers.append(_UNKNOWN if age is None else age)
        self._numbers.extend(int(values[name]) if name in values else _UNKNOWN for name in TOLD)
        self._sorted = None

    def course(self, post: PostKey) -> Course:
        """Made anew for each who asks: it holds many objects."""
        found = Course()
        place = self._posts.get(post)
        if place is not None:
            for row in self._rows(place):
                found.add(self._reading(row))
        return found

    def _rows(self, place: int) -> Iterator[int]:
        if self._sorted is None:
            whose = np.array(self._whose)  # a copy: nothing can be added to what numpy looks at
            self._sorted = np.argsort(whose, kind="stable").astype(np.int32), np.cumsum(np.bincount(whose))
        order, ends = self._sorted
        yield from order[ends[place - 1] if place else 0 : ends[place]].tolist()

    def _reading(self, row: int) -> Reading:
        time, age, *values = self._numbers[row * _WIDTH : (row + 1) * _WIDTH]
        figures = {name: value for name, value in zip(TOLD, values, strict=True) if value != _UNKNOWN}
        return Reading(time, None if age == _UNKNOWN else age, figures)
