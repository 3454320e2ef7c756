"""The production scheduler's side of the story: its queue, its log lines, its state file. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from collectors.demo.story import Item, Story

_COOLDOWN = {"linkedin": timedelta(minutes=6), "twitter": timedelta(minutes=2)}
_PROFILES = {"linkedin": "demo-profile-linkedin", "twitter": "demo-profile-twitter"}
_RECENT = timedelta(days=30)
"""Older queue items keep their text no longer than the state file needs to stay small."""


@dataclass
class Service:
    """State of the scheduler service over days."""

    items: dict[str, Item] = field(default_factory=dict)
    history: list[Item] = field(default_factory=list)
    last_post: dict[str, datetime] = field(default_factory=dict)

    def day(self, story: Story, posts: list[Item]) -> None:
        """A morning's restart, with the posts that are due that day, and the loops until they are dealt with.

        `story` begins before 09:00; what Buffer accepted becomes `posted` in `posts`.
        """
        day, epoch = story.clock.date(), int(story.clock.timestamp())
        self.items = self._shortened(day)
        story.say(f"Loaded {len(self.items)} scheduled posts from state")
        waiting = [(f"{post['platform']}_{place}_{epoch}", post) for place, post in enumerate(posts, 1)]
        due = datetime.combine(day, time(9))
        for name, post in waiting:
            story.say(f"Added post {name} to queue - {post['platform']} at {due}")
            self.items[name] = _queued(name, post, due)
        for platform, file in (("linkedin", "content"), ("twitter", "twitter")):
            count = sum(post["platform"] == platform for _, post in waiting)
            story.say(f"Loaded {count} posts from outputs/{file}_calendar.json")
        story.say("Production scheduler started")
        story.say("Production scheduler service started", after=0)
        story.clock = due + timedelta(seconds=story.rng.uniform(0, 59))
        for hour in range(4):
            waiting = [(name, post) for name, post in waiting if not self._tried(story, name, post)]
            if not waiting:
                break
            story.clock = due + timedelta(hours=hour + 1, minutes=hour + 1, seconds=story.rng.uniform(0, 20))

    def _tried(self, story: Story, name: str, post: Item) -> bool:
        """One try; whether the item is dealt with, well or badly."""
        platform, item = post["platform"], self.items[name]
        story.say(f"Processing post {name} for {platform}", after=0.2)
        last = self.last_post.get(platform)
        if last is not None and story.clock - last < _COOLDOWN[platform]:
            story.say(f"Rate limit exceeded for {platform}, skipping post {name}", "WARNING")
        elif story.rng.random() < (0.85 if "buffer_down" in story.conditions.troubles(story.clock) else 0.03):
            error = story.rng.choice(("Unknown error", "500 Server Error: Internal Server Error", "429 Client Error"))
            story.say(f"Failed to post {name}: {error}", "ERROR", after=0.4)
        else:
            story.say(f"Successfully posted {name} to {platform}", after=0.5)
            self.last_post[platform] = story.clock
            item["status"] = "posted"
            post["status"], post["published_at"] = "published", story.clock.isoformat()
            self._remember(name, item, "success", story.clock)
            return True
        item["retry_count"] += 1
        if item["retry_count"] <= 3:
            story.say(f"Post {name} failed, scheduling retry {item['retry_count']}/3", "WARNING")
            item["scheduled_time"] = (story.clock + timedelta(hours=1)).isoformat()
            return False
        story.say(f"Post {name} failed after 3 retries", "ERROR")
        item["status"] = "failed"
        self._remember(name, item, "failed", story.clock)
        return True

    def _remember(self, name: str, item: Item, status: str, moment: datetime) -> None:
        entry = {"post_id": name, "platform": item["platform"], "posted_at": moment.isoformat(), "status": status}
        if status == "failed":
            entry["retry_count"] = item["retry_count"]
        self.history.append(entry)

    def state(self, today: date) -> dict[str, Any]:
        """What the service writes to its state file."""
        return {
            "scheduled_posts": self._shortened(today), "post_history": self.history,
            "last_post_times": {platform: moment.isoformat() for platform, moment in self.last_post.items()},
        }  # fmt: skip

    def _shortened(self, today: date) -> dict[str, Item]:
        """The queue, old items without their texts."""
        oldest = (datetime.combine(today, time()) - _RECENT).isoformat()
        return {
            name: item if item["scheduled_time"] >= oldest or not item["content"] else _without_text(item)
            for name, item in self.items.items()
        }


def _queued(name: str, post: Item, due: datetime) -> Item:
    return {
        "id": name, "platform": post["platform"], "content": post["content"], "scheduled_time": due.isoformat(),
        "profile_id": _PROFILES[post["platform"]], "retry_count": 0, "status": "pending", "post_metadata": dict(post),
    }  # fmt: skip


def _without_text(item: Item) -> Item:
    return {**item, "content": "", "post_metadata": {**item["post_metadata"], "content": ""}}
