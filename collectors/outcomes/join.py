"""Which calendar a batch of the log wrote, and what both together say of a post. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

TOPIC_CHARACTERS = 30
"""What the log keeps of a topic."""
SLACK_NS = 60 * 1_000_000_000
"""A calendar can be collected just before the record that says it is complete was written."""


@dataclass(frozen=True)
class Slot:
    """A finished post as the log tells it."""

    time: int
    platform: str
    position: int
    size: int
    topic: str = ""
    outcome: str = ""
    log_outcome: str = ""
    content_outcome: str = ""
    content_reason: str = ""
    outcome_reason: str = ""
    revision: str = ""


@dataclass
class LoggedBatch:
    """A batch of the log. Times are nanoseconds UTC, `days` the local dates it began and ended on."""

    id: str
    platform: str
    size: int
    began: int
    outcome: str
    completed: int | None = None
    days: frozenset[date] = frozenset()
    slots: list[Slot] = field(default_factory=list)


@dataclass(frozen=True)
class CalendarItem:
    """A post as its calendar says it."""

    position: int
    topic: str
    state: str
    """ok, partial, incomplete, failed, null or empty."""
    day: date


@dataclass
class Calendar:
    """One revision of a calendar file: the posts that were first seen in it."""

    platform: str
    revision: str
    size: int
    first_seen: int
    items: dict[int, CalendarItem] = field(default_factory=dict)
    kept: dict[int, CalendarItem] = field(default_factory=dict)
    """What else its file holds: posts that were seen before and written once more, such as the same error message."""

    def item(self, slot: Slot) -> CalendarItem | None:
        """What became of the slot."""
        kept = self.kept.get(slot.position)
        if kept is not None and slot.topic and not _same_topic(kept.topic, slot.topic):
            kept = None
        return self.items.get(slot.position, kept)


def assigned(
    calendars: Iterable[Calendar], batches: Collection[LoggedBatch], now: int
) -> list[tuple[Calendar, LoggedBatch]]:
    """The batch that wrote each calendar, where one can be told. What is joined already stays joined."""
    taken = {slot.revision for batch in batches for slot in batch.slots if slot.revision}
    free = [batch for batch in batches if not any(slot.revision for slot in batch.slots)]
    found = []
    for calendar in sorted(calendars, key=lambda calendar: (calendar.first_seen, calendar.revision)):
        if calendar.revision in taken:
            continue
        batch = _writer(calendar, free, now)
        if batch is not None:
            found.append((calendar, batch))
            free.remove(batch)
    return found


def _writer(calendar: Calendar, batches: list[LoggedBatch], now: int) -> LoggedBatch | None:
    """Of the batches that fit, the last that was complete when the calendar was first seen."""
    alike = [batch for batch in batches if batch.platform == calendar.platform and batch.size == calendar.size]
    seen = calendar.first_seen + SLACK_NS
    if any(batch.outcome == "running" and batch.began <= seen for batch in alike):
        return None  # It may just have been written by that one: wait for its end.
    fitting = [
        (_dates_fit(calendar, batch), batch.completed, batch)
        for batch in alike
        # A batch that ended in the future tells of differing clocks, which then prove nothing.
        if batch.completed is not None and (batch.completed <= seen or batch.completed > now) and _fits(calendar, batch)
    ]
    return max(fitting, key=lambda one: one[:2])[2] if fitting else None


def _fits(calendar: Calendar, batch: LoggedBatch) -> bool:
    """Same topics in the same places; posts of a LinkedIn batch are for its day and the days after it.

    Threads may carry the dates of the posts they were made from.
    """
    if len(calendar.items) * 2 < calendar.size:
        return False  # Some posts were added to or changed in a calendar that was there before.
    topics = {slot.position: slot.topic for slot in batch.slots if slot.topic}
    for item in calendar.items.values():
        logged = topics.get(item.position)
        if logged is not None and not _same_topic(item.topic, logged):
            return False
    return calendar.platform != "linkedin" or _dates_fit(calendar, batch)


def _dates_fit(calendar: Calendar, batch: LoggedBatch) -> bool:
    return all(item.day - timedelta(days=item.position - 1) in batch.days for item in calendar.items.values())


def _same_topic(whole: str, logged: str) -> bool:
    return _plain(whole[:TOPIC_CHARACTERS]) == _plain(logged)


def _plain(topic: str) -> str:
    return " ".join(topic.split())


_CONTENT: Mapping[str, tuple[str, str]] = {
    "ok": ("ok", "content_ok"),
    "partial": ("partial", "failure_text"),
    "failed": ("failed", "failure_text"),
    "incomplete": ("unknown", "empty_content"),
    "null": ("unknown", "null_content"),
    "empty": ("unknown", "empty_content"),
}


def content_verdict(state: str) -> tuple[str, str]:
    """What a content's state says of its generation, and why."""
    return _CONTENT.get(state, ("unknown", "content_unknown"))


def combined(log_outcome: str, content_outcome: str, content_reason: str) -> tuple[str, str | None]:
    """Outcome and reason of log and calendar together; the reason is None when it is the log's.

    A failure seen by either is one (a failed post may have been mended by hand before its calendar was collected);
    the calendar also knows how much of a thread failed. Null or empty content is neither success nor failure.
    """
    if content_outcome in ("failed", "partial"):
        # The log says why (http_500); the calendar only that it went wrong.
        return content_outcome, None if log_outcome in ("failed", "partial") else content_reason
    if log_outcome in ("failed", "partial"):
        return log_outcome, None
    if content_outcome in ("ok", "unknown") and content_reason:
        same = content_outcome == log_outcome == "ok"
        return content_outcome, None if same else content_reason
    return log_outcome, None
