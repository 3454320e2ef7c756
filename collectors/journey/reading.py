"""What the store holds of posts, as records for matching."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from collectors.calendars.parse import READABLE
from collectors.journey.records import (
    SERVICES,
    Attempt,
    Delivered,
    Figures,
    Finished,
    Imported,
    Item,
    Queued,
    Records,
    Remote,
)
from collectors.journey.standing import World
from collectors.journey.thresholds import SECOND
from collectors.journey.trails import BEFORE, NEAR
from collectors.recall import FOREVER, Known, pages, recalled
from collectors.social.texts import excerpt, text_hash
from collectors.time_kinds import is_date, local_day, local_second
from metricstore.query import Filter
from metricstore.store import Store

_PAGE = 1000
"""Rows that are held at a time…"""
_WHOLE_TEXTS = 500
"""…of those with their whole texts…"""
_SNAPSHOTS = 10_000
"""…and of figures, which are read while nothing else is held."""
_PIECES = 40
"""Paragraphs of a thread whose tweets can't be told apart any more: beyond that only the whole text is looked for."""
_REACTIONS = ("reactions", "comments", "reposts", "shares", "quotes", "saves", "clicks")
_IMPORTED = ("likes", "comments", "shares", "saves", "clicks")
_CHANNELS_SINCE = timedelta(days=3)
_SPENT_SINCE = timedelta(days=1)
_TOPIC_TEXT = 200

Value = TypeVar("Value", bound=Hashable)
_Hashes = dict[tuple[str, int], tuple[str, ...]]
"""Of texts that were met before, by their own hash and their number of tweets."""


