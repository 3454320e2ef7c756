"""The store asked for a rule's windows: only those that are closed, and known in whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd

from alerting.course import Look
from alerting.listing import MOST_TRIED, entries
from alerting.listing import looks as listed_looks
from alerting.measuring import Labels, lookback, looks
from alerting.rule import Rule
from alerting.seeing import seen_by
from metricstore.catalogue.collected import COLLECTED
from metricstore.coverage import coverage
from metricstore.errors import InvalidQuestion
from metricstore.evaluation import evaluate
from metricstore.metrics import Metric, metric
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.windows import Window, zone

MOST_GROUPS = 50


def settled_until(store: Store, rule: Rule, now: datetime) -> datetime:
    """Until when a rule's data will not change any more, as far as its sources are known: what ends later is not judged."""
    known = coverage(seen_by(store, rule), rule.measurements, rule.timezone)
    until = now if known.start is None else min(now, known.until)
    return until - max(COLLECTED[name].settle for name in rule.measurements)


def asked(store: Store, rule: Rule, start: datetime, until: datetime) -> dict[Labels, list[Look]]:
    """Looks by group at the windows that begin at `start` or later and end by `until`. Where there are more than
    MOST_GROUPS groups, those with the largest values stay."""
    store = seen_by(store, rule)
    if rule.listed:
        return _listed(store, rule, start, until)
    window, tz = Window.parse(rule.every), zone(rule.timezone)
    first = window.floor(start - lookback(rule), tz)
    stop = window.floor(until, tz)
    if stop <= first:
        return {}
    selection = replace(rule.selection, start=first.isoformat(), stop=stop.isoformat())
    frame = _frame(store, metric(rule.metric), selection, rule)
    needs = _frame(store, metric(rule.needs.metric), selection, rule) if rule.needs else None
    found = looks(rule, frame, needs)
    return {group: [look for look in found[group] if look.opened >= start] for group in _largest(found)}


def _listed(store: Store, rule: Rule, start: datetime, until: datetime) -> dict[Labels, list[Look]]:
    found = entries(store, rule, start, until, MOST_TRIED)
    if len(found) >= MOST_TRIED:
        raise InvalidQuestion("where", f"{MOST_TRIED:,} records or more would have been reported; look at fewer")
    by_group = listed_looks(found, until)
    return {labels: by_group[labels] for labels in _largest(by_group)}


def _frame(store: Store, declared: Metric, selection: Selection, rule: Rule) -> pd.DataFrame:
    return evaluate(store, declared, selection, by=rule.by, strict=True).frame


def _largest(found: dict[Labels, list[Look]]) -> list[Labels]:
    if len(found) <= MOST_GROUPS:
        return list(found)

    def size(group: Labels) -> float:
        return max((look.value for look in found[group] if look.value == look.value), default=float("-inf"))

    return sorted(sorted(found, key=size, reverse=True)[:MOST_GROUPS])
