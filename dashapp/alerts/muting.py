"""Why nobody is written to about an alert: a silence, a maintenance window, or a source that is not collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerting.maintenance import Maintenance
from alerting.rule import Rule
from dashapp.alerts.states import Group
from metricstore.catalogue.collected import COLLECTED


@dataclass(frozen=True)
class Silence:
    id: int
    rule: str
    """"" for every rule."""
    labels: tuple[str, ...] | None
    """None: all groups of the rule."""
    number: int
    """Until the alert of this number has ended; 0: until `stop` alone."""
    start: datetime
    stop: datetime
    reason: str
    author: str

    def covers(self, rule: str, labels: tuple[str, ...], number: int, now: datetime) -> bool:
        return (
            self.start <= now < self.stop
            and self.rule in ("", rule)
            and self.labels in (None, labels)
            and self.number in (0, number)
        )


@dataclass(frozen=True)
class Mutes:
    silences: Sequence[Silence] = field(default=())
    sources: Mapping[str, str] | None = None
    """By collector what is wrong with it; empty where all is well. None: nobody can say now."""
    maintenance: Sequence[Maintenance] = field(default=())

    def why(self, rule: Rule, group: Group, now: datetime) -> str:
        """In words; empty: somebody is written to."""
        opened = group.memory.open
        number = opened.number if opened else 0
        for each in self.maintenance:
            if each.covers(rule.id, now):
                return f"maintenance {each.name}: {each.reason}"
        for one in self.silences:
            if one.covers(rule.id, group.labels, number, now):
                return f"silenced by {one.author}: {one.reason}"
        known = self.sources or {}
        for measurement in rule.measurements:
            feeding = [name for name in COLLECTED[measurement].by if name in known]
            if feeding and all(known[name] for name in feeding):
                return f"not judged: {known[feeding[0]]}"
        return ""
