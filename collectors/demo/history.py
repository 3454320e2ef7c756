"""Days and weeks of demo history, written into a folder at once."""

from __future__ import annotations

import json
import shutil
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


@dataclass
class _Saved:
    """A calendar as it was saved, its items kept up to date."""

    platform: str
    items: list[Item]
    saved: datetime


@dataclass
class History:
    """What has happened so far; grows day by day."""

    conditions: Conditions
    service: Service = field(default_factory=Service)
    lines: list[Line] = field(default_factory=list)
    calendars: list[_Saved] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    _due: dict[date, list[Item]] = field(default_factory=dict)

    @classmethod
    def until(cls, settings: Settings) -> History:
        """All of it, from the first day on."""
        history = cls(Conditions(settings.seed, settings.first))
        for offset in range((settings.until.date() - settings.first).days + 1):
            history.tell(settings.first + timedelta(days=offset))
        history.cut(settings.until)
        return history

    def tell(self, day: date) -> None:
        """One more day; days must come in order."""
        found = told(self.conditions, day, self.service, self._due.pop(day, []))
        self.lines += found.lines
        self.accepted += found.accepted
        for run in found.batches:
            if run.saved is not None:
                self._keep(_Saved(run.platform, run.items, run.saved))
        if found.pictures:
            self._keep(_Saved("instagram", found.pictures, datetime.combine(day, time(15, 30))))

    def _keep(self, saved: _Saved) -> None:
        self.calendars.append(saved)
        for item in saved.items:
            self._due.setdefault(due_time(self.conditions, item).date(), []).append(item)

    def cut(self, now: datetime) -> None:
        """Forget what lies in the future; a run that is under way has written its first lines and no calendar."""
        self.calendars = [saved for saved in self.calendars if saved.saved <= now]
        self.lines = [line for line in self.lines if line.time <= now]
        self.accepted = [one for one in self.accepted if one.at <= now]

    def publish(self, now: datetime) -> list[Reaction]:
        """Bring every status up to now; how people reacted to what was published."""
        reactions = []
        for saved in self.calendars:
            for place, item in enumerate(saved.items, 1):
                published = moved_on(self.conditions, item, now)
                if published is not None and published <= now:
                    reactions.append(reaction(self.conditions, item, item.get("post_number", place), published))
        return reactions


def write_history(root: Path, *, seed: int = 7, days: int = 365, now: datetime | None = None,
                  timezone: str = TIMEZONE) -> None:  # fmt: skip
    """Write `days` of history up to `now` (aware; default: this moment) as a project folder at `root`.

    The folder appears whole: it is written beside its place and renamed. Same seed, days and now: same files.
    """
    zone = ZoneInfo(timezone)
    until = (now or datetime.now(zone)).astimezone(zone).replace(tzinfo=None)
    settings = Settings(seed, until.date() - timedelta(days=days), until, timezone)
    unfinished = root.with_name(f"{root.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    folder = Folder(unfinished, zone)
    history = History.until(settings)
    reactions = history.publish(until)
    folder.log(history.lines)
    folder.buffer(lines(history.conditions, history.accepted, zone))
    for saved in sorted(history.calendars, key=lambda saved: saved.saved):
        folder.calendar(saved.platform, saved.items, saved.saved)
    _write_figures(folder, history, reactions, until)
    folder.topics((topic.title, topic.style) for topic in TOPICS)
    tell_reports(unfinished, history.conditions, until.replace(tzinfo=zone))
    settings.save(unfinished)
    unfinished.rename(root)


def catch_up(root: Path, *, now: datetime | None = None) -> None:
    """Go on with the history of a folder from where it ends up to `now`."""
    before = Settings.load(root)
    zone = ZoneInfo(before.timezone)
    until = (now or datetime.now(zone)).astimezone(zone).replace(tzinfo=None)
    if until <= before.until:
        return
    settings = replace(before, until=until)
    folder = Folder(root, zone)
    history = History.until(settings)
    reactions = history.publish(until)
    folder.log(line for line in history.lines if line.time > before.until)
    new = [one for one in history.accepted if one.at > before.until]
    folder.buffer(lines(history.conditions, new, zone))
    for saved in sorted(history.calendars, key=lambda saved: saved.saved):
        if saved.saved > before.until:
            folder.calendar(saved.platform, saved.items, saved.saved)
        elif folder.dated(saved.platform, saved.saved).exists():
            folder.rewrite_if_changed(folder.dated(saved.platform, saved.saved), saved.items, until)
    _write_figures(folder, history, reactions, until)
    tell_reports(root, history.conditions, until.replace(tzinfo=zone))
    settings.save(root)


def _write_figures(folder: Folder, history: History, reactions: list[Reaction], now: datetime) -> None:
    folder.state(history.service.state(now.date()), now)
    folder.table("outputs/metrics.csv", metrics_csv(reactions))
    for platform in ("linkedin", "instagram"):
        folder.table(f"{platform}_weekly.csv", weekly_export(history.conditions, platform, reactions, now.date()))
