"""What a rule is: data, nothing else. Words and defaults are those of docs/alerts.md."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, get_args

from alerting.limits import Limit
from metricstore.metrics import metric
from metricstore.segment import Segment
from metricstore.selection import Selection

Kind = Literal["value", "change", "band", "absent", "late", "each", "first", "budget", "burn"]
Severity = Literal["page", "ticket", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The loudest first."""
Against = Literal["previous", "weekday", "year", "median"]
KINDS: dict[Kind, str] = {
    "value": "the metric crosses a limit",
    "change": "it differs from an earlier window by more than a limit",
    "band": "it lies outside of what the same weekday (or weekday and hour) usually brings",
    "absent": "nothing was counted in a window in which something should have been",
    "late": "a source was not read well for longer than its collector's rhythm explains; one alert a collector",
    "each": "a record is there that was not reported before; every record once",
    "first": "a record is there the like of which was not seen for 90 days",
    "budget": "the month is expected to bring more than a limit; raised when it will even at best",
    "burn": "three days used up too much of what is allowed in 28 days; raised when one day did",
}
AGAINST: dict[Against, str] = {
    "previous": "the window before",
    "weekday": "the same window a week before",
    "year": "the same window 52 weeks before",
    "median": "the median of the windows like it in the last ten weeks",
}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


LISTED: tuple[Kind, ...] = ("each", "first")
"""Kinds that are about single records."""
LATE_BY = ("collector",)
"""What rules of kind `late` are grouped by."""
NOT_JUDGED = "_not-judged"
"""Id of the rule that the evaluator itself has; no file can name it so."""


@dataclass(frozen=True)
class Needs:
    """Another metric that must reach a limit in a window, or the window has too few records to say anything."""

    metric: str
    limit: Limit


@dataclass(frozen=True)
class Span:
    """`breaches` of the last `looks` windows that had data."""

    breaches: int = 1
    looks: int = 1


@dataclass(frozen=True)
class Rule:
    id: str
    """Stable: part of every key."""
    title: str
    kind: Kind
    metric: str
    """Empty for rules of kind `late`, which look at collectors."""
    every: str
    """Window, as in addresses: 15m, 1h, 1d…"""
    fire: Limit
    clear: Limit
    """Between the two an open alert stays open: that keeps a value at its limit from flapping."""
    by: tuple[str, ...] = ()
    """One alert for each value of these columns."""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    segment: str = ""
    """Name of the segment beyond which it sees nothing; empty: it sees everything."""
    within: Segment | None = None
    """What that segment lets through; None where nobody has looked it up yet, and then nothing is judged."""
    timezone: str = "UTC"
    needs: Needs | None = None
    needed: Span = Span()
    keep: timedelta = timedelta(0)
    """Stays open at least so long after the last breach."""
    quiet: timedelta = timedelta(hours=12)
    """So long without records, and the alert ends as quiet; not as resolved."""
    severity: Severity = "ticket"
    page: Limit | None = None
    """A second limit: the same alert, raised to severity `page`."""
    against: Against = "previous"
    least: float = 0.0
    """Of `change`: what is compared with must be at least so much, else 1 to 3 is +200 %."""
    weekdays: tuple[str, ...] = WEEKDAYS
    """Of `absent`: the days, in the rule's zone, on which something should happen."""
    allowance: float = 0.0
    """Of `burn`: how many are allowed in 28 days."""
    back: timedelta = timedelta(hours=24)
    """Of `each` and `first`: records are looked at until they are so old."""
    ahead: timedelta = timedelta(0)
    """Of `each`: and from so long before their time."""
    show: tuple[str, ...] = ()
    """Of `each` and `first`: the columns of a record that stand in messages."""
    owner: str = ""
    runbook: str = ""
    notify: tuple[str, ...] = ()
    repeat: timedelta = timedelta(hours=24)
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def condition(self) -> str:
        """The same for rules that decide alike: title, owner and receivers may differ, and open alerts stay."""
        parts = (self.kind, self.metric, self.every, self.fire, self.clear, self.by, sorted(self.where.items()), self.timezone,
                 self.needs, self.needed, self.keep, self.quiet, self.page, self.against, self.least, self.weekdays,
                 *(self.back, self.ahead) * self.listed, *((self.allowance,) if self.kind == "burn" else ()),
                 *((self.segment, self.within) if self.segment else ()))  # fmt: skip
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]

    @property
    def measurements(self) -> tuple[str, ...]:
        """What it rests on; of a momentary rule nothing."""
        names = () if self.momentary else metric(self.metric).measurements
        return names if self.needs is None else (*names, *metric(self.needs.metric).measurements)

    @property
    def momentary(self) -> bool:
        """Whether it looks at what is now rather than at windows of a metric."""
        return self.kind == "late"

    @property
    def listed(self) -> bool:
        """Whether it is about single records rather than windows of a metric."""
        return self.kind in LISTED

    @property
    def windowed(self) -> bool:
        """Whether it judges windows of a metric, one after the other."""
        return not (self.momentary or self.listed)

    @property
    def selection(self) -> Selection:
        """Its filters, window and zone; the range is up to who asks."""
        return Selection(timezone=self.timezone, every="auto" if self.listed else self.every, where=self.where)


def within_segments(rules: Iterable[Rule], segments: Mapping[str, Segment]) -> list[Rule]:
    """The same rules, with their segments looked up."""
    return [replace(rule, within=segments.get(rule.segment)) if rule.segment else rule for rule in rules]


def listed(id: str, title: str, kind: Kind, metric: str, **words: Any) -> Rule:
    """A rule that reports single records."""
    return Rule(id, title, kind, metric, "15m", Limit(">", 0), Limit("<=", 0), **words)


def momentary(id: str, title: str, **words: Any) -> Rule:
    """A rule that fires while something is so: 1, and ends when it is not: 0."""
    return Rule(id, title, "late", "", "1m", Limit(">", 0), Limit("<=", 0), **words)
