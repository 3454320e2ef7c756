"""A round of evaluation: every rule whose data or windows are new is judged, and what is to be said is put into the outbox.

State and messages are written in one transaction, so each event is decided once, whatever dies when. A rule about which nothing is new
costs no question.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import nan

from alerting.alert import Alert, Memory
from alerting.asking import MOST_GROUPS, asked, settled_until
from alerting.course import Look
from alerting.deciding import REVISED, decide
from alerting.listing import in_view
from alerting.measuring import Labels
from alerting.rule import NOT_JUDGED, Rule
from dashapp.accounts.database import Database
from dashapp.alerts.round import Decided, Round
from dashapp.alerts.states import Group, States, Superseded
from dashapp.alerts.storing import remove, store
from dashapp.alerts.wording import Links
from metricstore import nothing
from metricstore.catalogue.collected import COLLECTED
from metricstore.coverage import last_good_run
from metricstore.quantities import quantity
from metricstore.store import Store
from metricstore.windows import Window, zone

log = logging.getLogger(__name__)

CAUGHT_UP = timedelta(days=7)
"""After a longer pause windows before that are not judged any more."""


class Evaluator:
    """Used by one thread, in the process that holds the lease."""

    def __init__(self, store: Store, database: Database, links: Links) -> None:
        self._store = store
        self._database = database
        self._states = States(database)
        self._links = links
        self._seen: dict[str, tuple[object, ...]] = {}

    def round(self, this: Round) -> Round:
        """Superseded when another process has taken over meanwhile."""
        opened: dict[str, list[Group]] = {}
        for group in self._states.opened():
            opened.setdefault(group.rule, []).append(group)
        for rule in this.book.rules:
            try:
                if rule.momentary:
                    self._late(rule, this)
                elif rule.listed:
                    self._listed(rule, this, opened.get(rule.id, []))
                else:
                    self._rule(rule, this, opened.get(rule.id, []))
            except Superseded:
                raise
            except Exception as error:  # one rule that can't be judged holds up no other
                self._seen.pop(rule.id, None)
                this.failed[rule.id] = str(error)
        self._now(this.book.not_judged, this, {(): _unjudged(this)})
        known = {NOT_JUDGED, *(rule.id for rule in this.book.rules)}
        for id in opened.keys() - known:
            remove(self._database, id, opened[id], this)
        return this

    def _rule(self, rule: Rule, this: Round, opened: list[Group]) -> None:
        known = self._settled(rule, this)
        if known is None:
            return
        until = Window.parse(rule.every).floor(known, zone(rule.timezone))
        seen = (rule.condition, until, *(self._revision(name, this) for name in rule.measurements))
        if self._seen.get(rule.id) == seen:
            store(self._database, self._links, rule, this, [Decided(group) for group in opened])
            return
        store(self._database, self._links, rule, this, self._judged(rule, until, this.now))
        self._seen[rule.id] = seen
        this.judged += 1

    def _late(self, rule: Rule, this: Round) -> None:
        if this.mutes.sources is not None:  # else nobody can say, and everything stays as it is
            self._now(rule, this, {(name,): text for name, text in this.mutes.sources.items()})

    def _now(self, rule: Rule, this: Round, troubles: Mapping[Labels, str]) -> None:
        """A rule that looks at this moment: by group what is wrong now, in words; empty where all is well."""
        groups = {group.labels: group for group in self._states.of(rule.id)}
        decided, before = [], this.now - timedelta(seconds=1)
        for labels in sorted({*troubles, *groups}):
            trouble, rows = troubles.get(labels, ""), labels in troubles
            group = groups.get(labels) or Group(rule.id, labels, rule.condition, Memory(before, before))
            pending = any(group.memory.base.breaches)
            if not trouble and not pending and group.memory.open is None:
                continue
            look = Look(group.memory.until, this.now, float(bool(trouble)), float(bool(trouble)))
            memory, changes = decide(rule, group.memory, [look], this.now, rows=rows)
            decided.append(Decided(replace(group, memory=memory), changes, [look], this.now, trouble))
        store(self._database, self._links, rule, this, decided)

    def _listed(self, rule: Rule, this: Round, opened: list[Group]) -> None:
        """A rule about single records, judged by those that are in view now: again when there are new ones, and when time has passed.
        What was never seen before takes a look at all that was, so there new records alone are no reason."""
        if not all(self._was_read(name) for name in rule.measurements):
            return
        quarter = Window.parse(rule.every).floor(this.now, zone(rule.timezone))
        seen = (
            rule.condition,
            quarter,
            *(self._revision(name, this) for name in rule.measurements if rule.kind == "each"),
        )
        if self._seen.get(rule.id) == seen:
            store(self._database, self._links, rule, this, [Decided(group) for group in opened])
            return
        view = in_view(self._store, rule, this.now)
        groups = {group.labels: group for group in self._states.of(rule.id)}
        decided, before = [], this.now - timedelta(seconds=1)
        open_now = {labels for labels, group in groups.items() if group.memory.open}
        others = sorted(view.keys() - open_now, key=lambda labels: (-len(view[labels]), labels))
        for labels in sorted({*open_now, *others[: max(0, MOST_GROUPS - len(open_now))]}):
            group = groups.get(labels) or Group(rule.id, labels, rule.condition, Memory(before, before))
            if group.condition != rule.condition:
                group = replace(group, memory=replace(group.memory, alerts=_still_open(rule, group)))
            records = tuple(reversed(view.get(labels, ())))
            count = float(len(records))
            look = Look(group.memory.until, this.now, count, count, records=records)
            memory, changes = decide(rule, group.memory, [look], this.now)
            decided.append(Decided(replace(group, condition=rule.condition, memory=memory), changes, [look], this.now))
        store(self._database, self._links, rule, this, decided)
        self._seen[rule.id] = seen
        this.judged += 1

    def _settled(self, rule: Rule, this: Round) -> datetime | None:
        """Until when its data are known in whole; the same for all rules over the same measurements. None while a
        source is read for the first time: what is not there yet would look like an absence."""
        key = (rule.measurements, rule.timezone, rule.segment)
        if key not in this.settled:
            read = all(self._was_read(name) for name in rule.measurements)
            this.settled[key] = settled_until(self._store, rule, this.now) if read else None
        return this.settled[key]

    def _was_read(self, measurement: str) -> bool:
        """Whether a collector of it ever came to its end."""
        collected = COLLECTED[measurement]
        return not collected.by or any(last_good_run(self._store, name) is not None for name in collected.by)

    def _revision(self, measurement: str, this: Round) -> str:
        if measurement not in this.revisions:
            this.revisions[measurement] = self._store.revision(measurement)
        return this.revisions[measurement]

    def _judged(self, rule: Rule, until: datetime, now: datetime) -> list[Decided]:
        """What the windows since the last settled one come to, for each group."""
        window, tz = Window.parse(rule.every), zone(rule.timezone)
        groups = {group.labels: group for group in self._states.of(rule.id)}
        settled = window.floor(until - REVISED, tz)
        since = min((group.memory.since for group in groups.values()), default=settled)
        since = window.floor(max(since, until - CAUGHT_UP - REVISED), tz)
        looks = asked(self._store, rule, since, until, now)
        silence = _silence(looks, since, until, lambda opened: window.next(opened, tz))
        found = []
        for labels in sorted({*looks, *groups}):
            group = groups.get(labels) or Group(rule.id, labels, rule.condition, Memory(since, since))
            new = not groups or group.condition != rule.condition
            if group.condition != rule.condition:
                group = _anew(rule, group, since)
            seen = [look for look in looks.get(labels, silence) if look.closed > group.memory.since]
            memory, changes = decide(rule, group.memory, seen, until, rows=labels in looks)
            found.append(Decided(replace(group, memory=memory), changes, seen, settled, new=new))
        return found


def _unjudged(this: Round) -> str:
    if not this.failed:
        return ""
    why = next(iter(this.failed.values()))
    return f"{len(this.failed)} of {quantity(len(this.book.rules), 'rules')}, until further notice: {why}"


def _anew(rule: Rule, group: Group, since: datetime) -> Group:
    """Under a changed condition all is judged again from `since`; what was open is compared with what that finds."""
    memory = Memory(since, group.memory.until, alerts=_still_open(rule, group), last=group.memory.last)
    return replace(group, condition=rule.condition, memory=memory)


def _still_open(rule: Rule, group: Group) -> tuple[Alert, ...]:
    """What is open under a changed condition; of a rule with a segment without figures and texts: it may have seen more before."""
    found = tuple(each for each in group.memory.alerts if each.open)
    return tuple(replace(each, value=nan, usual=nan, texts=()) for each in found) if rule.segment else found


def _silence(
    looks: Mapping[Labels, Sequence[Look]], since: datetime, until: datetime, step: Callable[[datetime], datetime]
) -> list[Look]:  # fmt: skip
    """The windows of a group that has no rows: nothing is recorded in them, or nothing was collected at all."""
    uncollected = {look.opened for all_ in looks.values() for look in all_ if look.why == nothing.NOT_COLLECTED}
    found, opened = [], since
    while (closed := step(opened)) <= until:
        why = nothing.NOT_COLLECTED if opened in uncollected else nothing.NO_RECORDS
        found.append(Look(opened, closed, float("nan"), float("nan"), why))
        opened = closed
    return found
