"""Calendar posts by the hash of their texts: what a sent post was made from, and its traits. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from collectors.calendars.facts import facts
from collectors.recall import Known
from collectors.social.texts import text_hash
from collectors.time_kinds import local_second

APART = 120 * 86_400 * 1_000_000_000
"""Nanoseconds between the day a text was meant for and the moment it was sent, at most."""
COUNTED = ("characters", "words", "hashtags", "emoji", "links", "questions")
_COUNTS = (*COUNTED, "tweets", "tweet")


@dataclass(frozen=True, slots=True)
class Written:
    """A text of a calendar: a whole post, or one tweet of a thread."""

    time: int
    post_id: str
    topic: str
    prompt_type: str
    told: tuple[int | None, ...]
    """What is counted, in the order of _COUNTS."""

    @property
    def counts(self) -> dict[str, int]:
        return {name: count for name, count in zip(_COUNTS, self.told, strict=True) if count is not None}


@dataclass
class Texts:
    """Those of `wanted` (platform, hash) that calendars hold."""

    wanted: Collection[tuple[str, str]]
    zone: ZoneInfo
    """Of the calendars."""
    _found: dict[tuple[str, str], list[Written]] = field(default_factory=dict)

    def add(self, row: Known) -> None:
        """A calendar's post, as it is stored."""
        platform = row.text("platform")
        for text, place in _pieces(row.text("content"), int(row.values.get("tweets", 0))):
            key = platform, text_hash(text)
            if key not in self.wanted:
                continue
            found = facts(platform, (text,))
            told = tuple((found | place).get(name) for name in _COUNTS)
            one = Written(
                local_second(row, self.zone),
                row.text("post_id"),
                row.text("topic")[:200],
                row.text("prompt_type"),
                told,
            )
            self._found.setdefault(key, []).append(one)

    def of(self, platform: str, content_hash: str, sent: int) -> Written | None:
        """The text a post was made from: of several calendar posts alike the one that was meant for the nearest time."""
        alike = [one for one in self._found.get((platform, content_hash), ()) if abs(one.time - sent) <= APART]
        return min(alike, key=lambda one: (abs(one.time - sent), one.post_id), default=None)


def _pieces(content: str, tweets: int) -> Iterator[tuple[str, dict[str, int]]]:
    """What may have been sent as one post, with its place in the thread.

    Stored threads are joined by blank lines. Tweets may hold blank lines, too; then neighbours may belong together, and
    which number a tweet has is not known.
    """
    if tweets <= 1:
        yield content, {"tweets": 1, "tweet": 1} if tweets else {}
        return
    parts = content.split("\n\n")
    spare = len(parts) - tweets
    for begin in range(len(parts)):
        for end in range(begin + 1, min(len(parts), begin + 1 + max(0, spare)) + 1):
            place = {"tweet": begin + 1} if spare == 0 else {}
            yield "\n\n".join(parts[begin:end]), {"tweets": tweets} | place
