"""How people react to what was published, and the exports a platform would offer. Pure."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from collectors.demo.conditions import Conditions
from collectors.demo.story import Item
from collectors.demo.topics import TOPICS

_APPEAL = {topic.title: topic.appeal for topic in TOPICS}
_VIEWS = {"linkedin": 620.0, "twitter": 340.0, "instagram": 480.0}
_RATES = {"linkedin": 0.036, "twitter": 0.019, "instagram": 0.055}
_BEST_LENGTH = {"linkedin": 950.0, "twitter": 520.0, "instagram": 220.0}
METRICS_HEADER = "Date,Platform,Post_Number,Topic,Views,Likes,Comments,Shares,Engagement_Rate"


@dataclass(frozen=True, slots=True)
class Reaction:
    """To one published post."""

    day: date
    platform: str
    number: int
    topic: str
    views: int
    likes: int
    comments: int
    shares: int

    def row(self) -> list[object]:
        rate = 100 * (self.likes + self.comments + self.shares) / self.views if self.views else 0.0
        return [self.day, self.platform, self.number, self.topic, self.views, self.likes, self.comments, self.shares,
                f"{rate:.2f}%"]  # fmt: skip


def reaction(conditions: Conditions, item: Item, number: int, published: datetime) -> Reaction:
    """Depends on topic, hour, weekday, length and the audience's size; the rest is luck."""
    platform, topic = item["platform"], item["topic"]
    rng = conditions.rng("reaction", platform, published.isoformat(), number)
    content = item["content"]
    length = len("".join(content) if isinstance(content, list) else content or "")
    fit = math.exp(-(((length - _BEST_LENGTH[platform]) / (1.2 * _BEST_LENGTH[platform])) ** 2))
    appeal = _APPEAL.get(topic, 1.0)
    scale = conditions.growth(published.date()) ** 2 * conditions.attention(published) * (0.55 + 0.6 * fit)
    views = int(_VIEWS[platform] * scale * appeal**1.5 * rng.lognormvariate(0, 0.45)) + 1
    rate = _RATES[platform] * appeal * (0.7 + 0.5 * fit) * rng.lognormvariate(0, 0.25)
    likes = int(views * rate * 0.8)
    comments, shares = int(views * rate * rng.uniform(0.05, 0.16)), int(views * rate * rng.uniform(0.03, 0.1))
    return Reaction(published.date(), platform, number, topic, views, likes, comments, shares)


def metrics_csv(reactions: list[Reaction]) -> str:
    """As the observed project keeps it, oldest first."""
    return _table(METRICS_HEADER.split(","), (one.row() for one in sorted(reactions, key=lambda one: one.day)))


def weekly_export(conditions: Conditions, platform: str, reactions: list[Reaction], until: date) -> str:
    """The platform's own weekly figures: more than the posts alone bring, complete weeks only."""
    weeks: dict[date, list[Reaction]] = {}
    for one in reactions:
        if one.platform == platform:
            weeks.setdefault(one.day - timedelta(days=one.day.weekday()), []).append(one)
    last = "Saves" if platform == "instagram" else "Shares"
    header = ["Date", "Followers", "Impressions", "Reach", "Engagement Rate"]
    header += ["Likes", "Comments", last] if platform == "instagram" else ["Clicks", last, "Likes", "Comments"]
    rows = []
    for monday, week in sorted(weeks.items()):
        if monday + timedelta(days=7) > until:
            continue
        rng = conditions.rng("week", platform, monday)
        impressions = int(sum(one.views for one in week) * rng.uniform(1.3, 1.6))
        likes, comments = sum(one.likes for one in week), sum(one.comments for one in week)
        third = int(sum(one.shares for one in week) * (1.6 if platform == "instagram" else 1.0))
        followers = int(2400 * conditions.growth(monday) ** 1.5 * rng.uniform(0.995, 1.005))
        rate = f"{100 * (likes + comments + third) / max(1, impressions):.1f}"
        common = [monday, followers, impressions, int(impressions * 0.76), rate]
        if platform == "instagram":
            rows.append([*common, likes, comments, third])
        else:
            rows.append([*common, int(impressions * 0.03), third, likes, comments])
    return _table(header, rows)


def _table(header: list[str], rows: Iterable[list[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
