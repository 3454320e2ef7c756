"""What trying a rule on the past came to, in words; and the signature that proves that a text was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup

from alerting.alert import MOST_TEXTS
from alerting.backtest import Backtest, Episode, Miss, backtest
from alerting.checking import TRIED
from alerting.rule import Rule
from dashapp.alerts import phrases
from dashapp.alerts.course_picture import Scale, course, scale
from dashapp.alerts.reasons import REASONS
from dashapp.alerts.sources import Sources
from layouts.formats import length
from metricstore.quantities import quantity
from metricstore.store import Store
from metricstore.windows import zone

MOST_EPISODES = 20
_DAY = 24 * 3600
_ENDS = {"resolved": "over", "quiet": "quiet", "open": "still open"}


@dataclass(frozen=True)
class Row:
    """An episode or a near miss."""

    when: str
    group: str
    value: str
    more: str


@dataclass(frozen=True)
class Tried:
    summary: str
    comparison: str = ""
    """With the rule that is in force; empty for a new one."""
    episodes: Sequence[Row] = ()
    earlier: int = 0
    """Episodes before those."""
    misses: Sequence[Row] = ()
    unjudged: Sequence[str] = ()
    pictures: Sequence[Markup] = ()
    """For wide and for narrow windows; none of a rule that looks at this moment."""
    scale: Scale | None = None


def tried(store: Store, rule: Rule, before: Rule | None, now: datetime) -> Tried:
    """StoreError when the store can't answer."""
    if rule.momentary:
        return Tried(_at_this_moment(store, now))
    found = backtest(store, rule, now - TRIED, now)
    text = summary(found)
    compared = ""
    if before is not None and not before.momentary and before.condition != rule.condition:
        compared = f"Before: {times(backtest(store, before, now - TRIED, now))}; now: {times(found)}."
    latest = found.episodes[::-1]
    return Tried(
        text, compared, [_episode(rule, each) for each in latest[:MOST_EPISODES]], len(latest[MOST_EPISODES:]),
        [_miss(rule, each) for each in found.misses], _unjudged(found),
        [course(found, text, width, height) for width, height in ((1000, 280), (360, 240))], scale(found),
    )  # fmt: skip


def _at_this_moment(store: Store, now: datetime) -> str:
    found = Sources(store).late(now)
    late = [text for text in found.values() if text]
    text = "This rule looks at this moment, so there is no past to try it on."
    if not late:
        return f"{text} Now none of {quantity(len(found), 'collectors')} is late."
    return f"{text} Now it would fire {'once' if len(late) == 1 else f'{len(late)} times'}: {'; '.join(late)}."


def times(found: Backtest) -> str:
    count = len(found.episodes)
    return "never" if not count else "once" if count == 1 else f"{count:,} times"


def summary(found: Backtest) -> str:
    span = f"In the last {TRIED.days} days"
    if found.rule.listed and not found.episodes:
        return f"{span} this would have reported no record."
    if found.windows == sum(found.nothing.values()):
        return f"{span} there is nothing to try it on: no window has a figure that could be judged."
    if not found.episodes:
        return f"{span} this would never have fired."
    if found.rule.listed:
        reported = sum(len(each.records) for each in found.episodes)
        return f"{span} this would have fired {times(found)} and reported {quantity(reported, 'records')}."
    count, out = len(found.episodes), found.out_of_hours
    text = f"{span} this would have fired {times(found)}, open for {_hours(found.open_time)}"
    text += " in all" if count > 1 else ""
    if count == 1:
        return f"{text}{', at night or on a weekend' if out else ''}."
    return f"{text}, {out if out else 'none'} of them at night or on a weekend."


def _hours(time: timedelta) -> str:
    hours = time / timedelta(hours=1)
    return "1 hour" if 0.95 <= hours < 1.05 else f"{hours:,.1f}".removesuffix(".0") + " hours"


def _episode(rule: Rule, each: Episode) -> Row:
    if rule.listed:
        texts = "; ".join(one.text for one in each.records[:MOST_TEXTS])
        left = len(each.records) - MOST_TEXTS
        return Row(_moment(each.fired, rule), phrases.named(rule, each.labels), phrases.figure(rule, float(len(each.records))),
                   f"{texts} and {left:,} more" if left > 0 else texts)  # fmt: skip
    worst = phrases.figure(rule, each.worst)
    value = phrases.figure(rule, each.first.value)
    usual = phrases.compared(rule, each.first.usual)
    parts = [f"worst {worst}"] if worst and worst != value else []
    parts += ["raised to page"] if each.raised else []
    parts += [_ENDS[each.how] + (f" after {length(each.ended - each.fired)}" if each.ended else "")]
    return Row(_moment(each.fired, rule), phrases.named(rule, each.labels), f"{value}{usual}", ", ".join(parts))


def _miss(rule: Rule, each: Miss) -> Row:
    return Row(_moment(each.look.opened, rule), phrases.named(rule, each.labels), phrases.figure(rule, each.look.value),
               f"{_distance(rule, each.distance)} from the limit")  # fmt: skip


def _distance(rule: Rule, distance: float) -> str:
    if rule.kind == "band":
        return f"{distance:.1f} usual spreads"
    return f"{distance:.1f} %" if rule.fire.percent else phrases.figure(rule, distance)


def _unjudged(found: Backtest) -> list[str]:
    return [f"{quantity(count, 'windows')}: {REASONS.get(why, why)}" for why, count in found.nothing.most_common()]  # fmt: skip


def _moment(at: datetime, rule: Rule) -> str:
    return at.astimezone(zone(rule.timezone)).strftime("%Y-%m-%d %H:%M")


def signed(text: str, file: str, user: str) -> str:
    return str(_signer().dumps([text, file, user]))


def was_tried(proof: str, text: str, file: str, user: str) -> bool:
    """Whether this user tried exactly this text within a day."""
    try:
        return bool(_signer().loads(proof, max_age=_DAY) == [text, file, user])
    except BadData:
        return False


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="alert-rule-tried")
