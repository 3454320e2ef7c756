"""What was written though the log may still say otherwise: posts and batches that rest on records that are read again, or on
silence alone. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from collectors.app_log.roster import Identity, Roster
from metricstore.point import Point


class Likely:
    """Points that are not certain yet."""

    def __init__(self, written: Iterable[Sequence[Any]] = ()) -> None:
        points = [(Point(name, time, {"platform": platform}), digest) for name, time, platform, digest in written]
        self._written = {point.identity: (point, digest) for point, digest in points}

    def to_json(self) -> list[list[Any]]:
        return [
            [point.measurement, point.time, point.tags["platform"], digest] for point, digest in self._written.values()
        ]

    def settle(
        self, now: int, ahead: Roster, certain: Roster, others: Iterable[Point], gone: Collection[Identity]
    ) -> tuple[list[Point], list[Point]]:
        """What to write and what to delete at `now`: as things look `ahead`, and as they are `certain`.

        `others` stay, whoever wrote them. `gone`: what was deleted and may be one of these.
        """
        shown, surely = ahead.shown(), certain.shown()
        _forget((ahead, certain), gone)
        batches, posts = ahead.standing(now)
        before = self._written
        self._written = {post.identity: (post, zlib.crc32(repr(post).encode())) for post in posts}
        posts = [
            post
            for name, (post, digest) in self._written.items()
            if name in gone or name not in before or before[name][1] != digest
        ]
        self._written |= {name: (run.point(""), 0) for name, run in shown.items() if name not in surely}
        left = before.keys() - self._written.keys() - surely.keys()
        left -= {point.identity for point in others} if left else set()
        _forget((ahead, certain), left)
        return batches + posts, [before[name][0] for name in left]

    def now_certain(self, points: Iterable[Point]) -> None:
        """Those among these are no longer only likely."""
        if self._written:
            for point in points:
                self._written.pop(point.identity, None)


def _forget(rosters: Iterable[Roster], deleted: Collection[Identity]) -> None:
    """Nothing is written any more of batches whose points were deleted."""
    for run in (run for roster in rosters for run in roster.runs) if deleted else ():
        if run.point("").identity in deleted:
            run.told = []
