"""What became of posts that the invented team sent to Buffer, as lines that tell a post's whole life. Pure.

A line holds the post as Buffer's GraphQL interface will show it in the end, and what is needed to know how it looked
on the way: when it was withdrawn, what its figures come to, and how fast they grow.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from collectors.demo.audience import Reaction, reaction
from collectors.demo.conditions import Conditions
from collectors.demo.story import Item
from collectors.demo.topics import TOPICS

_STYLES = {topic.title: topic.style for topic in TOPICS}
CHANNELS = {"linkedin": ("demo-channel-linkedin", "Demo on LinkedIn"), "twitter": ("demo-channel-x", "@demo")}
_TOKEN = "LinkedIn: your access token has expired. Please reconnect the channel."  # noqa: S105 - a message
_CAUSES = (
    ("Twitter: Status is a duplicate.", 4), ("The text is too long: 281 characters, 280 are allowed.", 3),
    ("Rate limit exceeded, too many posts in a short time.", 2), ("The image could not be read.", 1),
    ("The network did not answer: timeout.", 2),
)  # fmt: skip


@dataclass(frozen=True)
class Accepted:
    """A post or tweet that Buffer accepted at `at`, local time."""

    item: Item
    number: int
    tweet: int | None
    at: datetime
    due: datetime


@dataclass(frozen=True)
class Fate:
    """Sent so many seconds late, or why not."""

    late_seconds: float = 0.0
    error: str = ""
    withdrawn: bool = False
    approval: bool = False
    """Somebody had to approve it and forgot."""


def fate(conditions: Conditions, item: Item, due: datetime, tweet: int | None = None) -> Fate:
    """The same whenever it is asked for."""
    platform = item["platform"]
    rng = conditions.rng("delivery", platform, due.isoformat(), item["topic"], tweet or 0)
    if platform == "linkedin" and _locked_out(conditions, due):
        return Fate(error=_TOKEN)
    if platform == "linkedin" and item.get("post_number") == 3 and _forgotten(conditions, due.date()):
        return Fate(rng.uniform(93_600, 180_000), approval=True)
    luck = rng.random()
    if luck < 0.012:
        return Fate(error=rng.choices([text for text, _ in _CAUSES], [weight for _, weight in _CAUSES])[0])
    if luck < 0.03:
        return Fate(withdrawn=True)
    if "buffer_down" in conditions.troubles(due):
        return Fate(rng.uniform(1_800, 30_000))
    return Fate(rng.uniform(60, 2_400) if luck < 0.055 else rng.lognormvariate(2.2, 0.7))


def _locked_out(conditions: Conditions, moment: datetime) -> bool:
    """Now and then the channel's token expires, until somebody notices."""
    monday = moment.date() - timedelta(days=moment.weekday())
    rng = conditions.rng("token", monday)
    began = _midnight(monday) + timedelta(hours=rng.uniform(24, 90))
    return rng.random() < 0.06 and began <= moment < began + timedelta(hours=rng.uniform(8, 30))


def _forgotten(conditions: Conditions, day: date) -> bool:
    return conditions.rng("approval", day).random() < 0.4


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local


def lines(conditions: Conditions, accepted: list[Accepted], zone: ZoneInfo) -> Iterator[str]:
    """A line of JSON for each, in the order they came."""
    for one in accepted:
        yield json.dumps(_life(conditions, one, zone), ensure_ascii=False) + "\n"


def _life(conditions: Conditions, one: Accepted, zone: ZoneInfo) -> dict[str, Any]:
    item, platform = one.item, one.item["platform"]
    rng = conditions.rng("buffer", platform, one.at.isoformat(), one.number, one.tweet or 0)
    due = max(one.due, one.at + timedelta(minutes=5 + 4 * one.number)) + timedelta(minutes=(one.tweet or 1) - 1)
    ended = fate(conditions, item, one.due, one.tweet)
    name = f"{rng.getrandbits(96):024x}"
    text = item["content"] if one.tweet is None else item["content"][one.tweet - 1]
    node: dict[str, Any] = {
        "id": name, "status": "error" if ended.error else "sent", "via": "api", "channelId": CHANNELS[platform][0],
        "channelService": platform, "createdAt": _utc(one.at, zone), "updatedAt": _utc(one.at, zone),
        "dueAt": _utc(due, zone), "sentAt": None, "text": text or "", "externalLink": None,
        "error": {"message": ended.error} if ended.error else None, "metrics": None, "metricsUpdatedAt": None,
    }  # fmt: skip
    if ended.withdrawn:
        return {"node": node, "withdrawnAt": _utc(one.at + rng.uniform(0.1, 0.9) * (due - one.at), zone)}
    if ended.error:
        return {"node": node}
    number = rng.getrandbits(60)
    node |= {
        "sentAt": _utc(due + timedelta(seconds=ended.late_seconds), zone),
        "externalLink": f"https://www.linkedin.com/feed/update/urn:li:share:{number}" if platform == "linkedin"
        else f"https://x.com/demo/status/{number}",
    }  # fmt: skip
    told = _figures(reaction(conditions, item, one.number, one.due), one.tweet, rng.uniform(0.006, 0.02))
    if rng.random() < 0.04:
        told = {name: value for name, value in told.items() if name not in ("impressions", "reach")}
    approval = {"approval": True} if ended.approval else {}
    pace = round(_pace(platform, item["topic"]) * rng.lognormvariate(0, 0.3), 2)
    return {"node": node, **approval, "figures": told, "pace": pace}


def _pace(platform: str, topic: str) -> float:
    """Hours in which about two thirds of a post's readers come: X forgets fast, what people look up lives longer."""
    lasting = 1.5 if _STYLES.get(topic) in ("educational", "case_study") else 0.8
    return (9.0 if platform == "twitter" else 26.0) * lasting


def _figures(found: Reaction, tweet: int | None, clicked: float) -> dict[str, float]:
    """What Buffer shows in the end. It tells no clicks of LinkedIn profiles: its 0 then says nothing."""
    part = 1.0 if tweet is None else (0.6, 0.25, 0.15)[min(tweet, 3) - 1]
    views, likes, comments, shares = (
        round(part * count) for count in (found.views, found.likes, found.comments, found.shares)
    )
    told: dict[str, float] = {"impressions": views, "reactions": likes, "comments": comments, "reposts": shares}
    told |= {"clicks": 0, "reach": round(0.8 * views)} if found.platform == "linkedin" else {"clicks": round(views * clicked), "quotes": round(shares * 0.2)}  # fmt: skip
    return told


def grown(figures: dict[str, float], pace: float, age: timedelta) -> dict[str, float]:
    """Figures at an age: quick at first, then slower; `pace` is the hours in which about two thirds come."""
    share = 1 - math.exp(-((max(0.0, age.total_seconds()) / 3600 / pace) ** 0.75))
    return {name: float(round(value * share)) for name, value in figures.items()}


def _utc(local: datetime, zone: ZoneInfo) -> str:
    moment = local.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
