"""The circumstances of a day: how much is made, what is down, how the audience grows. Pure.

Everything follows from the seed and the date, so a day looks the same however long a range is generated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Literal

Trouble = Literal["ai_down", "ai_slow", "buffer_down", "machine_down"]

_WEEKDAYS = (1.0, 1.1, 1.15, 1.05, 0.8, 0.25, 0.15)
_MONTHS = (0.85, 1.0, 1.1, 1.1, 1.05, 1.0, 0.85, 0.6, 1.1, 1.15, 1.1, 0.75)
_HOURS = (0.3, 0.2, 0.2, 0.2, 0.3, 0.5, 0.8, 1.1, 1.3, 1.25, 1.1, 1.0,
          1.15, 1.0, 0.9, 0.9, 1.0, 1.15, 1.2, 1.1, 0.95, 0.8, 0.6, 0.4)  # fmt: skip
"""How attentive the audience is by the hour a post is published."""


@dataclass(frozen=True)
class Outage:
    """Something does not work in [start, stop), local time."""

    trouble: Trouble
    start: datetime
    stop: datetime


class Conditions:
    """Of the invented team, from any day on. `epoch` is the day its audience began to grow."""

    def __init__(self, seed: int, epoch: date) -> None:
        self.seed = seed
        self.epoch = epoch
        self._weeks: dict[date, list[Outage]] = {}

    def rng(self, *parts: object) -> Random:
        """A source of chance of its own for whatever `parts` name."""
        return Random(":".join(map(str, (self.seed, *parts))))  # noqa: S311 - a story, not a secret

    def activity(self, day: date) -> float:
        """How much is made on that day; about 1 on a usual weekday of a grown team."""
        holiday = (day.month == 12 and day.day >= 22) or (day.month == 1 and day.day <= 3)
        return _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1] * (0.3 if holiday else 1.0) * self.growth(day)

    def growth(self, day: date) -> float:
        """From 0.6 at the beginning to 1 after a year, and slowly on."""
        return 0.6 + 0.4 * min(1.5, max(0.0, (day - self.epoch).days / 365))

    def attention(self, moment: datetime) -> float:
        weekend = 0.75 if moment.weekday() >= 5 else 1.0
        return _HOURS[moment.hour] * weekend

    def troubles(self, moment: datetime) -> set[Trouble]:
        """What does not work at a local time."""
        monday = moment.date() - timedelta(days=moment.weekday())
        near = [*self._outages(monday - timedelta(days=7)), *self._outages(monday)]
        return {outage.trouble for outage in near if outage.start <= moment < outage.stop}

    def _outages(self, monday: date) -> list[Outage]:
        if monday not in self._weeks:
            rng = self.rng("outages", monday)
            self._weeks[monday] = [
                outage
                for trouble, chance, shortest, longest in (
                    ("ai_down", 0.2, 1, 30), ("ai_slow", 0.4, 3, 40), ("buffer_down", 0.15, 2, 20),
                    ("machine_down", 0.05, 14, 96),
                )
                if rng.random() < chance
                for outage in [_outage(rng, trouble, monday, shortest, longest)]  # type: ignore[arg-type]
            ]  # fmt: skip
        return self._weeks[monday]


def _outage(rng: Random, trouble: Trouble, monday: date, shortest: int, longest: int) -> Outage:
    midnight = datetime(monday.year, monday.month, monday.day) + timedelta(days=rng.randint(0, 4))  # noqa: DTZ001 - local
    # Mostly when everyone else is at work, too.
    start = midnight + timedelta(hours=rng.triangular(2, 23, 8.5))
    return Outage(trouble, start, start + timedelta(hours=rng.uniform(shortest, longest)))