class Reader:
    """Reads records of the store. Not kept between runs: many small objects that stay hold much memory around them."""

    def __init__(self, store: Store, zone: ZoneInfo) -> None:
        self._store = store
        self._zone = zone
        self._shared: dict[Any, Any] = {}

    def records(self, since: int | None) -> Records:
        """All records that can concern posts dated from `since` (nanoseconds; None: all) on."""
        near = None if since is None else (since - NEAR, FOREVER)
        before = None if since is None else (since - BEFORE, FOREVER)
        figures = self._figures(near)
        return Records(
            self._items(near, before), self._finished(before), self._attempts(before), self._queued(near),
            self._delivered(near), self._remotes(near), figures, self._imported(near),
        )  # fmt: skip

    def world(self, now: int) -> World:
        moment = _moment(now)
        everywhere = (_moment(0), moment + timedelta(days=1000))
        ours = (Filter("source", "any", SERVICES),)
        services = frozenset(self._store.values("social_post", "platform", *everywhere, ours))
        figures = set(self._store.values("social_post_stats", "platform", *everywhere))
        post_rows = (Filter("grain", "any", ("post",)), Filter("provenance", "any", ("imported",)))
        figures |= set(self._store.values("engagement", "platform", *everywhere, post_rows))
        return World(now, services, frozenset(figures), self._channels(now), self._spent(now))

    def _items(self, span: tuple[int, int] | None, before: tuple[int, int] | None) -> list[Item]:
        changes: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for one in self._rows("post_transition", ("post_id", "to_status", "ordinal"), span=before):
            place = int(one.values.get("ordinal", 0)), one.time, self._text(one, "to_status")
            changes[one.text("post_id")].append(place)
        hashes: _Hashes = {}
        found = {}
        for one in self._rows("post", _ITEM_COLUMNS, span=span, page=_WHOLE_TEXTS):
            if not one.text("post_id"):  # nobody's collector but a stranger's writes such
                continue
            own = tuple((time, status) for _, time, status in sorted(changes.get(one.text("post_id"), ())))
            # a moved post has two points for a moment: the later
            found[one.text("post_id")] = self._item(one, own, hashes)
        return list(found.values())

    def _item(self, one: Known, changes: tuple[tuple[int, str], ...], hashes: _Hashes) -> Item:
        second = local_second(one, self._zone)
        usable = one.text("content_state") in (*READABLE, "failed")
        return Item(
            one.text("post_id"), second + one.time % SECOND, self._text(one, "platform"),
            self._once(local_day(one, self._zone)), self._text(one, "topic"),
            one.values.get("post_number"), one.values.get("position"), self._text(one, "revision"),
            self._once(one.moment("revision_time")), not is_date(one, self._zone), self._text(one, "status"),
            self._text(one, "content_state"), self._text(one, "presence"), self._texts(one, hashes) if usable else (),
            excerpt(one.text("content")).encode(), self._text(one, "file"), one.values.get("line"), changes,
        )  # fmt: skip

    def _texts(self, one: Known, hashes: _Hashes) -> tuple[str, ...]:
        # of threads that failed as a whole nobody has counted the tweets
        tweets = int(one.values.get("tweets", 0 if one.text("platform") == "twitter" else 1))
        key = one.text("content_hash"), tweets
        if key not in hashes:
            hashes[key] = tuple(map(self._once, text_hashes(one.text("content"), tweets)))
        return hashes[key]

    def _finished(self, span: tuple[int, int] | None) -> list[Finished]:
        ends = {one.text("batch_id"): self._text(one, "outcome") for one in self._rows("batch", ("batch_id", "outcome"), span=span)}  # fmt: skip
        columns = ("platform", "topic", "position", "revision", "outcome", "batch_id", "file", "line")
        return [
            Finished(one.time, self._text(one, "platform"), self._text(one, "topic"), one.values.get("position"),
                     self._text(one, "revision"), self._text(one, "outcome"), ends.get(one.text("batch_id"), ""),
                     self._text(one, "file"), self._once(int(one.values.get("line", 0))))
            for one in self._rows("generation", columns, span=span)
        ]  # fmt: skip

    def _attempts(self, span: tuple[int, int] | None) -> list[Attempt]:
        columns = ("platform", "outcome", "topic", "post_number", "buffer_id", "item_id", "error_kind", "error", "file", "line")  # fmt: skip
        return [
            Attempt(one.time, self._text(one, "platform"), one.text("outcome") == "ok", self._text(one, "topic"),
                    one.values.get("post_number"), self._text(one, "buffer_id"), self._text(one, "item_id"),
                    self._once(": ".join(filter(None, (one.text("error_kind"), one.text("error"))))),
                    self._text(one, "file"), self._once(int(one.values.get("line", 0))))
            for one in self._rows("scheduling_attempt", columns, span=span)
        ]  # fmt: skip

    def _queued(self, span: tuple[int, int] | None) -> list[Queued]:
        columns = ("platform", "item_id", "status", "topic", "post_number")
        return [
            Queued(self._text(one, "item_id"), self._text(one, "platform"), one.time - one.time % SECOND,
                   self._day(one.time), self._text(one, "topic"), one.values.get("post_number"), self._text(one, "status"))
            for one in self._rows("queue_item", columns, span=span)
        ]  # fmt: skip

    def _delivered(self, span: tuple[int, int] | None) -> list[Delivered]:
        return [
            Delivered(one.time, self._text(one, "item_id"), self._text(one, "platform"), one.text("outcome") == "ok",
                      self._text(one, "topic"))
            for one in self._rows("delivery", ("platform", "outcome", "item_id", "topic"), span=span)
        ]  # fmt: skip

    def _remotes(self, span: tuple[int, int] | None) -> list[Remote]:
        found = []
        for one in self._rows("social_post", _REMOTE_COLUMNS, span=span):
            due, sent = one.moment("due"), one.moment("sent")
            meant = next(moment for moment in (due, sent, one.time) if moment is not None)
            found.append(Remote(
                self._text(one, "source"), self._text(one, "platform"), self._text(one, "service_post_id"), one.time,
                self._day(meant), self._text(one, "status"), due, sent, one.moment("created"),
                self._text(one, "content_hash"), self._text(one, "platform_post_id"), self._text(one, "channel_id"),
                self._text(one, "error_class"), self._text(one, "error_text"),
            ))  # fmt: skip
        return found

    def _figures(self, span: tuple[int, int] | None) -> list[Figures]:
        """Snapshots added up by post while they are read: there are many of them."""
        columns = ("source", "platform", "service_post_id", "impressions", *_REACTIONS)
        found: dict[tuple[str, str, str], Figures] = {}
        for frame in pages(self._store, "social_post_stats", columns, (), span, _SNAPSHOTS):
            for post, time, impressions, interactions in _snapshots(frame):
                figures = found.get(post)
                if figures is None:
                    source, platform, name = map(self._once, post)
                    figures = found[post] = Figures(source, platform, name, time, time)
                figures.add(time, impressions, interactions)
        return list(found.values())

    def _imported(self, span: tuple[int, int] | None) -> list[Imported]:
        columns = ("platform", "topic", "post_number", "row_id", "exposures", *_IMPORTED)
        where = (Filter("grain", "any", ("post",)), Filter("provenance", "any", ("imported",)))
        found = []
        for one in self._rows("engagement", columns, where, span):
            told = [int(one.values[name]) for name in _IMPORTED if name in one.values]
            found.append(Imported(
                local_second(one, self._zone) + one.time % SECOND, self._text(one, "platform"), one.text("row_id"),
                self._once(local_day(one, self._zone)),
                self._once(one.text("topic")[:_TOPIC_TEXT]), one.values.get("post_number"),
                self._once(one.values.get("exposures")), self._once(sum(told) if told else None), not is_date(one, self._zone),
            ))  # fmt: skip
        return found

    def _channels(self, now: int) -> dict[str, str]:
        """Channels that nothing leaves just now, as last told."""
        columns = ("channel_id", "disconnected", "queue_paused", "sent_today", "daily_limit")
        span = now - nanoseconds_of(_CHANNELS_SINCE), now + SECOND
        latest = {one.text("channel_id"): one.values for one in self._rows("social_queue", columns, span=span)}
        found = {}
        for name, told in latest.items():
            limit = told.get("daily_limit")
            if told.get("disconnected"):
                found[name] = "channel_disconnected"
            elif told.get("queue_paused"):
                found[name] = "queue_paused"
            elif limit and told.get("sent_today", 0) >= limit:
                found[name] = "daily_limit"
        return found

    def _spent(self, now: int) -> frozenset[str]:
        span = now - nanoseconds_of(_SPENT_SINCE), now + SECOND
        latest: dict[tuple[str, str], tuple[int, int]] = {}
        for one in self._rows("api_quota", ("service", "window", "remaining", "reset_seconds"), span=span):
            ends = one.time + int(one.values.get("reset_seconds", 0)) * SECOND
            latest[one.text("service"), one.text("window")] = int(one.values.get("remaining", 1)), ends
        return frozenset(service for (service, _), (left, ends) in latest.items() if left <= 0 and ends > now)

    def _rows(
        self, name: str, columns: tuple[str, ...], where: tuple[Filter, ...] = (), span: tuple[int, int] | None = None,
        page: int = _PAGE,
    ) -> Iterator[Known]:  # fmt: skip
        return recalled(self._store, name, columns, where, span, page)

    def _text(self, one: Known, name: str) -> str:
        return self._once(one.text(name))

    def _once(self, value: Value) -> Value:
        """What is equal is held once: sources tell of the same posts, in the same words."""
        return self._shared.setdefault(value, value)

    def _day(self, time: int) -> date:
        return self._once(datetime.fromtimestamp(time // SECOND, self._zone).date())


_ITEM_COLUMNS = ("platform", "post_id", "status", "content_state", "presence", "topic", "content", "post_number", "position",
                 "tweets", "content_hash", "revision", "revision_time", "file", "line")  # fmt: skip
_REMOTE_COLUMNS = ("source", "platform", "service_post_id", "status", "channel_id", "due", "sent", "created", "error_class",
                   "error_text", "content_hash", "platform_post_id")  # fmt: skip


def text_hashes(content: str, tweets: int) -> tuple[str, ...]:
    """Of the whole text and of each tweet of a thread, as services' copies are hashed.

    Stored threads are tweets joined by a blank line. Where tweets hold blank lines themselves, every run of paragraphs
    may be one; so it is where their number is not known (0).
    """
    texts = [content]
    pieces = content.split("\n\n")
    if tweets > 1 and len(pieces) == tweets:
        texts += pieces
    elif tweets != 1 and tweets < len(pieces) <= _PIECES:
        runs = ((a, b) for a in range(len(pieces)) for b in range(a + 1, len(pieces) + 1))  # at most 820
        texts += ["\n\n".join(pieces[a:b]) for a, b in runs]
    return tuple(dict.fromkeys(filter(None, map(text_hash, texts))))


def _snapshots(frame: pd.DataFrame) -> Iterator[tuple[tuple[str, str, str], int, int | None, int | None]]:
    """Each one's source, platform and post, its time, impressions and interactions."""
    frame = frame.dropna(subset=["source", "platform", "service_post_id"])
    times = pd.DatetimeIndex(frame["time"]).as_unit("ns").asi8.tolist()
    posts = zip(*(frame[name].tolist() for name in ("source", "platform", "service_post_id")), strict=True)
    interactions = frame[list(_REACTIONS)].astype("float64").sum(axis=1, min_count=1)
    return zip(posts, times, _counts(frame["impressions"].astype("float64")), _counts(interactions), strict=True)


def _counts(cells: pd.Series[float]) -> Iterator[int | None]:
    return (None if cell != cell else int(cell) for cell in cells.tolist())


def nanoseconds_of(length: timedelta) -> int:
    return length // timedelta(microseconds=1) * 1000


def _moment(time: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time // 1000)
