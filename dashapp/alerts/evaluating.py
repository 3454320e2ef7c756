"""A round of evaluation: every rule whose data or windows are new is judged, and what is to be said is put into the outbox.

State and messages are written in one transaction, so each event is decided once, whatever dies when. A rule about which nothing is new
costs no question.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from alerting.alert import Memory
from alerting.asking import MOST_GROUPS, asked, settled_until
from alerting.course import Look
from alerting.deciding import REVISED, Change, advanced, decide
from alerting.listing import in_view
from alerting.measuring import Labels
from alerting.message import Message
from alerting.rule import NOT_JUDGED, Rule
from alerting.telling import notices
from dashapp.accounts.database import Database
from dashapp.alerts import history, outbox
from dashapp.alerts.muting import Mutes
from dashapp.alerts.rulebook import Book
from dashapp.alerts.states import Group, States, Superseded, forget, save
from dashapp.alerts.wording import Links, message, removed, thread_of
from metricstore import nothing
from metricstore.catalogue.collected import COLLECTED
from metricstore.coverage import last_good_run
from metricstore.store import Store
from metricstore.windows import Window, zone

log = logging.getLogger(__name__)

CAUGHT_UP = timedelta(days=7)
"""After a longer pause windows before that are not judged any more."""


@dataclass
class Round:
    """What is given for a round, and what it did."""

    book: Book
    mutes: Mutes
    now: datetime
    token: int
    """Of the lease: what an earlier holder still writes is refused."""
    disabled: frozenset[str] = frozenset()
    """Names of accounts that are disabled."""
    judged: int = 0
    messages: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    """Why a rule could not be judged, by its id."""
    revisions: dict[str, str] = field(default_factory=dict)
    """By measurement, each asked once."""
    settled: dict[tuple[tuple[str, ...], str, str], datetime | None] = field(default_factory=dict)
    """By measurements, zone and segment."""


class _Decided(NamedTuple):
    group: Group
    changes: Sequence[Change] = ()
    looks: Sequence[Look] = ()
    settled: datetime | None = None
    """Windows that end by then are not judged again."""
    trouble: str = ""
    """Of a momentary rule: what is wrong, in words."""
    new: bool = False
    """Judged by this condition for the first time."""


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
            self._remove(id, opened[id], this)
        return this

    def _rule(self, rule: Rule, this: Round, opened: list[Group]) -> None:
        known = self._settled(rule, this)
        if known is None:
            return
        until = Window.parse(rule.every).floor(known, zone(rule.timezone))
        seen = (rule.condition, until, *(self._revision(name, this) for name in rule.measurements))
        if self._seen.get(rule.id) == seen:
            self._write(rule, this, [_Decided(group) for group in opened])
            return
        self._write(rule, this, self._judged(rule, until))
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
            decided.append(_Decided(replace(group, memory=memory), changes, [look], this.now, trouble))
        self._write(rule, this, decided)

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
            self._write(rule, this, [_Decided(group) for group in opened])
            return
        view = in_view(self._store, rule, this.now)
        groups = {group.labels: group for group in self._states.of(rule.id)}
        decided, before = [], this.now - timedelta(seconds=1)
        open_now = {labels for labels, group in groups.items() if group.memory.open}
        others = sorted(view.keys() - open_now, key=lambda labels: (-len(view[labels]), labels))
        for labels in sorted({*open_now, *others[: max(0, MOST_GROUPS - len(open_now))]}):
            group = groups.get(labels) or Group(rule.id, labels, rule.condition, Memory(before, before))
            records = tuple(reversed(view.get(labels, ())))
            count = float(len(records))
            look = Look(group.memory.until, this.now, count, count, records=records)
            memory, changes = decide(rule, group.memory, [look], this.now)
            decided.append(_Decided(replace(group, condition=rule.condition, memory=memory), changes, [look], this.now))
        self._write(rule, this, decided)
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

    def _judged(self, rule: Rule, until: datetime) -> list[_Decided]:
        """What the closed windows since the last settled one come to, for each group."""
        window, tz = Window.parse(rule.every), zone(rule.timezone)
        groups = {group.labels: group for group in self._states.of(rule.id)}
        settled = window.floor(until - REVISED, tz)
        since = min((group.memory.since for group in groups.values()), default=settled)
        since = window.floor(max(since, until - CAUGHT_UP - REVISED), tz)
        looks = asked(self._store, rule, since, until)
        silence = _silence(looks, since, until, lambda opened: window.next(opened, tz))
        found = []
        for labels in sorted({*looks, *groups}):
            group = groups.get(labels) or Group(rule.id, labels, rule.condition, Memory(since, since))
            new = not groups or group.condition != rule.condition
            if group.condition != rule.condition:
                group = _anew(rule, group, since)
            seen = [look for look in looks.get(labels, silence) if look.closed > group.memory.since]
            memory, changes = decide(rule, group.memory, seen, until, rows=labels in looks)
            found.append(_Decided(replace(group, memory=memory), changes, seen, settled, new=new))
        return found

    def _write(self, rule: Rule, this: Round, decided: Iterable[_Decided]) -> None:
        with self._database.connection() as connection:
            for group, changes, looks, settled, trouble, new in decided:
                muted = this.mutes.why(rule, group, this.now)
                memory, said = notices(
                    rule, group.memory, changes, this.now, muted=bool(muted), acknowledged=group.taken, new=new
                )
                if not (looks or said) and muted == group.muted_by:
                    continue
                memory = advanced(rule, memory, looks, settled or memory.since)
                save(connection, replace(group, memory=memory, muted_by=muted), this.token)
                _remember(connection, rule, group.labels, changes, muted)
                for notice in said:
                    one = message(rule, group.labels, notice, looks, self._links, this.now, trouble)
                    told = outbox.told(connection, thread_of(rule.id, group.labels, notice.alert.number))
                    one, more = _orphaned(rule, one, this)
                    everybody = (
                        list(told) if one.ended and told else list(dict.fromkeys([*this.book.addressees(rule), *more]))
                    )
                    this.messages += outbox.put(
                        connection, ((*each, one) for each in everybody), this.now, this.book.receivers
                    )
                    receivers = ", ".join(dict.fromkeys(name for name, _ in everybody))
                    history.put(
                        connection, rule, group.labels, notice.alert, notice.subject, one.at,  # type: ignore[arg-type]
                        sentence=one.sentence, notified=receivers,
                    )  # fmt: skip

    def _remove(self, rule: str, groups: Iterable[Group], this: Round) -> None:
        """The rule is no longer there: its open alerts end for those who were told of them."""
        with self._database.connection() as connection:
            for group in groups:
                this.messages += _ended(connection, group, this)
            forget(connection, rule)


def _orphaned(rule: Rule, one: Message, this: Round) -> tuple[Message, list[tuple[str, str]]]:
    """Of a rule whose owner's account is disabled: its message says so and goes to those who stand in, too."""
    if not rule.owner or rule.owner not in this.disabled:
        return one, []
    more = this.book.fallbacks(rule)
    also = f", so it goes to {', '.join(dict.fromkeys(name for name, _ in more))} too" if more else ""
    return replace(
        one, sentence=f"{one.sentence} The account of the rule's owner, {rule.owner}, is disabled{also}."
    ), more


