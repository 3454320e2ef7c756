"""Sent posts of all sources with their figures, and which of them are one and the same post. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from collectors.performance.course import Course, exposed_by, interactions
from collectors.performance.readings import PostKey, Readings
from collectors.recall import Known
from collectors.social.post import SECOND
from metricstore.point import nanoseconds

PREFERRED = ("linkedin", "x", "x_analytics", "buffer", "buffer_classic")
"""Whose figures count where several sources tell of a post: the network's own come first."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A post that went out, as one source tells it. `sent` is nanoseconds UTC."""

    source: str
    platform: str
    post_id: str
    sent: int
    channel_id: str = ""
    content_hash: str = ""
    platform_post_id: str = ""

    @property
    def key(self) -> PostKey:
        return self.source, self.post_id

    @property
    def published(self) -> tuple[str, str, str]:
        """The same for all sources' posts that are one post on the network."""
        if self.platform_post_id:
            return "", self.platform, self.platform_post_id
        return self.source, self.platform, self.post_id


@dataclass(frozen=True, slots=True)
class Told:
    """A sent post as the source tells it whose figures count, and who else tells of it."""

    post: Sent
    others: tuple[str, ...] = ()


@dataclass
class Gathering:
    """Posts first, then their readings."""

    _posts: dict[PostKey, Sent] = field(default_factory=dict)
    _on_network: dict[tuple[str, str], Sent] = field(default_factory=dict)
    _readings: Readings = field(default_factory=Readings)

    def add_post(self, row: Known) -> None:
        """A stored `social_post`; one that was not sent, or nobody knows when, is left out."""
        moment = _moment(row.text("sent"))
        if row.text("status") != "sent" or moment is None:
            return
        one = Sent(
            row.text("source"), row.text("platform"), row.text("service_post_id"), moment, row.text("channel_id"),
            row.text("content_hash"), row.text("platform_post_id"),
        )  # fmt: skip
        self._posts[one.key] = one
        if one.platform_post_id:
            self._on_network.setdefault((one.platform, one.platform_post_id), one)

    def add_reading(self, row: Known) -> None:
        """A stored `social_post_stats`. A network tells figures by its own id; the service that sent the post knows it."""
        key = row.text("source"), row.text("service_post_id")
        post = self._posts.get(key)
        if post is None:
            post = self._on_network.get((row.text("platform"), key[1]))
            if post is None:
                return  # of a post whose sending nobody tells
            post = replace(post, source=key[0], post_id=key[1], channel_id=row.text("channel_id") or post.channel_id)
            self._posts[key] = post
        told = row.values.get("age_seconds")
        age = int(told) if told is not None else (row.time - post.sent) // SECOND
        self._readings.add(key, row.time, age if age >= 0 else None, row.values)

    @property
    def hashes(self) -> set[tuple[str, str]]:
        """(platform, hash) of every text that was sent."""
        return {(post.platform, post.content_hash) for post in self._posts.values() if post.content_hash}

    def told(self) -> Iterator[Told]:
        """Each published post once."""
        alike: dict[tuple[str, str, str], list[Sent]] = defaultdict(list)
        for post in self._posts.values():
            alike[post.published].append(post)
        for posts in alike.values():
            first, *others = sorted(posts, key=self._rank) if len(posts) > 1 else posts
            whole = replace(first, content_hash=next((p.content_hash for p in (first, *others) if p.content_hash), ""))
            names = sorted({post.source for post in others} - {first.source})
            yield Told(whole, tuple(names))

    def course(self, post: Sent) -> Course:
        return self._readings.course(post.key)

    def _rank(self, post: Sent) -> tuple[bool, bool, int, str]:
        """Who gives a rate goes first, then who gives anything, then the network itself."""
        figures = self.course(post).figures
        rated = exposed_by(figures) is not None and interactions(figures) is not None
        place = PREFERRED.index(post.source) if post.source in PREFERRED else len(PREFERRED)
        return not rated, not figures, place, post.post_id


def _moment(text: str) -> int | None:
    """Nanoseconds of an ISO time with its zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return nanoseconds(found) if found.tzinfo is not None else None
