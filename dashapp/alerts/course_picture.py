"""The course of a rule's figure as SVG: lines, the limit, and where it would have fired. Colours come from the style sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, NamedTuple
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from markupsafe import Markup

from alerting.backtest import Backtest, Episode
from alerting.course import Look
from alerting.measuring import Labels
from layouts.pictures.axes import Linear, Times, reach
from layouts.pictures.sheet import clean, element
from metricstore.windows import Window, zone

MOST_LINES = 8
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 8.0, 18.0, 24.0


class Scale(NamedTuple):
    """Of the control that moves the limit."""

    low: float
    high: float
    step: float


def scale(found: Backtest) -> Scale:
    low, high = _reach(found, list(found.looks.values()))
    step = next(step for step in (10.0**power * factor for power in range(-6, 16) for factor in (1, 2, 5)) if step >= (high - low) / 200)  # fmt: skip
    return Scale(round(low / step) * step, (int(high / step) + 1) * step, step)


def course(found: Backtest, summary: str, width: int, height: int) -> Markup:
    """An SVG element of this shape, as wide as where it stands; `summary` is what a screen reader says."""
    chosen = _chosen(found)
    drawn = [found.looks[labels] for labels in chosen]
    tz = zone(found.rule.timezone)
    begin, end = _wall(found.start, tz), max(_wall(found.until, tz), _wall(found.start, tz))
    across = Times(begin, end, _LEFT, width - _RIGHT)
    value = Linear(*_reach(found, drawn), height - _BOTTOM, _TOP)
    parts = [*_axes(across, value, width, height)]
    parts += [_span(each, across, end, height, tz) for each in found.episodes if each.labels in chosen]
    step = max(Window.parse(found.rule.every).seconds, (end - begin).total_seconds() / (width - _LEFT - _RIGHT))
    parts += [path for looks in drawn for path in _lines(looks, begin, step, across, value, tz)]
    parts += [_mark(each, across, tz) for each in found.episodes if each.labels in chosen]
    parts += _limit(found, value, width)
    more = f" {len(chosen)} of {len(found.looks)} groups are drawn." if len(chosen) < len(found.looks) else ""
    name = f"course-{width}"
    return Markup(  # noqa: S704  every text in it is escaped
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" class="course" '
        f'aria-labelledby="{name}-title {name}-about"><title id="{name}-title">{_text(found.rule.title)}</title>'
        f'<desc id="{name}-about">{_text(summary + more)}</desc>{"".join(parts)}</svg>'
    )


def _chosen(found: Backtest) -> list[Labels]:
    """Groups that fired most, then those with the largest figures."""

    def weight(labels: Labels) -> tuple[int, float]:
        fired = sum(each.labels == labels for each in found.episodes)
        return fired, max(_known(found.looks[labels]), default=float("-inf"))

    return sorted(found.looks, key=weight, reverse=True)[:MOST_LINES]


def _known(looks: Iterable[Look]) -> list[float]:
    return [look.measured for look in looks if not look.why and isfinite(look.measured)]


def _reach(found: Backtest, drawn: Iterable[Iterable[Look]]) -> tuple[float, float]:
    values = [value for looks in drawn for value in _known(looks)]
    return reach([*values, found.rule.fire.value], zero=True)


def _axes(across: Times, value: Linear, width: int, height: int) -> Iterable[str]:
    for tick in value.ticks(4):
        yield element("line", **{"class": "course-grid"}, x1=_LEFT, x2=width - _RIGHT, y1=tick.place, y2=tick.place)
        yield element("text", _text(tick.text), **{"class": "course-tick"}, x=_LEFT - 6, y=tick.place + 4, text_anchor="end")  # fmt: skip
    for tick in across.ticks(max(2, width // 120)):
        x = min(max(tick.place, _LEFT + 24), width - _RIGHT - 26)
        yield element("text", _text(tick.text), **{"class": "course-tick"}, x=x, y=height - 6.0, text_anchor="middle")


def _lines(
    looks: Sequence[Look], begin: datetime, step: float, across: Times, value: Linear, tz: ZoneInfo
) -> list[str]:
    """At most one stroke from the least to the largest figure in each step; a step without a figure is a gap."""
    ends: dict[int, tuple[float, float]] = {}
    for look in looks:
        if not look.why and isfinite(look.measured):
            place = int((_wall(look.opened, tz) - begin).total_seconds() // step)
            low, high = ends.get(place, (look.measured, look.measured))
            ends[place] = min(low, look.measured), max(high, look.measured)
    lines, dots = [], []
    for place, (low, high) in sorted(ends.items()):
        x = across(begin + timedelta(seconds=(place + 0.5) * step))
        if place - 1 not in ends and place + 1 not in ends and low == high:
            dots.append(f"M{x:.1f},{value(low):.1f}h.1")  # round line ends make it a dot
        else:
            lines.append(f"{'L' if place - 1 in ends else 'M'}{x:.1f},{value(low):.1f}V{value(high):.1f}")
    paths = (("course-line", lines), ("course-line course-dot", dots))
    return [element("path", **{"class": name, "d": "".join(found)}) for name, found in paths if found]


def _limit(found: Backtest, value: Linear, width: int) -> list[str]:
    """A group that a script may move: it holds what its places mean in figures."""
    if found.rule.kind == "absent" or found.rule.listed:
        return []
    fire, y = found.rule.fire, value(found.rule.fire.value)
    ends: dict[str, Any] = {"x1": _LEFT, "x2": width - _RIGHT, "y1": y, "y2": y}
    parts = [
        element("line", **{"class": "course-limit"}, **ends),
        element("text", _text(f"limit {fire}"), **{"class": "course-limit-text"}, x=width - _RIGHT, y=y - 5, text_anchor="end"),
        element("line", **{"class": "course-grip"}, **ends),
    ]  # fmt: skip
    scale = {
        "low": value.low,
        "high": value.high,
        "bottom": value.start,
        "top": value.stop,
        "sign": fire.sign,
        "unit": " %" * fire.percent,
    }
    return [
        element(
            "g", "".join(parts), **{"class": "course-limits"}, **{f"data-{key}": each for key, each in scale.items()}
        )
    ]


def _span(each: Episode, across: Times, end: datetime, height: int, tz: ZoneInfo) -> str:
    first = across(_wall(each.fired, tz))
    last = across(_wall(each.ended, tz) if each.ended else end)
    return element("rect", **{"class": "course-open"}, x=first, y=_TOP, width=max(1.5, last - first), height=height - _TOP - _BOTTOM)  # fmt: skip


def _mark(each: Episode, across: Times, tz: ZoneInfo) -> str:
    """A triangle over the moment at which it would have fired."""
    x = across(_wall(each.fired, tz))
    return element("path", **{"class": "course-fired"}, d=f"M{x - 5:.1f},4h10l-5,9z")


def _wall(moment: datetime, tz: ZoneInfo) -> datetime:
    return moment.astimezone(tz).replace(tzinfo=None)


def _text(words: str) -> str:
    return escape(clean(words))