def _remember(
    connection: Connection, rule: Rule, labels: Labels, changes: Iterable[Change], muted: str
) -> None:  # fmt: skip
    """What happened, whether or not somebody is written to."""
    for each in changes:
        if each.happening in history.TOLD:
            event: history.Event = each.happening  # type: ignore[assignment]
            history.put(connection, rule, labels, each.alert, event, each.at, reason=muted)


def _ended(connection: Connection, group: Group, this: Round) -> int:
    opened = group.memory.open
    if opened is None:
        return 0
    thread = thread_of(group.rule, group.labels, opened.number)
    told = outbox.told(connection, thread)
    receivers = ", ".join(dict.fromkeys(name for name, _ in told))
    history.follow(connection, thread, "gone", this.now, reason="its rule was removed", notified=receivers)
    ends = ((*each, removed(before, this.now)) for each, before in told.items())
    return outbox.put(connection, ends, this.now, this.book.receivers)


def _unjudged(this: Round) -> str:
    if not this.failed:
        return ""
    why = next(iter(this.failed.values()))
    return f"{len(this.failed)} of {len(this.book.rules)} rules, until further notice: {why}"


def _anew(rule: Rule, group: Group, since: datetime) -> Group:
    """Under a changed condition all is judged again from `since`; what was open is compared with what that finds."""
    alerts = tuple(each for each in group.memory.alerts if each.open)
    memory = Memory(since, group.memory.until, alerts=alerts, last=group.memory.last)
    return replace(group, condition=rule.condition, memory=memory)


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
