"""What a message says: the sentence, the figures, the links. Written for somebody who reads it on a phone at night."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from math import nan
from typing import NamedTuple
from urllib.parse import quote, urlencode

from alerting.alert import Alert
from alerting.course import Look
from alerting.measuring import Labels
from alerting.message import AGAIN, MOST_WINDOWS, Figure, Message
from alerting.notifying import Notice
from alerting.rule import Rule
from dashapp.alerts.phrases import beside_limit, crossed, crossing, figure, group, limit, moment
from layouts.formats import length
from layouts.pages import CHARTS, PAGES, TILES
from metricstore.metrics import METRICS, metric
from metricstore.quantities import quantity
from metricstore.selection import join_values, literal
from metricstore.windows import Window

_LONGEST_GROUP = 300
_LEFT = " None of the records that were reported is left: they were mended, or their time has passed."


class Links(NamedTuple):
    """Where the dashboard is for those who read the message; empty: nobody said, and messages have no links."""

    base: str = ""


def message(
    rule: Rule, labels: Labels, notice: Notice, looks: Sequence[Look], links: Links, now: datetime, trouble: str = ""
) -> Message:  # fmt: skip
    """`looks`: the latest windows of the group, in order. `trouble`: of a momentary rule what is wrong, in words."""
    alert = notice.alert
    thread = thread_of(rule.id, labels, alert.number)
    key = f"{thread}/{notice.subject}" + (f"/{notice.number}" if notice.number else "")
    at = alert.ended or (now if notice.subject in AGAIN else alert.fired)
    shown = "raised" if notice.subject == "repeated" and alert.raised else notice.subject
    decided = _decided(alert, looks) if shown != "fired" else alert.value
    here = (
        f"{links.base}/alerts/{quote(rule.id)}/{alert.number}?" + urlencode({"labels": "\n".join(labels)})
        if links.base
        else ""
    )
    return Message(
        key=key, thread=thread, subject=notice.subject, rule=rule.id, title=rule.title,
        severity="page" if alert.raised else rule.severity, sentence=sentence(rule, labels, notice, now, trouble),
        at=at, since=alert.fired, timezone=rule.timezone, labels=dict(zip(rule.by, labels, strict=True)),
        value=beside_limit(rule, decided, alert.usual if shown == "fired" else nan), limit=limit(rule, crossed(rule, alert)),
        missing=_missing(looks), figures=_figures(rule, looks) if rule.windowed else (), link=view(rule, labels, alert, links, at),
        acknowledge_link=f"{here}#acknowledge" if here and alert.open else "",
        silence_link=f"{here}#silence" if here and alert.open else "", runbook=rule.runbook,
        lists_records=_lists_records(rule, notice),
    )  # fmt: skip


def test_message(timezone: str, now: datetime) -> Message:
    """What `dashapp alert test` sends."""
    key = f"test/{now.isoformat()}"
    return Message(
        key=key, thread=key, subject="test", rule="test", title="Test message", severity="info", at=now, since=now,
        timezone=timezone, sentence="This is a test: alerts of the content metrics dashboard reach you here.",
    )  # fmt: skip


def thread_of(rule: str, labels: Labels, number: int) -> str:
    """The same for all messages of one alert. Labels are quoted: a slash in one of them parts nothing; long ones are
    known by their hash."""
    group = "/".join(quote(label, safe="") for label in labels)
    if len(group) > _LONGEST_GROUP:
        group = hashlib.sha256(group.encode()).hexdigest()
    return f"{rule}/{group}/{number}"


def removed(before: Message, now: datetime) -> Message:
    """The end of an alert whose rule was removed, in the form of an earlier message of it."""
    return replace(
        before, key=f"{before.thread}/gone", subject="gone", at=now, figures=(), acknowledge_link="", silence_link="",
        lists_records=False, sentence=f"Ended without an answer: {before.title}. Its rule was removed.",
    )  # fmt: skip


def opening(rule: Rule, labels: Labels, alert: Alert) -> str:
    """What an open alert is about, as it was said when it fired; of a momentary rule without its reason."""
    return sentence(rule, labels, Notice("fired", alert), alert.fired)


def sentence(rule: Rule, labels: Labels, notice: Notice, now: datetime, trouble: str = "") -> str:
    alert = notice.alert
    what = f"{rule.title}{group(rule, labels)}"
    since = moment(alert.fired, rule)
    late = " The data for it came late." if notice.late and notice.subject == "fired" else ""
    if _lists_records(rule, notice):
        return f"{what}: {_records(rule, alert, more=notice.subject == 'added')}."
    if notice.subject in ("fired", "raised", "test"):
        why = trouble or ("" if rule.momentary else crossing(rule, alert))
        return f"{what} – {why}.{late}" if why else f"{what}, since {since}."
    if notice.subject == "repeated":
        return f"{what}: still open after {length(now - alert.fired)}, since {since}."
    ended = moment(alert.ended or now, rule)
    span = length((alert.ended or now) - alert.fired)
    return {
        "resolved": f"Over: {what}, from {since} to {ended} ({span})." + (_LEFT if rule.listed else ""),
        "quiet": f"Ended without an answer: {what}, open since {since}. Nothing has been recorded for {length(rule.quiet)}.",
        "gone": f"Ended without an answer: {what}, open since {since}. What it was about is no longer in the data.",
        "corrected": f"Corrected: {what}, which fired at {since}. With the data known now, it wasn't an alert: data came late, or the rule changed.",
    }[notice.subject]  # fmt: skip


def _lists_records(rule: Rule, notice: Notice) -> bool:
    return rule.listed and notice.subject in ("fired", "added")


def _records(rule: Rule, alert: Alert, *, more: bool) -> str:
    """`Plan your week`, `2 posts: Plan your week; Ask better questions`, `41 more: … and 36 more`."""
    count = alert.untold if more else alert.reported
    if count == 1 and alert.texts:
        return f"one more: {alert.texts[0]}" if more else alert.texts[0]
    named = figure(rule, float(count)) if not more else f"{count:,} more"
    left = count - len(alert.texts)
    texts = "; ".join(alert.texts) + (f" and {left:,} more" if left and alert.texts else "")
    return f"{named}: {texts}" if texts else named


def _decided(alert: Alert, looks: Sequence[Look]) -> float:
    """The latest figure by the end of the alert."""
    known = [look.value for look in looks if not look.why and (alert.ended is None or look.closed <= alert.ended)]
    return known[-1] if known else alert.value


def _figures(rule: Rule, looks: Sequence[Look]) -> tuple[Figure, ...]:
    shown = looks[-MOST_WINDOWS:]
    return tuple(Figure(moment(look.opened, rule), figure(rule, look.value) or look.why or "–") for look in shown)


def _missing(looks: Sequence[Look]) -> str:
    """Of the latest windows, those that nobody knows."""
    recent = looks[-MOST_WINDOWS:]
    unknown = [look for look in recent if look.why in ("not collected", "not reported", "lost")]
    if not unknown:
        return ""
    return f"{len(unknown)} of the last {quantity(len(recent), 'windows')} {'is' if len(unknown) == 1 else 'are'} unknown ({unknown[-1].why})."


def view(rule: Rule, labels: Labels, alert: Alert, links: Links, at: datetime) -> str:
    """The page that shows the metric, with the rule's filters and the alert's time."""
    if not links.base:
        return ""
    before = rule.back if rule.listed else timedelta(seconds=24 * Window.parse(rule.every).seconds)
    words = {
        **({name: join_values(values) for name, values in rule.within.where if values} if rule.within else {}), **rule.selection.params(), **{name: join_values((literal(label),)) for name, label in zip(rule.by, labels, strict=True) if label},
        "start": (alert.fired - before).isoformat(timespec="seconds"), "stop": (at + rule.ahead).isoformat(timespec="seconds"),
    }  # fmt: skip
    return f"{links.base}{PAGES[page_of(rule.metric)].path}?{urlencode(words)}"


@lru_cache(maxsize=2 * len(METRICS))
def page_of(name: str) -> str:
    """The page that says most about a metric: with a chart of it, else a tile, else a chart of the same records."""
    if not name:
        return "health"
    pages = [chart.page for chart in CHARTS.values() if chart.metric == name or name in chart.also]
    pages += [page for page, tiles in TILES.items() if name in tiles and page != "overview"]
    about = set(metric(name).measurements)
    pages += [chart.page for chart in CHARTS.values() if about & set(chart.declared.measurements)]
    return next(iter([*(page for page in pages if page != "overview"), *pages]), "overview")
