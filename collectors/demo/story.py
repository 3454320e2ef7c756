"""What the observed programs would have logged and stored: one run of a program at a time. Pure.

Times are local and naive, as in the log. Messages are exactly those of the observed system.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from collectors.demo import texts
from collectors.demo.ai_calls import recorded
from collectors.demo.conditions import Conditions
from collectors.demo.topics import TOPICS, Topic

Item = dict[str, Any]

ENDPOINT = "https://api.z.ai/api/paas/v4/chat/completions"
_SECOND = {"openai": "https://api.openai.com/v1/chat/completions"}
BUFFER = "https://api.bufferapp.com/1/updates/create.json"
_PHRASES = {
    200: "OK", 400: "Bad Request", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip
_WAITS = ((0.75, 1.0), (1.5, 2.0), (3.0, 4.0))


@dataclass(frozen=True, slots=True)
class Line:
    """One log record, not yet written. `usage` is what was recorded of an AI call that ended with it."""

    time: datetime
    level: str
    text: str
    usage: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.time:%Y-%m-%d %H:%M:%S},{self.time.microsecond // 1000:03d} - {self.level} - {self.text}\n"


@dataclass
class Story:
    """Lines in order, told by a clock that the story moves on."""

    conditions: Conditions
    rng: Random
    clock: datetime
    lines: list[Line] = field(default_factory=list)
    flakiness: float = 1.0
    """How much more often than usual an AI call goes wrong."""

    def say(self, text: str, level: str = "INFO", after: float = 0.001, usage: Mapping[str, Any] | None = None) -> None:
        self.clock += timedelta(seconds=after)
        self.lines.append(Line(self.clock, level, text, usage))

    def call(self, about: Item) -> str | None:
        """One use of the AI client with its retries; None when it went well, else the details of the failure.

        `about` says what for: `platform`, `prompt_type`, `post_number`."""
        for attempt in range(4):
            details = self._attempt({**about, "retries": attempt})
            if details is None:
                return None
            if "400" in details or attempt == 3:
                break
            wait = self.rng.uniform(*_WAITS[attempt])
            self.say(f"Retrying request to /chat/completions in {wait:.6f} seconds", after=0.04)
            self.clock += timedelta(seconds=wait)
        return details

    def _attempt(self, about: Item) -> str | None:
        troubles = self.conditions.troubles(self.clock)
        down = "ai_down" in troubles
        if down and self.rng.random() < 0.9:
            self.clock += timedelta(seconds=self.rng.uniform(0.2, 5.0))
            return "Connection error."
        slow = "ai_slow" in troubles
        latency = self.rng.lognormvariate(1.0, 0.35) * (2.4 if slow else 1.0)
        luck, bad = self.rng.random(), (0.25 if slow else 0.05) * self.flakiness
        status = 200 if luck >= bad else self.rng.choices((429, 500, 503, 400), (6, 3, 2, 2.5))[0]
        usage = recorded(self.conditions, self.clock + timedelta(seconds=latency), about, status, latency)
        endpoint = _SECOND.get(usage["provider"], ENDPOINT) if usage else ENDPOINT
        self.say(f'HTTP Request: POST {endpoint} "HTTP/1.1 {status} {_PHRASES[status]}"', after=latency, usage=usage)
        if status == 200:
            return None
        return f'Error code: {status}, with error text {{"error": {{"message": "{_PHRASES[status]}"}}}}'


@dataclass
class BatchRun:
    """A generation run: `items` is the calendar it wrote at `saved`, None when it was interrupted."""

    platform: str
    lines: list[Line]
    items: list[Item]
    saved: datetime | None


def chosen_topics(rng: Random, count: int) -> list[Topic]:
    return rng.sample(TOPICS, min(count, len(TOPICS)))


def linkedin_batch(story: Story, topics: list[Topic]) -> BatchRun:
    """`main.py linkedin_batch N`."""
    count, day, items = len(topics), story.clock.date(), []
    story.say("Starting LinkedIn post generation.")
    story.say(f"Starting batch content generation for {count} LinkedIn posts.")
    interrupted = story.rng.randint(1, count) if story.rng.random() < 0.02 else None
    for number, topic in enumerate(topics, 1):
        details = story.call({"platform": "linkedin", "prompt_type": topic.style, "post_number": number})
        if number == interrupted:
            return BatchRun("linkedin", story.lines, [], None)
        story.say(f"Generated post {number}/{count} for topic: {topic.title[:30]}...", after=0.045)
        text: str | None = texts.failure(topic, details) if details else texts.post(story.rng, topic)
        if not details and story.rng.random() < 0.004:
            text = None
        items.append({
            "post_number": number, "topic": topic.title, "platform": "linkedin", "prompt_type": topic.style,
            "content": text, "publish_date": f"{day + timedelta(days=number - 1)}", "status": "draft",
        })  # fmt: skip
    story.say("LinkedIn batch content generation complete. Content calendar saved to outputs/content_calendar.json")
    saved = story.clock
    story.say(f"Generated {count} LinkedIn posts.", after=0)
    story.say(f"Successfully generated {count} LinkedIn posts.", after=0)
    return BatchRun("linkedin", story.lines, items, saved)


def twitter_batch(story: Story, posts: list[Item]) -> BatchRun:
    """`main.py twitter_batch`: a thread for each item of the LinkedIn calendar."""
    count, day, items = len(posts), story.clock.date(), []
    by_title = {topic.title: topic for topic in TOPICS}
    story.say("Starting Twitter thread generation.")
    story.say("Loaded LinkedIn calendar from file for Twitter generation.")
    story.say(f"Starting Twitter thread generation from {count} LinkedIn posts.")
    for number, post in enumerate(posts, 1):
        topic = by_title[post["topic"]]
        tweets = texts.thread(story.rng, topic)
        for place in range(3):
            details = story.call({"platform": "twitter", "prompt_type": "thread", "post_number": number})
            if details:
                tweets[place] = texts.failure(topic, details)
        story.say(f"Generated thread {number}/{count} for topic: {topic.title[:30]}...", after=0.04)
        items.append({
            "post_number": number, "topic": topic.title, "platform": "twitter", "prompt_type": "thread",
            "content": tweets, "publish_date": f"{day + timedelta(days=number - 1)}", "status": "draft",
        })  # fmt: skip
    story.say("Twitter thread generation complete. Twitter calendar saved to outputs/twitter_calendar.json")
    story.say(f"Generated {count} Twitter threads.", after=0)
    story.say("Twitter calendar saved to outputs/twitter_calendar.json", after=0.003)
    saved = story.clock
    story.say(f"Generated {count} Twitter threads.", after=0)
    return BatchRun("twitter", story.lines, items, saved)


Sent = tuple[Item, int, int | None, datetime]
"""What Buffer accepted: the item, its number, which tweet of it, and when."""


def schedule_posts(story: Story, posts: list[Item], threads: list[Item]) -> list[Sent]:
    """`main.py schedule_posts`; items that Buffer accepted become `scheduled`. What it accepted is the answer."""
    accepted: list[Sent] = []
    story.say("Starting post scheduling.")
    if story.rng.random() < 0.015:
        story.say(
            "Could not retrieve Buffer profiles. Please check your access token and internet connection.", "ERROR", 1
        )
        return accepted
    story.say("Loaded content calendars for scheduling.", after=0.05)
    rows: list[Item] = []
    for post in posts:
        rows.append({"post_number": post["post_number"], "topic": post["topic"], **_sent(story)})
        if rows[-1]["scheduled"]:
            post["status"] = "scheduled"
            accepted.append((post, post["post_number"], None, story.clock))
    story.say(f"LinkedIn scheduling results: {_json(rows)}", after=0.1)
    rows = []
    for thread in threads:
        sent = []
        for place in range(1, len(thread["content"]) + 1):
            sent.append({"tweet_number": place, **_sent(story)})
            if sent[-1]["scheduled"]:
                accepted.append((thread, thread["post_number"], place, story.clock))
        rows.append({
            "post_number": thread["post_number"], "topic": thread["topic"], "tweets_scheduled": len(sent),
            "thread_schedule_results": sent,
        })  # fmt: skip
        if all(one["scheduled"] for one in sent):
            thread["status"] = "scheduled"
    story.say(f"Twitter scheduling results: {_json(rows)}", after=0.1)
    story.say("Scheduling complete.")
    return accepted


def _sent(story: Story) -> Item:
    """Buffer's answer to one create, as a result row tells it."""
    story.clock += timedelta(seconds=story.rng.uniform(0.1, 0.5))
    down = "buffer_down" in story.conditions.troubles(story.clock)
    if story.rng.random() >= (0.85 if down else 0.02):
        return {"scheduled": True, "buffer_id": None, "error": None}
    error = story.rng.choice((
        f"500 Server Error: Internal Server Error for url: {BUFFER}",
        f"429 Client Error: Too Many Requests for url: {BUFFER}",
        "Expecting value: line 1 column 1 (char 0)",
        None if not down else f"503 Server Error: Service Unavailable for url: {BUFFER}",
        "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
    ))  # fmt: skip
    return {"scheduled": False, "buffer_id": None, "error": error}


def _json(rows: list[Item]) -> str:
    return json.dumps(rows, indent=2, ensure_ascii=False) if rows else "[]"
