"""What the store holds of posts, as records for matching."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from collectors.journey.evidence import SECOND
from collectors.journey.matching import BEFORE, NEAR
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
from collectors.recall import FOREVER, Known, pages, recalled
from collectors.social.texts import text_hash
from metricstore.point import nanoseconds
from metricstore.query import Filter
from metricstore.store import Store

_EXCERPT = 140
_PAGE = 2000
"""Rows with their whole texts that are held at a time."""
_SNAPSHOTS = 10_000
"""Rows of figures that are."""
_PIECES = 40
"""Paragraphs of a thread whose tweets can't be told apart any more: beyond that only the whole text is looked for."""
_REACTIONS = ("reactions", "comments", "reposts", "shares", "quotes", "saves", "clicks")
_IMPORTED = ("likes", "comments", "shares", "saves", "clicks")
_CHANNELS_SINCE = timedelta(days=3)
_SPENT_SINCE = timedelta(days=1)
_TOPIC_TEXT = 200


class Reader:
    """Reads records of the store. Not kept between runs: many small objects that stay hold much memory around them."""

    def __init__(self, store: Store, zone: ZoneInfo) -> None:
        self._store = store
        self._zone = zone
        self._hashes: dict[tuple[str, int], tuple[str, ...]] = {}
        self._days: dict[int, date] = {}

    def records(self, since: int | None) -> Records:
        """All records that can concern posts dated from `since` (nanoseconds; None: all) on."""
        near = None if since is None else (since - NEAR, FOREVER)
        before = None if since is None else (since - BEFORE, FOREVER)
        return Records(
            self._items(near, before), self._finished(before), self._attempts(before), self._queued(near),
            self._delivered(near), self._remotes(near), self._figures(near), self._imported(near),
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
            place = int(one.values.get("ordinal", 0)), one.time, one.text("to_status")
            changes[one.text("post_id")].append(place)
        found = {}
        for one in self._rows("post", _ITEM_COLUMNS, span=span):
            own = tuple((time, status) for _, time, status in sorted(changes.get(one.text("post_id"), ())))
            found[one.text("post_id")] = self._item(one, own)  # a moved post has two points for a moment: the later
        return list(found.values())

    def _item(self, one: Known, changes: tuple[tuple[int, str], ...]) -> Item:
        second = one.time - one.time % SECOND
        content = one.text("content")
        usable = one.text("content_state") in ("ok", "partial", "failed")
        return Item(
            one.text("post_id"), one.time, one.text("platform"), self._day(second), one.text("topic"),
            one.values.get("post_number"), one.values.get("position"), one.text("revision"),
            _read_iso(one.text("revision_time")), self._timed(second), one.text("status"), one.text("content_state"),
            one.text("presence"), self._texts(one, content) if usable else (), _excerpt(content),
            f"{one.text('file')}:{one.values.get('line', '')}", changes,
        )  # fmt: skip

    def _texts(self, one: Known, content: str) -> tuple[str, ...]:
        # of threads that failed as a whole nobody has counted the tweets
        tweets = int(one.values.get("tweets", 0 if one.text("platform") == "twitter" else 1))
        key = one.text("content_hash"), tweets
        if key not in self._hashes:
            self._hashes[key] = text_hashes(content, tweets)
        return self._hashes[key]

    def _finished(self, span: tuple[int, int] | None) -> list[Finished]:
        ends = {one.text("batch_id"): one.text("outcome") for one in self._rows("batch", ("batch_id", "outcome"), span=span)}  # fmt: skip
        columns = ("platform", "topic", "position", "revision", "outcome", "batch_id", "file", "line")
        return [
            Finished(one.time, one.text("platform"), one.text("topic"), one.values.get("position"), one.text("revision"),
                     one.text("outcome"), ends.get(one.text("batch_id"), ""), one.text("file"), int(one.values.get("line", 0)))
            for one in self._rows("generation", columns, span=span)
        ]  # fmt: skip

    def _attempts(self, span: tuple[int, int] | None) -> list[Attempt]:
        columns = ("platform", "outcome", "topic", "post_number", "buffer_id", "item_id", "error_kind", "error", "file", "line")  # fmt: skip
        return [
            Attempt(one.time, one.text("platform"), one.text("outcome") == "ok", one.text("topic"),
                    one.values.get("post_number"), one.text("buffer_id"), one.text("item_id"),
                    ": ".join(filter(None, (one.text("error_kind"), one.text("error")))), one.text("file"),
                    int(one.values.get("line", 0)))
            for one in self._rows("scheduling_attempt", columns, span=span)
        ]  # fmt: skip

    def _queued(self, span: tuple[int, int] | None) -> list[Queued]:
        columns = ("platform", "item_id", "status", "topic", "post_number")
        return [
            Queued(one.text("item_id"), one.text("platform"), one.time - one.time % SECOND, self._day(one.time),
                   one.text("topic"), one.values.get("post_number"), one.text("status"))
            for one in self._rows("queue_item", columns, span=span)
        ]  # fmt: skip

    def _delivered(self, span: tuple[int, int] | None) -> list[Delivered]:
        return [
            Delivered(one.time, one.text("item_id"), one.text("platform"), one.text("outcome") == "ok", one.text("topic"))
            for one in self._rows("delivery", ("platform", "outcome", "item_id", "topic"), span=span)
        ]  # fmt: skip

    def _remotes(self, span: tuple[int, int] | None) -> list[Remote]:
        found = []
        for one in self._rows("social_post", _REMOTE_COLUMNS, span=span):
            due, sent = _read_iso(one.text("due")), _read_iso(one.text("sent"))
            meant = next(moment for moment in (due, sent, one.time) if moment is not None)
            found.append(Remote(
                one.text("source"), one.text("platform"), one.text("service_post_id"), one.time, self._day(meant),
                one.text("status"), due, sent, _read_iso(one.text("created")), one.text("content_hash"),
                one.text("platform_post_id"), one.text("channel_id"), one.text("error_class"), one.text("error_text"),
            ))  # fmt: skip
        return found

    def _figures(self, span: tuple[int, int] | None) -> list[Figures]:
        """Snapshots added up by post in columns: there are many of them."""
        columns = ("source", "platform", "service_post_id", "impressions", *_REACTIONS)
        frames = pages(self._store, "social_post_stats", columns, (), span, _SNAPSHOTS)
        pieces = [_summed(frame) for frame in frames if len(frame)]
        if not pieces:
            return []
        together = pd.concat(pieces).groupby(["source", "platform", "service_post_id"], sort=True)
        rows = together.agg(first=("first", "min"), last=("last", "max"), seen=("seen", "min"), engaged=("engaged", "min"),
                            impressions=("impressions", "last"), interactions=("interactions", "last"))  # fmt: skip
        found = []
        for (source, platform, name), row in zip(rows.index, rows.itertuples(index=False), strict=True):
            first, last, *cells = row
            known = (None if pd.isna(cell) else int(cell) for cell in cells)
            found.append(Figures(source, platform, name, int(first), int(last), *known))
        return found

    def _imported(self, span: tuple[int, int] | None) -> list[Imported]:
        columns = ("platform", "topic", "post_number", "row_id", "exposures", *_IMPORTED)
        where = (Filter("grain", "any", ("post",)), Filter("provenance", "any", ("imported",)))
        found = []
        for one in self._rows("engagement", columns, where, span):
            told = [int(one.values[name]) for name in _IMPORTED if name in one.values]
            found.append(Imported(
                one.time, one.text("platform"), one.text("row_id"), self._day(one.time), one.text("topic")[:_TOPIC_TEXT],
                one.values.get("post_number"), one.values.get("exposures"), sum(told) if told else None,
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
        self, name: str, columns: tuple[str, ...], where: tuple[Filter, ...] = (), span: tuple[int, int] | None = None
    ) -> Iterator[Known]:  # fmt: skip
        return recalled(self._store, name, columns, where, span, _PAGE)

    def _day(self, time: int) -> date:
        second = time // SECOND
        found = self._days.get(second)
        if found is None:
            found = self._days[second] = datetime.fromtimestamp(second, self._zone).date()
        return found

    def _timed(self, second: int) -> bool:
        local = datetime.fromtimestamp(second // SECOND, self._zone)
        return (local.hour, local.minute, local.second) != (0, 0, 0)


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


def _summed(frame: pd.DataFrame) -> pd.DataFrame:
    """A row for each post of a piece of snapshots, which come in the order of time."""
    times = pd.DatetimeIndex(frame["time"]).as_unit("ns").asi8
    impressions = frame["impressions"].astype("float64")
    reactions = frame[list(_REACTIONS)].astype("float64").sum(axis=1, min_count=1)
    told = pd.DataFrame({
        "source": frame["source"].astype(object), "platform": frame["platform"].astype(object),
        "service_post_id": frame["service_post_id"].astype(object), "first": times, "last": times,
        "seen": pd.array(times, dtype="Int64"), "engaged": pd.array(times, dtype="Int64"),
        "impressions": impressions.to_numpy(), "interactions": reactions.to_numpy(),
    })  # fmt: skip
    told.loc[~(told["impressions"] > 0), "seen"] = pd.NA
    told.loc[~(told["interactions"] > 0), "engaged"] = pd.NA
    return told.groupby(["source", "platform", "service_post_id"], sort=False, as_index=False).agg(
        {"first": "min", "last": "max", "seen": "min", "engaged": "min", "impressions": "last", "interactions": "last"}
    )


def _excerpt(content: str) -> str:
    words = " ".join(content[: 4 * _EXCERPT].split())
    return words if len(words) <= _EXCERPT else f"{words[:_EXCERPT]}…"


def _read_iso(text: str) -> int | None:
    """Nanoseconds; None for nothing or what is no time."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return nanoseconds(moment) if moment.tzinfo else None


def nanoseconds_of(length: timedelta) -> int:
    return length // timedelta(microseconds=1) * 1000


def _moment(time: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time // 1000)
