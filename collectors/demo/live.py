"""Something happens now: runs of the observed programs, told in real time into the files of a demo folder."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors.demo.conditions import Conditions, Trouble
from collectors.demo.days import due_time
from collectors.demo.deliveries import Accepted, lines
from collectors.demo.folder import Folder
from collectors.demo.history import Settings
from collectors.demo.reports import tell_reports
from collectors.demo.story import BatchRun, Line, Story, chosen_topics, linkedin_batch, schedule_posts, twitter_batch

log = logging.getLogger(__name__)

_FLAKINESS = 4.0
_FIRST_PAUSE_SECONDS = 3.0
_PAUSE_GROWTH = 1.6
_LONGEST_PAUSE_SECONDS = 1_800.0
"""Lively for whoever has just started it; left alone for days it must not drown the year before it."""
_LOOK_SECONDS = 1.0


class _Calm(Conditions):
    """Who looks on should see things work, mostly."""

    def troubles(self, moment: datetime) -> set[Trouble]:
        return set()


class Live:
    """Plays until it is stopped. `speed` divides all waiting; while nobody watches, next to nothing happens."""

    def __init__(
        self, root: Path, stop: threading.Event, *, speed: float = 1.0, watched: Callable[[], bool] = lambda: True
    ) -> None:
        self._root = root
        self._stop = stop
        self._speed = speed
        self._watched = watched
        self._settings = Settings.load(root)
        self._zone = ZoneInfo(self._settings.timezone)
        self._folder = Folder(root, self._zone)
        self._conditions = _Calm(self._settings.seed, self._settings.first)
        self._kept_history = False
        self._reported = datetime.now(UTC).date()

    def run(self, cycles: int | None = None) -> None:
        """Batch after batch, with growing pauses; `cycles` of them or until stopped."""
        pause, cycle = _FIRST_PAUSE_SECONDS, 0
        while not self._stop.is_set() and (cycles is None or cycle < cycles):
            self._cycle()
            self._settings = replace(self._settings, until=self._now())
            self._settings.save(self._root)
            self._report()
            cycle += 1
            pause = self._rest(pause)

    def _rest(self, pause: float) -> float:
        """Wait for the next batch; the pause behind that one."""
        if self._watched():
            self._wait(pause)
            return min(_LONGEST_PAUSE_SECONDS, pause * _PAUSE_GROWTH)
        waited = 0.0
        while waited < _LONGEST_PAUSE_SECONDS and self._wait(_LOOK_SECONDS):
            waited += _LOOK_SECONDS
            if self._watched():
                return _FIRST_PAUSE_SECONDS
        return _LONGEST_PAUSE_SECONDS

    def _cycle(self) -> None:
        """Posts, threads made of them, both scheduled."""
        story = self._story("posts")
        posts = linkedin_batch(story, chosen_topics(story.rng, story.rng.randint(2, 4)))
        if not self._play(posts.lines) or not self._save(posts):
            return
        threads = twitter_batch(self._story("threads"), posts.items)
        if not self._play(threads.lines) or not self._save(threads):
            return
        story = self._story("scheduling")
        sent = schedule_posts(story, posts.items, threads.items)
        if self._play(story.lines):
            now = self._now()
            accepted = [Accepted(item, number, tweet, now, due_time(self._conditions, item))
                        for item, number, tweet, _ in sent]  # fmt: skip
            self._folder.buffer(lines(self._conditions, accepted, self._zone))
            for run in (posts, threads):
                self._folder.write_items(self._folder.newest(run.platform), run.items, self._now())

    def _report(self) -> None:
        """The day before, once it has ended, as its provider tells it."""
        now = datetime.now(UTC)
        if now.date() > self._reported:
            tell_reports(self._root, self._conditions, now)
            self._reported = now.date()

    def _story(self, name: str) -> Story:
        now = self._now()
        return Story(self._conditions, self._conditions.rng("live", name, now), now, flakiness=_FLAKINESS)

    def _play(self, lines: Iterable[Line]) -> bool:
        """Write each line when its time has come, under the time it is written; False when stopped."""
        before: datetime | None = None
        for line in lines:
            if before is not None and not self._wait((line.time - before).total_seconds()):
                return False
            before = line.time
            self._folder.log([replace(line, time=self._now())])
        return True

    def _save(self, run: BatchRun) -> bool:
        """The calendar of a finished batch. What lived in the newest one before is kept once, later ones are
        replaced as the observed programs do; False when the batch was interrupted."""
        if run.saved is None:
            return False
        if self._kept_history and self._folder.newest(run.platform).exists():
            self._folder.write_items(self._folder.newest(run.platform), run.items, self._now())
        else:
            self._folder.calendar(run.platform, run.items, self._now())
            self._kept_history = run.platform == "twitter"
        return True

    def _wait(self, seconds: float) -> bool:
        return not self._stop.wait(max(0.0, seconds) / self._speed)

    def _now(self) -> datetime:
        return datetime.now(self._zone).replace(tzinfo=None)
