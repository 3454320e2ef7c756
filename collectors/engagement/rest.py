"""What a network's weekly and daily rows tell beyond its single posts. Pure.

Exports of one network describe the same audience several times: by post, by day, by week. Sums add up posts and, of a
weekly or daily row, the rest: those figures that no post of that week tells. A week counts from its row's date, a day
belongs to the week that begins on its Monday; where a weekly row covers a day, the day adds nothing to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from collectors.engagement.rows import Row
from collectors.local_time import SECOND
from collectors.recall import Known
from collectors.time_kinds import date_of, local_second

FIGURES = frozenset(("impressions", "views", "reach", "clicks", "likes", "comments", "shares", "saves",
                     "engagements", "exposures"))  # fmt: skip
"""What is added up; followers and the like are standings."""
_ABOUT = ("topic", "media_type", "row_id", "file", "line")
REACH = timedelta(days=8)
"""How far apart rows can be that have a say in each other's rest; more than a week because of clock changes."""


class Told:
    """Which figures are told for which days."""

    def __init__(self, rows: Iterable[Row], zone: ZoneInfo) -> None:
        self._zone = zone
        self._posts: dict[tuple[str, date], set[str]] = {}
        self._weeks: dict[tuple[str, date], set[str]] = {}
        for row in rows:
            if row.provenance != "imported" or row.grain not in ("post", "week"):
                continue
            figures = FIGURES & row.fields.keys()
            kept, days = (self._posts, 1) if row.grain == "post" else (self._weeks, 7)
            for back in range(days):
                kept.setdefault((row.platform, self._day(row) + timedelta(days=back)), set()).update(figures)

    def rest(self, row: Row) -> Row | None:
        """Of a weekly or daily row what counts; None when nothing does."""
        if row.provenance != "imported" or row.grain not in ("week", "day"):
            return None
        left = FIGURES & row.fields.keys() - self._elsewhere(row)
        if not left:
            return None
        fields = {name: value for name, value in row.fields.items() if name in left or name in _ABOUT}
        return replace(row, grain="rest", fields=fields)

    def _elsewhere(self, row: Row) -> set[str]:
        own = self._day(row)
        first = own if row.grain == "week" else own - timedelta(days=own.weekday())
        found = set(self._weeks.get((row.platform, own), ())) if row.grain == "day" else set()
        for ahead in range(7):
            found |= self._posts.get((row.platform, first + timedelta(days=ahead)), set())
        return found

    def _day(self, row: Row) -> date:
        # counted from the epoch: years beyond 2038 too
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=row.time // SECOND)
        return moment.astimezone(self._zone).date()


def stored_row(known: Known, zone: ZoneInfo) -> Row:
    """A row as it is in the store."""
    tags = known.point.tags
    fields = {name: value for name, value in known.values.items() if name not in tags}
    platform, grain, provenance = (tags.get(name, "") for name in ("platform", "grain", "provenance"))
    return Row(platform, grain, provenance, local_second(known, zone), known.text("row_id"), fields, known.text("file"),
               int(known.values.get("line", 0)), date=date_of(known))  # fmt: skip
