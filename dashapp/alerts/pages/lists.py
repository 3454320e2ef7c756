"""Rules, receivers, silences and undelivered messages as rows of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from alerting.maintenance import Maintenance
from alerting.receivers.receiver import SEPARATE, Receiver
from alerting.rule import Rule
from dashapp.alerts.muting import Silence
from dashapp.alerts.pages.desk import wall
from dashapp.alerts.phrases import judged_window
from dashapp.alerts.rulebook import MADE_HERE, Book
from dashapp.alerts.states import Group
from layouts.formats import column_name
from metricstore.metrics import metric

MOURNED = timedelta(days=7)
"""So long a message that could not be delivered is shown."""


@dataclass(frozen=True)
class RuleRow:
    rule: Rule
    about: str
    state: str
    """`open`, `blind`, `ok`, or `not judged yet`."""
    count: int
    """Of open alerts."""
    judged: str
    source: str
    """`from rules.toml, line 14`."""
    editable: bool


def rule_rows(book: Book, groups: Iterable[Group]) -> list[RuleRow]:
    by_rule: dict[str, list[Group]] = {}
    for group in groups:
        by_rule.setdefault(group.rule, []).append(group)
    return [_rule_row(rule, by_rule.get(rule.id, [])) for rule in book.rules]


def _rule_row(rule: Rule, groups: Sequence[Group]) -> RuleRow:
    judged = [group for group in groups if group.condition == rule.condition]
    count = sum(group.memory.open is not None for group in groups)
    blind = any(group.memory.blind for group in judged)
    state = "open" if count else "blind" if blind else "ok" if judged or not rule.windowed else "not judged yet"
    until = max((group.memory.until for group in judged), default=None)
    return RuleRow(rule, about(rule), state, count, wall(until), source(rule), rule.file.startswith(MADE_HERE))


def about(rule: Rule) -> str:
    """`AI request error rate > 20 %, every hour, by provider`."""
    if rule.momentary:
        return "a collector has not read its source well for three of its intervals"
    declared = metric(rule.metric)
    groups = f", by {' and '.join(column_name(name).lower() for name in rule.by)}" if rule.by else ""
    groups += f", within “{rule.segment}”" if rule.segment else ""
    if rule.listed:
        return f"{declared.title}: {'each one once' if rule.kind == 'each' else 'the first of its kind for 90 days'}{groups}"
    if rule.kind == "burn":
        return f"{declared.title}: {rule.fire} of the {rule.allowance:g} allowed in 28 days used in 3 days{groups}"
    if rule.kind == "budget":
        return f"{declared.title} expected for the month {rule.fire} {declared.unit}{groups}"
    unit = f" {declared.unit}" if declared.unit and not rule.fire.percent and rule.kind != "band" else ""
    judged = {
        "value": f"{declared.title} {rule.fire}{unit}", "change": f"{declared.title} changes by {rule.fire}{unit}",
        "band": f"{declared.title}, {rule.fire} usual spreads from its median", "absent": f"no {declared.title.lower()}",
    }[rule.kind]  # fmt: skip
    return f"{judged}, every {judged_window(rule).removeprefix('the ')}{groups}"


def source(rule: Rule) -> str:
    if rule.file.startswith(MADE_HERE):
        return "made here"
    return f"from {PurePath(rule.file).name}, line {rule.line}"


@dataclass(frozen=True)
class ReceiverRow:
    receiver: Receiver
    to: str
    answered: str
    """When it answered last; empty: nothing was sent yet."""
    taken: bool
    answer: str
    habits: str
    """When it gets what is only good to know, and who stands in for it."""


def receiver_rows(book: Book, answers: Mapping[str, Mapping[str, Any]]) -> list[ReceiverRow]:
    return [_receiver_row(each, answers.get(name, {})) for name, each in sorted(book.receivers.items())]


def _receiver_row(receiver: Receiver, last: Mapping[str, Any]) -> ReceiverRow:
    at = last.get("sent") or last.get("created")
    return ReceiverRow(
        receiver, ", ".join(receiver.to), wall(datetime.fromisoformat(at)) if at else "", last.get("state") == "sent",
        str(last.get("answer", "")), _habits(receiver),
    )  # fmt: skip


def _habits(receiver: Receiver) -> str:
    """`info daily at 09:00 Europe/Berlin, fallback ops-mail`."""
    daily = receiver.digest is not None and receiver.kind not in SEPARATE
    when = f"info daily at {receiver.digest:%H:%M} {receiver.timezone}" if daily else "info at once"
    return f"{when}, fallback {receiver.fallback}" if receiver.fallback else when


@dataclass(frozen=True)
class SilenceRow:
    silence: Silence
    about: str
    stop: str


def silence_rows(silences: Iterable[Silence], book: Book) -> list[SilenceRow]:
    return [SilenceRow(one, _silenced(one, book), wall(one.stop)) for one in silences]


def _silenced(silence: Silence, book: Book) -> str:
    if not silence.rule:
        return "all rules"
    rule = book.rule(silence.rule)
    title = rule.title if rule else silence.rule
    labels = f" ({', '.join(label or 'none' for label in silence.labels)})" if silence.labels else ""
    return f"{title}{labels}{', until this alert has ended' if silence.number else ''}"


@dataclass(frozen=True)
class MaintenanceRow:
    maintenance: Maintenance
    about: str
    begin: str
    """Of the one that is on, else of the next; empty: there is none within two weeks."""
    end: str
    on: bool


def maintenance_rows(book: Book, now: datetime) -> list[MaintenanceRow]:
    """The next one first."""
    found = []
    for one in book.maintenance:
        titles = [rule.title if (rule := book.rule(id)) else id for id in one.rules]
        span = one.next(now)
        begin, end = (wall(span[0]), wall(span[1])) if span else ("", "")
        found.append(MaintenanceRow(one, ", ".join(titles) or "all rules", begin, end, bool(span and span[0] <= now)))
    return sorted(found, key=lambda row: row.begin or "~")


@dataclass(frozen=True)
class Undelivered:
    receiver: str
    recipient: str
    sentence: str
    answer: str
    created: str


def undelivered(rows: Iterable[Mapping[str, Any]], now: datetime) -> list[Undelivered]:
    """The newest first."""
    return [
        Undelivered(row["receiver"], row["recipient"], row["message"].sentence, row["answer"], wall(made))
        for row in rows
        if now - (made := datetime.fromisoformat(row["created"])) <= MOURNED
    ]
