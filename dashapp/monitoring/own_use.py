"""What of the dashboard is used: pages that are opened, charts that are answered and how long that took, embeds that are seen.

Counted in memory as it happens and written to the store about once a minute, in a thread of its own. Nobody is named, not even by a number.
"""

# Imports inside functions: the login must answer before pandas and Dash are loaded, and what isn't measured isn't loaded.

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from dashapp.monitoring.request import Answered
from metricstore.catalogue import FieldValue
from metricstore.errors import StoreError
from metricstore.point import Point, nanoseconds

if TYPE_CHECKING:
    from metricstore.store import Store

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
MOST = 300
"""Pages, charts and embeds that are told apart between two writes."""
_OTHER = "other"
_DAY_SECONDS = 86_400.0


class Thing(NamedTuple):
    what: str
    """`page`, `chart` or `embed`."""
    name: str


@dataclass
class _Count:
    count: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    def add(self, count: int, seconds: float, slowest: float) -> None:
        self.count, self.seconds, self.slowest = self.count + count, self.seconds + seconds, max(self.slowest, slowest)


class OwnUse:
    """Of one process: `find` gives its store. With nothing to write it has no thread."""

    def __init__(self, find: Callable[[], Store]) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._counts: dict[Thing, _Count] = {}
        self._timer: threading.Timer | None = None
        self._listed = -_DAY_SECONDS
        self._apart = secrets.randbelow(1_000_000_000)
        self._trouble: type[StoreError] | None = None

    def count(self, answered: Answered) -> None:
        """A request that was answered; called on its way out, so it does nothing but add up."""
        thing = _thing(answered)
        if thing is None:
            return
        with self._lock:
            self._add(thing, 1, answered.seconds, answered.seconds)
            if self._timer is None:
                self._timer = threading.Timer(EVERY_SECONDS, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> int:
        """How many points were written. What the store does not take is kept for the next time, and said once."""
        with self._lock:
            counts, self._counts, self._timer = self._counts, {}, None
        try:
            self._find().write([_point(thing, each, self._apart) for thing, each in self._with_pages(counts).items()])
            self._trouble = None
            return len(counts)
        except StoreError as error:
            if type(error) is not self._trouble:
                log.warning("the use of the dashboard is not recorded, the store does not take it: %s", error)
            self._trouble = type(error)
        except Exception as error:  # a store that is being closed, say: nobody waits for this
            log.debug("the use of the dashboard was not recorded: %s", error)
            return 0
        with self._lock:
            for thing, each in counts.items():
                self._add(thing, each.count, each.seconds, each.slowest)
        return 0

    def _add(self, thing: Thing, count: int, seconds: float, slowest: float) -> None:
        if thing not in self._counts and len(self._counts) >= MOST:
            thing = Thing(thing.what, _OTHER)
        self._counts.setdefault(thing, _Count()).add(count, seconds, slowest)

    def _with_pages(self, counts: dict[Thing, _Count]) -> dict[Thing, _Count]:
        """Once a day also those that nobody has opened, as 0: else nobody would see them."""
        if time.monotonic() - self._listed < _DAY_SECONDS:
            return counts
        from layouts.pages import PAGES

        self._listed = time.monotonic()
        return {**{Thing("page", page): _Count() for page in PAGES}, **counts}


def _thing(answered: Answered) -> Thing | None:
    seen = answered.seen
    if answered.status not in (200, 204, 304):
        return None
    if seen.page:
        return Thing("page", seen.page)
    if seen.callback is not None and seen.callback[1]:
        return Thing("chart", seen.callback[1])
    return Thing("embed", seen.embed) if seen.embed else None


def _point(thing: Thing, each: _Count, apart: int) -> Point:
    """`apart` tells processes from each other within a second."""
    at = nanoseconds(datetime.now(UTC).replace(microsecond=0)) + apart
    fields: dict[str, FieldValue] = {
        "title": _title(thing),
        "count": each.count,
        "seconds": each.seconds,
        "slowest": each.slowest,
    }
    return Point("app_use", at, {"what": thing.what, "name": thing.name}, fields)


def _title(thing: Thing) -> str:
    """As people know it."""
    from layouts.pages import CHARTS, PAGES

    if thing.what == "page" and thing.name in PAGES:
        return PAGES[thing.name].title
    if thing.what == "chart" and thing.name in CHARTS:
        return f"{CHARTS[thing.name].title} ({PAGES[CHARTS[thing.name].page].title})"
    return thing.name
