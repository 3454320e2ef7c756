"""Single records, for the rules that report each of them once: which there are, and when they are looked at.

`each` reports the records that its metric counts; `first` those whose like was not seen for UNSEEN: the same `by` and the same text, once
numbers and names in it are left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pandas as pd

from alerting.course import Look, Record
from alerting.measuring import Labels
from alerting.rule import Rule
from alerting.seeing import seen_by
from metricstore.catalogue import Measurement
from metricstore.coverage import bounds
from metricstore.errors import InvalidQuestion
from metricstore.metrics import metric
from metricstore.query import RecordQuery
from metricstore.store import Store

UNSEEN = timedelta(days=90)
LEARNT = timedelta(days=7)
"""So long records must be known before anything can be new."""
MOST_IN_VIEW = 1_000
"""So many records are looked at in a round, the latest."""
MOST_TRIED = 100_000
"""So many records are read to try a rule on the past, or to know what is not new."""
_LONGEST = 160
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "log_record": ("message",), "post": ("topic",), "post_journey": ("topic", "cause", "cause_detail"),
    "dead_letter": ("reason", "excerpt"), "batch": ("batch_id", "outcome"), "generation": ("topic", "outcome_reason"),
    "scheduling_attempt": ("topic", "error"), "collector_run": ("collector", "error"),
    "alert_event": ("title", "labels", "reason"),
}  # fmt: skip
"""What a record is known by, where a rule does not say."""


class Entry(NamedTuple):
    """A record, and from when until when it is in view."""

    labels: Labels
    record: Record
    enters: datetime
    leaves: datetime


def shown(rule: Rule) -> tuple[str, ...]:
    """The columns of a record that stand in messages: the rule's, else the usual ones, else those it can be grouped by."""
    source = metric(rule.metric).source
    return rule.show or _SHOWN.get(source.name) or source.dimensions[:3]


def in_view(store: Store, rule: Rule, now: datetime) -> dict[Labels, list[Record]]:
    """What the rule looks at now, by group, the latest first."""
    found: dict[Labels, list[Record]] = {}
    for entry in entries(seen_by(store, rule), rule, now - rule.back - rule.ahead, now, MOST_IN_VIEW):
        if entry.enters <= now < entry.leaves:
            found.setdefault(entry.labels, []).append(entry.record)
    return found


def looks(found: Iterable[Entry], until: datetime) -> dict[Labels, list[Look]]:
    """By group a look at each moment at which a record comes into view or leaves it, until `until`."""
    moments: dict[Labels, dict[datetime, list[Entry]]] = {}
    for entry in found:
        own = moments.setdefault(entry.labels, {})
        for moment in (entry.enters, entry.leaves):
            if moment <= until:
                own.setdefault(moment, []).append(entry)
    return {labels: list(_looks(own)) for labels, own in sorted(moments.items()) if own}


def _looks(moments: Mapping[datetime, list[Entry]]) -> Iterator[Look]:
    count, before = 0, min(moments)
    for moment in sorted(moments):
        came = tuple(entry.record for entry in moments[moment] if entry.enters == moment)
        count += len(came) - sum(entry.leaves == moment for entry in moments[moment])
        yield Look(before, moment, float(count), float(count), records=came)
        before = moment


def entries(store: Store, rule: Rule, start: datetime, until: datetime, most: int) -> list[Entry]:
    """Records that come into view in (start, until], the latest first, at most `most`."""
    return _firsts(store, rule, start, until) if rule.kind == "first" else _each(store, rule, start, until, most)


def _each(store: Store, rule: Rule, start: datetime, until: datetime, most: int) -> list[Entry]:
    source = metric(rule.metric).source
    columns = tuple(dict.fromkeys((*rule.by, *shown(rule))))
    query = _question(rule, start + rule.ahead, until + rule.ahead, columns)
    frame = store.records(replace(query, limit=most)).frame
    return [_entry(rule, source, row, str(row["_id"]), row["time"].floor("us").to_pydatetime()) for row in _rows(frame)]


def _firsts(store: Store, rule: Rule, start: datetime, until: datetime) -> list[Entry]:
    """The first record of each kind for UNSEEN; none while less than LEARNT is known."""
    source = metric(rule.metric).source
    columns = tuple(dict.fromkeys((*rule.by, *shown(rule))))
    query = replace(_question(rule, start - UNSEEN, until, columns), descending=False)
    last: dict[str, datetime] = {}
    found, count = [], 0
    recorded = bounds(store, source.name, rule.timezone)
    known = recorded[0] if recorded else until
    for frame in store.stream(query):
        count += len(frame)
        if count > MOST_TRIED:
            raise InvalidQuestion(
                "where", f"more than {MOST_TRIED:,} records in {(until - start + UNSEEN).days} days; look at fewer"
            )
        for row in _rows(frame):
            at = row["time"].floor("us").to_pydatetime()
            kind = signature(rule, row)
            seen, last[kind] = last.get(kind), at
            if at > start and at - known >= LEARNT and (seen is None or at - seen >= UNSEEN):
                found.append(_entry(rule, source, row, f"{kind}@{at.isoformat()}", at))
    return found[::-1]


def _question(rule: Rule, start: datetime, stop: datetime, columns: tuple[str, ...]) -> RecordQuery:
    declared = metric(rule.metric)
    where = rule.selection.filters(declared.source.columns)
    conditions = declared.judged.conditions({*rule.where, *rule.by})
    return RecordQuery(
        declared.source.name,
        start,
        stop + timedelta(microseconds=1),
        (*where, *conditions),
        columns,
        timezone=rule.timezone,
    )


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    names = list(frame.columns)
    for values in frame.itertuples(index=False, name=None):
        yield dict(zip(names, values, strict=True))


def _entry(rule: Rule, source: Measurement, row: Mapping[str, Any], identity: str, at: datetime) -> Entry:
    labels = tuple(_text(row[name]) for name in rule.by)
    words = [_text(row[name]) for name in shown(rule) if name not in rule.by]
    id = hashlib.sha256(identity.encode()).hexdigest()[:16]
    text = ", ".join(word for word in words if word) or f"{source.title}, {at:%Y-%m-%d %H:%M}"
    return Entry(labels, Record(id, text[:_LONGEST]), at - rule.ahead, at + rule.back)


def _text(value: Any) -> str:
    """One line; empty for nothing."""
    return "" if pd.isna(value) else " ".join(str(value).split())


_VARIES = (
    (re.compile(r"""(["'`]).*?\1"""), "…"),
    (re.compile(r"https?://\S+|(?:/[\w.-]+){2,}"), "…"),
    (re.compile(r"\b(?=\w*\d)[\w-]{6,}\b|\b0x[0-9a-f]+\b", re.IGNORECASE), "…"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "0"),
)


def signature(rule: Rule, row: Mapping[str, Any]) -> str:
    """The same for records of a kind: the rule's `by`, and the first line of what is shown without its numbers, ids, addresses and quotations."""
    text = row[shown(rule)[0]]
    first = "" if pd.isna(text) else next(iter(str(text).splitlines()), "")
    for pattern, instead in _VARIES:
        first = pattern.sub(instead, first)
    return "|".join((*(_text(row[name]) for name in rule.by), first[:_LONGEST]))
