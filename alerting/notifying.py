"""Which changes somebody is written to about. Pure.

Who was notified that an alert fired is notified that it ended, also when it is muted by then; nobody else hears of its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from alerting.alert import Alert, Memory
from alerting.deciding import Change
from alerting.message import AGAIN, ENDED, Subject
from alerting.rule import Rule

PAGE_REPEAT = timedelta(hours=4)


class Notice(NamedTuple):
    """Something to be said about an alert."""

    subject: Subject
    alert: Alert
    late: bool = False
    number: int = 0
    """Of subjects that come again: a number that gives each a key of its own."""


def notices(
    rule: Rule,
    memory: Memory,
    changes: Sequence[Change],
    now: datetime,
    *,
    muted: bool,
    acknowledged: bool,
    new: bool = False,
) -> tuple[Memory, list[Notice]]:
    """What is to be said, and the memory of having said it. `muted`: by a silence, a maintenance window, or because
    what it rests on is not collected. `new`: the rule is judged for the first time, or by other limits than before: what was over before
    that is nobody's news."""
    late = {each.alert.number for each in changes if each.late}
    fresh = {each.alert.number for each in changes if each.happening == "fired"}
    ended = {each.alert.number for each in changes if each.happening in ENDED}
    found: list[Notice] = []
    for alert in memory.alerts:
        subject = _subject(rule, alert, now, muted=muted, acknowledged=acknowledged)
        if not alert.open:
            come_and_gone = (
                alert.number in fresh and alert.told is None and alert.how != "corrected" and not (muted or new)
            )
            subject = alert.how if alert.number in ended and (alert.told or come_and_gone) else None  # type: ignore[assignment]
        if subject is None:
            continue
        number = int(now.timestamp()) if subject in AGAIN else 0
        found.append(Notice(subject, alert, alert.number in late, number))
        memory = memory.with_alert(replace(alert, told=now, told_raised=alert.raised, untold=0))
    return memory, found


def _subject(rule: Rule, alert: Alert, now: datetime, *, muted: bool, acknowledged: bool) -> Subject | None:
    """Of an open alert."""
    if muted:
        return None
    if alert.told is None:
        return "fired"
    if alert.raised and not alert.told_raised:
        return "raised"
    if alert.untold:
        return "added"
    repeat = PAGE_REPEAT if alert.raised or rule.severity == "page" else rule.repeat
    if not acknowledged and now - alert.told >= min(repeat, rule.repeat):
        return "repeated"
    return None
