"""The store asked for a rule's windows: only those that are closed, and known in whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from math import nan

import pandas as pd

from alerting.course import Look
from alerting.listing import MOST_TRIED, entries
from alerting.listing import looks as listed_looks
from alerting.measuring import Labels, lookback, looks
from alerting.rule import Rule
from alerting.seeing import seen_by
from metricstore import nothing
from metricstore.assumptions import taken_as_they_are
from metricstore.catalogue.collected import COLLECTED
from metricstore.coverage import coverage, cut_off
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


def asked(
    store: Store, rule: Rule, start: datetime, until: datetime, now: datetime | None = None
) -> dict[Labels, list[Look]]:
    """Looks by group at the windows that begin at `start` or later and end by `until`. With `now` also at later ones that are beyond
    the limit and will stay so, as if they ended now. Where there are more than MOST_GROUPS groups, those with the largest values stay."""
    store = seen_by(store, rule)
    if rule.listed:
        return _listed(store, rule, start, until)
    window, tz = Window.parse(rule.every), zone(rule.timezone)
    first = window.floor(start - lookback(rule), tz)
    stop = window.floor(until, tz)
    early = now is not None and only_grows(rule)
    if early and now is not None and now > stop:
        stop = window.next(window.floor(now, tz), tz)
    if stop <= first:
        return {}
    selection = replace(rule.selection, start=first.isoformat(), stop=stop.isoformat())
    frame = _frame(store, metric(rule.metric), selection, rule)
    needs = _frame(store, metric(rule.needs.metric), selection, rule) if rule.needs else None
    found = {}
    for group, all_ in looks(rule, frame, needs, until).items():
        known = [look for look in all_ if look.closed <= until]
        found[group] = known + _decided(rule, all_[len(known) :], now) if now is not None else known
    return {group: [look for look in found[group] if look.opened >= start] for group in _largest(found)}


def only_grows(rule: Rule) -> bool:
    """Whether a window that is beyond the limit stays so, whatever is added to it: what is counted or added up, as it happens, with
    a limit above. Then nobody has to wait for its end."""
    needs = rule.needs
    return rule.kind in ("value", "burn", "budget") and rule.fire.upwards and _grows(metric(rule.metric)) and (
        needs is None or (needs.limit.upwards and _grows(metric(needs.metric)))
    )  # fmt: skip


def _grows(declared: Metric) -> bool:
    added = declared.per is None and declared.model is None and declared.measure.aggregate in ("count", "sum")
    return added and all(COLLECTED[name].reach in ("run", "always") for name in declared.measurements)


def _decided(rule: Rule, later: list[Look], now: datetime) -> list[Look]:
    """Of windows that are not known in whole the first ones that are beyond the limit; behind one that is not, none can be judged."""
    beyond = takewhile(lambda look: not look.why and rule.fire.reached(look.measured), later)
    return [look._replace(closed=min(look.closed, now)) for look in beyond]


def _listed(store: Store, rule: Rule, start: datetime, until: datetime) -> dict[Labels, list[Look]]:
    found = entries(store, rule, start, until, MOST_TRIED)
    if len(found) >= MOST_TRIED:
        raise InvalidQuestion("where", f"{MOST_TRIED:,} records or more would have been reported; look at fewer")
    by_group = listed_looks(found, until)
    return {labels: by_group[labels] for labels in _largest(by_group)}


def _frame(store: Store, declared: Metric, selection: Selection, rule: Rule) -> pd.DataFrame:
    """Of a modelled metric under its declared defaults, whatever is set: a rule must not change with a setting or an address. Percentiles
    are exact: no window may be beyond a limit at one look and within it at the next, which is over another range. A window whose points
    were deleted in part because of their age is one that nobody knows."""
    asked = replace(selection, assume=taken_as_they_are(), exact=True)
    frame = evaluate(store, declared, asked, by=rule.by, strict=True).frame
    limit = cut_off(store, declared.measurements)
    if limit is not None:
        cut = frame["time"] < limit
        frame.loc[cut, "value"], frame.loc[cut, nothing.COLUMN] = nan, nothing.NOT_COLLECTED
    return frame


def _largest(found: dict[Labels, list[Look]]) -> list[Labels]:
    if len(found) <= MOST_GROUPS:
        return list(found)

    def size(group: Labels) -> float:
        return max((look.value for look in found[group] if look.value == look.value), default=float("-inf"))

    return sorted(sorted(found, key=size, reverse=True)[:MOST_GROUPS])
