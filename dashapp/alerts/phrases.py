"""The parts of a message that depend on the kind of its rule: what crossed which limit when, with units, on the rule's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import isinf, isnan, nan

from alerting.alert import Alert
from alerting.limits import Limit
from alerting.measuring import Labels
from alerting.rule import AGAINST, Kind, Rule
from layouts.formats import counted, measured
from metricstore.metrics import metric
from metricstore.windows import Window, zone


def named(rule: Rule, labels: Labels) -> str:
    """`provider openai, model gpt-4o`; empty where a rule has no groups."""
    return ", ".join(f"{name.replace('_', ' ')} {label or 'none'}" for name, label in zip(rule.by, labels, strict=True))


def group(rule: Rule, labels: Labels) -> str:
    """` (provider openai, model gpt-4o)`, to follow a title."""
    return f" ({found})" if (found := named(rule, labels)) else ""


def crossing(rule: Rule, alert: Alert) -> str:
    """`AI request error rate: 30.0 % in the hour until Thu 26 Nov 14:00, limit > 20 %`."""
    said = _CROSSINGS.get(rule.kind, _measured)
    return f"{metric(rule.metric).title}: {said(rule, alert, limit(rule, crossed(rule, alert)))}"


def _absent(rule: Rule, alert: Alert, _at: str) -> str:
    return f"none {_window(rule, alert)}"


def _expected(rule: Rule, alert: Alert, at: str) -> str:
    month = alert.fired.astimezone(zone(rule.timezone))
    best = ", above the limit even in the best case" if alert.raised else ""
    return f"{figure(rule, alert.value)} expected for {month:%B}, limit {at}{best}"


def _used_up(rule: Rule, alert: Alert, at: str) -> str:
    used = f"{beside_limit(rule, alert.value, nan)} of the {rule.allowance:g} allowed in 28 days"
    one_day = " for one day" if alert.raised else ""
    return f"{figure(rule, alert.value)} in the 3 days until {moment(alert.fired, rule)}, {used}, limit {at}{one_day}"


def _measured(rule: Rule, alert: Alert, at: str) -> str:
    beyond = f"more than {at} away" if rule.kind == "band" else f"limit {at}"
    return f"{figure(rule, alert.value)} {_window(rule, alert)}{compared(rule, alert.usual)}, {beyond}"


_CROSSINGS: dict[Kind, Callable[[Rule, Alert, str], str]] = {
    "absent": _absent, "budget": _expected, "burn": _used_up,
}  # fmt: skip
"""Of kinds that say it in their own words."""


def _window(rule: Rule, alert: Alert) -> str:
    """`in the hour until Thu 26 Nov 14:00`; of one that was decided before its end when it began."""
    begun = Window.parse(rule.every).floor(alert.fired, zone(rule.timezone))
    if begun == alert.fired:
        return f"in {judged_window(rule)} until {moment(alert.fired, rule)}"
    return f"so far in {judged_window(rule)} that began {moment(begun, rule)}"


def compared(rule: Rule, usual: float) -> str:
    """`, usually 12 s` or `, 12 s in the window before`; empty where a figure is compared with the limit alone."""
    before = figure(rule, usual)
    if not before:
        return ""
    usually = rule.kind == "band" or rule.against == "median"
    return f", usually {before}" if usually else f", {before} in {AGAINST[rule.against]}"


def judged_window(rule: Rule) -> str:
    window = Window.parse(rule.every)
    unit = {"m": "minute", "h": "hour", "d": "day", "w": "week"}.get(window.unit, "month")
    return f"the {unit}" if window.count == 1 else f"the {window.count} {unit}s"


def figure(rule: Rule, value: float) -> str:
    """`24 %`; empty for no number, and of a momentary rule."""
    if rule.momentary or isnan(value) or isinf(value):
        return ""
    number, unit = measured(value, metric(rule.metric))
    return f"{number} {unit}".strip()


def share(rule: Rule, value: float, usual: float) -> float:
    """What is compared with a limit in percent: of an allowance, or by how much `value` differs from `usual`; NaN for other limits."""
    if rule.kind == "burn":
        return 100 * value / rule.allowance
    if rule.kind == "change" and rule.fire.percent and usual:
        return 100 * (value - usual) / abs(usual)
    return nan


def beside_limit(rule: Rule, value: float, usual: float) -> str:
    """A figure on the limit's scale: `45 %` beside `> 40 %`, else as `figure`."""
    percent = share(rule, value, usual)
    return figure(rule, value) if isnan(percent) else f"{percent:,.0f} %"


def crossed(rule: Rule, alert: Alert) -> Limit:
    """The limit that the alert is beyond: that of `page` once it was raised."""
    return rule.page if alert.raised and rule.page else rule.fire


def limit(rule: Rule, at: Limit) -> str:
    if not rule.windowed:
        return ""
    if rule.kind == "band":
        return f"{at.value:g} usual spreads"
    unit = "" if at.percent or rule.kind == "absent" else f" {counted(f'{at.value:g}', metric(rule.metric).unit)}"
    return f"{at}{unit}".strip()


def moment(at: datetime, rule: Rule) -> str:
    """`Thu 26 Nov 14:00`, on the rule's clock."""
    local = at.astimezone(zone(rule.timezone))
    return f"{local:%a} {local.day} {local:%b %H:%M}"
