"""From a metric's windows to what a rule looks at. Pure: frames in, looks out.

A frame has columns `time` (start of the window), the rule's `by`, `value` and `why`, one row for each window and group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from math import isnan, nan
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from alerting.bands import WEEKS, band, compared
from alerting.course import ANOTHER_DAY, Look
from alerting.rule import Against, Rule
from alerting.spending import LONG, budgets, burns
from metricstore import nothing
from metricstore.forecast import LOOK_BACK
from metricstore.metrics import metric
from metricstore.windows import Window, zone

Labels = tuple[str, ...]
"""Values of the rule's `by`, in its order; empty where it has none."""


class Seen(NamedTuple):
    """One window as it was asked for."""

    opened: datetime
    closed: datetime
    value: float
    why: str


Measured = Callable[[Rule, list[Seen]], list[Look]]
_ALWAYS = datetime.max.replace(tzinfo=UTC)


def looks(
    rule: Rule, frame: pd.DataFrame, needs: pd.DataFrame | None = None, until: datetime = _ALWAYS
) -> dict[Labels, list[Look]]:
    """By group, in order of time. `needs`: the same windows of the metric that the rule needs, in the same shape. What ends after
    `until` is not known in whole."""
    counted = (
        {} if needs is None else {(group, one.opened): one.value for group, all_ in _seen(rule, needs) for one in all_}
    )
    found = {}
    for group, seen in _seen(rule, frame):
        if needs is not None:
            seen = [_enough(rule, one, counted.get((group, one.opened), nan)) for one in seen]
        if rule.kind == "budget":
            found[group] = budgets(_values(rule, seen), rule.timezone, until)
        else:
            found[group] = _MEASURED[rule.kind](rule, seen)
    return found


def lookback(rule: Rule) -> timedelta:
    """How far before the first window that is judged the frame must begin."""
    if rule.kind == "band":
        return _USUALLY
    if rule.kind == "change":
        return max(_BACK[rule.against] or timedelta(0), timedelta(seconds=2 * Window.parse(rule.every).seconds))
    if rule.kind == "budget":
        return timedelta(days=31 + LOOK_BACK)
    return LONG + timedelta(hours=2) if rule.kind == "burn" else timedelta(0)


def _seen(rule: Rule, frame: pd.DataFrame) -> Iterator[tuple[Labels, list[Seen]]]:
    window, tz = Window.parse(rule.every), zone(rule.timezone)
    starts = sorted(set(frame["time"]))
    closed = {start: window.next(start.to_pydatetime(), tz) for start in starts}
    groups = frame.fillna(dict.fromkeys(rule.by, "")).groupby(list(rule.by), sort=True) if rule.by else [((), frame)]
    for group, rows in groups:
        rows = rows.sort_values("time")
        yield (
            tuple(str(each) for each in group),
            [
                Seen(start.to_pydatetime(), closed[start], float(value), str(why))
                for start, value, why in zip(rows["time"], rows["value"], rows[nothing.COLUMN], strict=True)
            ],
        )


def _enough(rule: Rule, seen: Seen, count: float) -> Seen:
    assert rule.needs is not None
    if seen.why or rule.needs.limit.reached(count):
        return seen
    return seen._replace(value=nan, why=nothing.TOO_FEW)


def _values(_rule: Rule, seen: list[Seen]) -> list[Look]:
    return [Look(one.opened, one.closed, one.value, one.value, _why(one)) for one in seen]


def _why(seen: Seen) -> str:
    return seen.why or (nothing.NO_RECORDS if isnan(seen.value) else "")


def _absences(rule: Rule, seen: list[Seen]) -> list[Look]:
    """Windows of other days say nothing; what isn't a number is no absence either, but where records are what is missing."""
    tz, found = zone(rule.timezone), []
    for one in seen:
        expected = f"{one.opened.astimezone(tz):%a}".lower() in rule.weekdays
        why = _why(one)
        if why == nothing.NO_RECORDS:
            one, why = one._replace(value=0.0), ""
        found.append(Look(one.opened, one.closed, one.value, one.value, why if expected else ANOTHER_DAY))
    return found


_USUALLY = timedelta(weeks=WEEKS, days=1)
_BACK: dict[Against, timedelta | None] = {
    "previous": None, "weekday": timedelta(weeks=1), "year": timedelta(weeks=52), "median": _USUALLY,
}  # fmt: skip


def _changes(rule: Rule, seen: list[Seen]) -> list[Look]:
    """What is compared with is a window too: without a number in it, there is no change to judge."""
    if rule.against == "median":
        return compared(
            _values(rule, seen), _like(rule), rule.fire, lambda look, before: _differing(rule, look, median(before))
        )
    tz = zone(rule.timezone)
    by_wall: dict[datetime, Seen] = {}
    for one in seen:
        by_wall.setdefault(_wall(one.opened, tz), one)
    found = []
    for place, one in enumerate(seen):
        back = _BACK[rule.against]
        before = (seen[place - 1] if place else None) if back is None else by_wall.get(_wall(one.opened, tz) - back)
        found.append(_changed(rule, one, before))
    return found


def _wall(moment: datetime, tz: ZoneInfo) -> datetime:
    """What the clock shows: a week before is the same hour, over a clock change too."""
    return moment.astimezone(tz).replace(tzinfo=None)


def _changed(rule: Rule, one: Seen, before: Seen | None) -> Look:
    why = _why(one) or (nothing.TOO_FEW if before is None else _why(before))
    if why or before is None:
        return Look(one.opened, one.closed, one.value, nan, why)
    return _differing(rule, Look(one.opened, one.closed, one.value, nan), before.value)


def _differing(rule: Rule, look: Look, before: float) -> Look:
    """By how much a window differs from `before`."""
    if before < rule.least or (rule.fire.percent and not before):
        return look._replace(measured=nan, why=nothing.TOO_FEW, usual=before)
    difference = look.value - before
    return look._replace(measured=100 * difference / abs(before) if rule.fire.percent else difference, usual=before)


def _like(rule: Rule) -> Callable[[datetime], object]:
    """What windows that are compared over weeks share: the weekday, and the time of day where they are no longer than hours."""
    tz, by_hour = zone(rule.timezone), Window.parse(rule.every).unit in ("m", "h")

    def like(opened: datetime) -> object:
        wall = opened.astimezone(tz)
        return (wall.weekday(), wall.hour, wall.minute) if by_hour else wall.weekday()

    return like


def _bands(rule: Rule, seen: list[Seen]) -> list[Look]:
    plain = [Look(one.opened, one.closed, one.value, nan, _why(one)) for one in seen]
    return band(plain, _like(rule), rule.fire, counts=metric(rule.metric).counts)


def _burns(rule: Rule, seen: list[Seen]) -> list[Look]:
    return burns(_values(rule, seen), rule.allowance, rule.timezone)


_MEASURED: Mapping[str, Measured] = {
    "value": _values, "change": _changes, "band": _bands, "absent": _absences, "burn": _burns,
}  # fmt: skip
