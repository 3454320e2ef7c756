"""Days and weeks of demo history, written into a folder at once."""

from __future__ import annotations

import json
import shutil
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors.demo.audience import Reaction, metrics_csv, reaction, weekly_export
from collectors.demo.conditions import Conditions
from collectors.demo.days import due_time, moved_on, told
from collectors.demo.deliveries import Accepted, lines
from collectors.demo.folder import Folder
from collectors.demo.reports import tell_reports
from collectors.demo.service import Service
from collectors.demo.story import Item, Line
from collectors.demo.topics import TOPICS

TIMEZONE = "Europe/Berlin"


@dataclass(frozen=True)
class Settings:
    """What a demo folder was made with, kept in its `demo.json`. `until` is local time: history ends there."""

    seed: int
    first: date
    until: datetime
    timezone: str

    def save(self, root: Path) -> None:
        entries = {
            "seed": self.seed,
            "first": f"{self.first}",
            "until": self.until.isoformat(),
            "timezone": self.timezone,
        }
        temporary = root / "demo.json.new"
        temporary.write_text(json.dumps(entries, indent=2))
        temporary.replace(root / "demo.json")

    @classmethod
    def load(cls, root: Path) -> Settings:
        """Raises FileNotFoundError, ValueError or KeyError when `root` is no demo folder."""
        entries = json.loads((root / "demo.json").read_text())
        until = datetime.fromisoformat(entries["until"])
        return cls(int(entries["seed"]), date.fromisoformat(entries["first"]), until, entries["timezone"])


@dataclass(slots=True)
class Calendar:
    """As it was saved; its items move on until the day the last of them is due."""

    platform: str
    items: list[Item]
    saved: datetime
    last: date


@dataclass(slots=True)
class Told:
    """What a day brought."""

    lines: list[Line]
    accepted: list[Accepted]
    calendars: list[Calendar]
    """Older ones as a rule: those to which nothing happens after this day."""

    def after(self, moment: datetime) -> Told:
        """The same without lines and accepted posts up to `moment`."""
        lines = [line for line in self.lines if line.time > moment]
        return Told(lines, [one for one in self.accepted if one.at > moment], self.calendars)


@dataclass
class History:
    """What has happened up to `until`, told once. It keeps no more of the days than later ones need."""

    settings: Settings
    conditions: Conditions = field(init=False)
    service: Service = field(default_factory=Service)
    reactions: list[Reaction] = field(default_factory=list)
    """To what the calendars told so far published."""
    _open: deque[Calendar] = field(default_factory=deque)
    """Their items still move on."""
    _due: dict[date, list[Item]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.conditions = Conditions(self.settings.seed, self.settings.first)

    def days(self) -> Iterator[Told]:
        """Day by day from the first on; a platform's calendars in the order they were saved in, with the last day all."""
        first, last = self.settings.first, self.settings.until.date()
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            yield self._tell(day, date.max if day == last else day)

    def _tell(self, day: date, past: date) -> Told:
        """One more day; nothing happens any more to what was due up to `past`.

        A run that is under way has written its first lines and no calendar.
        """
        found, now = told(self.conditions, day, self.service, self._due.pop(day, [])), self.settings.until
        for run in found.batches:
            if run.saved is not None:
                self._keep(day, run.platform, run.items, run.saved)
        if found.pictures:
            self._keep(day, "instagram", found.pictures, datetime.combine(day, time(15, 30)))
        lines = [line for line in found.lines if line.time <= now]
        return Told(lines, [one for one in found.accepted if one.at <= now], list(self._finished(past)))

    def _keep(self, day: date, platform: str, items: list[Item], saved: datetime) -> None:
        if saved > self.settings.until:
            return
        last = day
        for item in items:
            due = due_time(self.conditions, item).date()
            last = max(last, due)
            if due > day:
                self._due.setdefault(due, []).append(item)
        self._open.append(Calendar(platform, items, saved, last))

    def _finished(self, past: date) -> Iterator[Calendar]:
        """The oldest calendars, as long as they are past, with every status as it is at the end."""
        while self._open and self._open[0].last <= past:
            calendar = self._open.popleft()
            self._publish(calendar.items)
            yield calendar

    def _publish(self, items: list[Item]) -> None:
        now = self.settings.until
        for place, item in enumerate(items, 1):
            published = moved_on(self.conditions, item, now)
            if published is not None and published <= now:
                self.reactions.append(reaction(self.conditions, item, item.get("post_number", place), published))


def write_history(root: Path, *, seed: int = 7, days: int = 365, now: datetime | None = None,
                  timezone: str = TIMEZONE) -> None:  # fmt: skip
    """Write `days` of history up to `now` (aware; default: this moment) as a project folder at `root`.

    The folder appears whole: it is written beside its place and renamed. Same seed, days and now: same files.
    """
    zone = ZoneInfo(timezone)
    until = (now or datetime.now(zone)).astimezone(zone).replace(tzinfo=None)
    settings = Settings(seed, until.date() - timedelta(days=days), until, timezone)
    history = History(settings)
    folder = _unfinished(root, zone)
    for day in history.days():
        folder.log(day.lines)
        folder.buffer(lines(history.conditions, day.accepted, zone))
        for calendar in day.calendars:
            folder.calendar(calendar.platform, calendar.items, calendar.saved)
    _write_figures(folder, history)
    folder.topics((topic.title, topic.style) for topic in TOPICS)
    tell_reports(folder.root, history.conditions, until.replace(tzinfo=zone))
    settings.save(folder.root)
    folder.root.rename(root)


def catch_up(root: Path, *, now: datetime | None = None) -> None:
    """Go on with the history of a folder from where it ends up to `now`.

    What is new is written beside it and added at the end: a process that is killed before leaves nothing to be told twice.
    """
    before = Settings.load(root)
    zone = ZoneInfo(before.timezone)
    until = (now or datetime.now(zone)).astimezone(zone).replace(tzinfo=None)
    if until <= before.until:
        return
    settings = replace(before, until=until)
    history = History(settings)
    folder, new = Folder(root, zone), _unfinished(root, zone)
    for day in history.days():
        _go_on(history, day.after(before.until), folder, new, before.until)
    _write_figures(folder, history)
    folder.take(new)
    settings.save(root)
    tell_reports(root, history.conditions, until.replace(tzinfo=zone))


def _go_on(history: History, day: Told, folder: Folder, new: Folder, since: datetime) -> None:
    """A day into `new`, and the statuses of calendars that `folder` has had since before."""
    if day.lines:
        new.log(day.lines)
    if day.accepted:
        new.buffer(lines(history.conditions, day.accepted, new.zone))
    for calendar in day.calendars:
        if calendar.saved > since:
            new.calendar(calendar.platform, calendar.items, calendar.saved)
        elif folder.dated(calendar.platform, calendar.saved).exists():
            kept = folder.dated(calendar.platform, calendar.saved)
            folder.rewrite_if_changed(kept, calendar.items, history.settings.until)


def _unfinished(root: Path, zone: ZoneInfo) -> Folder:
    """An empty folder beside `root`."""
    beside = root.with_name(f"{root.name}.unfinished")
    shutil.rmtree(beside, ignore_errors=True)
    return Folder(beside, zone)


def _write_figures(folder: Folder, history: History) -> None:
    now = history.settings.until
    folder.state(history.service.state(now.date()), now)
    folder.table("outputs/metrics.csv", metrics_csv(history.reactions))
    for platform in ("linkedin", "instagram"):
        table = weekly_export(history.conditions, platform, history.reactions, now.date())
        folder.table(f"{platform}_weekly.csv", table)
