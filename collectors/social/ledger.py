"""Posts compared with what the store knows of them, so that a moved post moves and nothing is written twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from collectors.recall import Changes, Known, recall, recall_named, recalled
from collectors.social.clocks import changed_zones, clock_fields
from collectors.social.post import SECOND, WAITING, SocialPost
from metricstore.catalogue import measurement
from metricstore.point import Point
from metricstore.query import Filter
from metricstore.store import Store

_COLUMNS = measurement("social_post").columns
_CLOCK_COLUMNS = ("source", "platform", "service_post_id", "channel_id", "channel_weekday", "channel_hour")
_AHEAD = 730 * 86_400 * SECOND
"""How far into the future posts are looked for, in nanoseconds."""
_PORTION = 2_000
"""Points written at a time."""


class Ledger:
    """The posts of one source from `since` (nanoseconds; None: none) on; others are looked up when they turn up."""

    def __init__(self, store: Store, source: str, since: int | None = None) -> None:
        self._store, self._source = store, source
        self.known: dict[str, list[Known]] = {}
        if since is None:
            return
        where = (Filter("source", "any", (source,)),)
        for row in recall(store, "social_post", where=where, span=(since, since + _AHEAD)):
            self._note(row)

    def compare(self, posts: Iterable[SocialPost]) -> Changes:
        """What changes by posts as the service has them now."""
        posts = list(posts)
        strange = sorted({post.post_id for post in posts if post.post_id not in self.known})
        for row in recall_named(self._store, "social_post", "service_post_id", strange, _COLUMNS):
            if row.text("source") == self._source:
                self._note(row)
        changes = Changes()
        for post in posts:
            point = post.point
            if point is not None:
                self._put(post.post_id, point, changes)
        return changes

    def waiting(self, channels: Iterable[str]) -> dict[str, list[Known]]:
        """Known posts of these channels that had not left the service when they were last seen."""
        wanted = set(channels)
        return {
            post_id: rows
            for post_id, rows in self.known.items()
            if rows and rows[-1].text("status") in WAITING and rows[-1].text("channel_id") in wanted
        }

    def withdrawn(self, gone: Iterable[str]) -> list[Point]:
        """Points that say so of posts that are not there any more; all else of them stays as it was."""
        points = []
        for post_id in gone:
            for row in self.known[post_id]:
                points.append(Point(row.measurement, row.time, row.point.tags, {"status": "withdrawn"}))
                row.values["status"] = "withdrawn"
        return points

    def count(self, channel_id: str, status: str, since: int) -> int:
        """Posts of a channel in a state, dated from `since` (nanoseconds) on."""
        rows = (rows[-1] for rows in self.known.values() if rows)
        return sum(r.text("channel_id") == channel_id and r.text("status") == status and r.time >= since for r in rows)

    def reclocked(self, known: dict[str, str], told: Mapping[str, str]) -> Iterator[list[Point]]:
        """Where a channel's time zone (by id) is told anew, what its stored posts lack of its clock or have of another's: all
        posts, however old, whoever stored them. Then `known` has it. One question for all, and none where nothing is new."""
        zones = changed_zones(known, told)
        if zones:
            yield from self._of_other_clocks(zones)
        known.update(zones)

    def _of_other_clocks(self, zones: Mapping[str, str]) -> Iterator[list[Point]]:
        where = (Filter("source", "any", (self._source,)), Filter("channel_id", "any", tuple(sorted(zones))))
        points: list[Point] = []
        for row in recalled(self._store, "social_post", _CLOCK_COLUMNS, where):
            fields = clock_fields(row.time, zones[row.text("channel_id")])
            if all(row.values.get(name) == value for name, value in fields.items()):
                continue
            points.append(Point(row.measurement, row.time, row.point.tags, fields))
            for same in self.known.get(row.text("service_post_id"), ()):
                if same.point.identity == row.point.identity:
                    same.values.update(fields)
            if len(points) == _PORTION:
                yield points
                points = []
        yield points

    def _put(self, post_id: str, point: Point, changes: Changes) -> None:
        rows = self.known.get(post_id, [])
        there = [row for row in rows if row.point.identity == point.identity]
        changes.put(point, there[-1] if there else None)
        changes.outdated.extend(row.point for row in rows if row not in there)
        self.known[post_id] = [Known(point.measurement, point.time, {**point.tags, **point.fields})]

    def _note(self, row: Known) -> None:
        self.known.setdefault(row.text("service_post_id"), []).append(row)


def renewed(store: Store, points: list[Point], source: str) -> Changes:
    """Of points of one measurement and source those that are not stored just so; fields that are gone go."""
    if not points:
        return Changes()
    span = (min(p.time for p in points), max(p.time for p in points) + 1)
    where = (Filter("source", "any", (source,)),)
    known = {row.point.identity: row for row in recall(store, points[0].measurement, where=where, span=span)}
    changes = Changes()
    for point in points:
        changes.put(point, known.get(point.identity))
    return changes
