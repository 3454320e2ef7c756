"""A day of the invented team: which programs ran when, and what became of the posts. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from collectors.demo import texts
from collectors.demo.conditions import Conditions
from collectors.demo.deliveries import Accepted, fate
from collectors.demo.service import Service
from collectors.demo.story import (
    BatchRun,
    Item,
    Line,
    Story,
    chosen_topics,
    linkedin_batch,
    schedule_posts,
    twitter_batch,
)

_SERVICE_POSTS = {"linkedin": 2, "twitter": 3}
"""How many of a day's posts the scheduler service sends."""


@dataclass
class Day:
    """What a day left behind."""

    lines: list[Line] = field(default_factory=list)
    batches: list[BatchRun] = field(default_factory=list)
    pictures: list[Item] = field(default_factory=list)
    """Instagram items."""
    accepted: list[Accepted] = field(default_factory=list)
    """What Buffer took."""


def told(conditions: Conditions, day: date, service: Service, due: list[Item]) -> Day:
    """The whole day. `due` are earlier posts that are published on it; their status moves on."""
    activity = conditions.activity(day)
    rng = conditions.rng("day", day)
    found = Day()
    if "machine_down" in conditions.troubles(_at(day, 12)):
        return found
    if day.weekday() < 5:
        _serve(conditions, day, service, due, found)
        _odd_commands(conditions, day, found)
    count = round(10 * activity * rng.uniform(0.8, 1.2))
    if count:
        posts = _morning(conditions, day, count, found)
        if activity > 0.45 and posts:
            _afternoon(conditions, day, max(2, count // 2), found)
    found.pictures = [picture(conditions, day, number) for number in range(round(2.2 * activity + rng.uniform(0, 0.9)))]
    found.lines.sort(key=lambda line: line.time)
    return found


def _morning(conditions: Conditions, day: date, count: int, found: Day) -> list[Item]:
    """Posts, threads made from them, and both sent to Buffer."""
    story = _story(conditions, day, "morning", 9, 5)
    posts = linkedin_batch(story, chosen_topics(story.rng, count))
    _end(found, posts, story)
    if posts.saved is None:
        return []
    story = _next(story, conditions, day, "threads", 4)
    threads = twitter_batch(story, posts.items)
    _end(found, threads, story)
    story = _next(story, conditions, day, "scheduling", 9)
    sent = schedule_posts(story, posts.items, threads.items)
    found.accepted += [Accepted(*one, due_time(conditions, one[0])) for one in sent]
    found.lines += story.lines
    return posts.items


def _afternoon(conditions: Conditions, day: date, count: int, found: Day) -> None:
    """A second batch, at the hour someone finds time."""
    hour = conditions.rng("afternoon", day).choices((13, 14, 15, 16, 17), (2, 4, 4, 3, 1))[0]
    story = _story(conditions, day, "afternoon", hour, 50)
    _end(found, linkedin_batch(story, chosen_topics(story.rng, count)), story)


def _end(found: Day, run: BatchRun, story: Story) -> None:
    found.lines += story.lines
    found.batches.append(run)


def _serve(conditions: Conditions, day: date, service: Service, due: list[Item], found: Day) -> None:
    chosen: list[Item] = []
    for platform, most in _SERVICE_POSTS.items():
        ready = [item for item in due if item["platform"] == platform and item["status"] == "draft" and item["content"]]
        chosen += ready[:most]
    if not chosen:
        return
    story = _story(conditions, day, "service", 8, 4)
    story.clock = max(story.clock, _at(day, 8, 40))
    service.day(story, chosen)
    found.lines += story.lines


def _odd_commands(conditions: Conditions, day: date, found: Day) -> None:
    """What people mistype, and a command the web UI calls that does not exist."""
    story = _story(conditions, day, "odd", 11, 55)
    luck = story.rng.random()
    if luck < 0.12:
        story.say("Unknown command: instagram_batch", "ERROR")
    elif luck < 0.15:
        story.say("Usage: python main.py <command> [options]", "ERROR")
    elif luck < 0.17:
        story.say("Starting post scheduling.")
        story.say("BUFFER_ACCESS_TOKEN not found in environment variables. Please set it in your .env file.", "ERROR")
    found.lines += story.lines


def picture(conditions: Conditions, day: date, number: int) -> Item:
    """An Instagram item made on `day` for the same or the next day."""
    rng = conditions.rng("picture", day, number)
    topic = rng.choice(chosen_topics(rng, 10))
    made = _at(day, 10) + timedelta(minutes=rng.uniform(0, 300))
    shown = day + timedelta(days=rng.randint(0, 2))
    hour = rng.choices((8, 12, 17, 18, 19, 20), (1, 2, 3, 4, 4, 2))[0]
    return {
        "id": f"ig_{day:%Y%m%d}_{number + 1}", "topic": topic.title, "content": texts.caption(rng, topic),
        "platform": "instagram", "style": topic.style, "hashtags": f"#{topic.tag}", "scheduled_date": f"{shown}",
        "scheduled_time": f"{hour:02d}:{rng.choice((0, 15, 30)):02d}", "status": "generated",
        "created_at": made.isoformat(timespec="seconds"),
    }  # fmt: skip


def moved_on(conditions: Conditions, item: Item, now: datetime) -> datetime | None:
    """Bring an item's status up to `now`; the moment it was published, when it was."""
    if "published_at" in item:
        return datetime.fromisoformat(item["published_at"])
    moment = due_time(conditions, item)
    failed = not item["content"] or "Error: Could not" in str(item["content"])
    luck = conditions.rng("fate", item["platform"], moment, item["topic"]).random()
    if item["platform"] == "instagram":
        item["status"] = "published" if moment <= now and luck > 0.05 else "scheduled" if luck > 0.2 else "generated"
    elif moment > now or (failed and luck < 0.7):
        return None  # still what the programs left it at
    elif failed:
        item["status"], item["deleted_at"] = "deleted", moment.isoformat()
        return None
    elif item["status"] == "scheduled":
        ended = fate(conditions, item, moment)
        if ended.withdrawn:
            return None  # taken back at Buffer, of which the calendar hears nothing
        if now < moment + timedelta(seconds=ended.late_seconds):
            return None  # it still waits at Buffer
        item["status"] = "failed" if ended.error else "completed" if item["platform"] == "linkedin" else "posted"
    elif luck > 0.35:
        item["status"] = "completed"  # published by hand
    if item["status"] not in ("completed", "posted", "published"):
        return None
    key = "completed_at" if item["status"] == "completed" else "published_at"
    item[key] = moment.isoformat()
    return moment


def due_time(conditions: Conditions, item: Item) -> datetime:
    """When an item is to be published, local time."""
    if "scheduled_date" in item:
        return datetime.fromisoformat(f"{item['scheduled_date']}T{item['scheduled_time']}")
    rng = conditions.rng("hour", item["platform"], item["publish_date"], item["topic"])
    hour = rng.choices((8, 9, 12, 14, 17, 19), (2, 5, 3, 4, 3, 1))[0]
    return datetime.fromisoformat(item["publish_date"]) + timedelta(hours=hour, minutes=rng.uniform(0, 20))


def _story(conditions: Conditions, day: date, name: str, hour: int, within_minutes: float) -> Story:
    rng = conditions.rng(name, day)
    return Story(conditions, rng, _at(day, hour) + timedelta(minutes=rng.uniform(0, within_minutes), milliseconds=359))


def _next(before: Story, conditions: Conditions, day: date, name: str, minutes: float) -> Story:
    """Another program, some minutes after the one before it."""
    rng = conditions.rng(name, day)
    return Story(conditions, rng, before.clock + timedelta(minutes=rng.uniform(1, minutes)))


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute))
