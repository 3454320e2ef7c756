"""What the briefing is made of: few questions, asked together and judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from math import nan
from typing import Any, NamedTuple

from briefing.days import LOOK_BACK, days_of
from briefing.facts import DUE_WITHIN, MEASUREMENTS, Counted, Facts, Judged, counted
from briefing.usual import course
from metricstore import nothing
from metricstore.caveats import bound_of
from metricstore.coverage import bounds, coverage
from metricstore.evaluation import Answer, plan_values
from metricstore.goal import Goal
from metricstore.metrics import Metric, metric
from metricstore.plans import ask_together
from metricstore.selection import Selection
from metricstore.store import Store
from questions.goal_standings import fitting, plan_standing, reaches_now


class _Part(NamedTuple):
    metric: Metric
    selection: Selection
    by: tuple[str, ...] = ()


def gather(source: Store, selection: Selection, set_goals: Sequence[Goal], now: datetime) -> Facts:
    """Everything the briefing says, of what the viewer may see. Goals that are about something else than the selection
    are left out."""
    wanted = fitting(set_goals, selection, now)
    parts = dict(_parts(source, selection, now))
    figures = [partial(plan_values, part.metric, part.selection, by=part.by, now=now) for part in parts.values()]
    standings = [partial(plan_standing, one, selection, now) for one in wanted]
    settled: list[Callable[[], Any]] = ask_together(source, [*figures, *standings])
    answers: dict[str, Answer] = {name: settle() for name, settle in zip(parts, settled, strict=False)}

    def reasons(name: str) -> Counted:
        part = parts[name]
        found = counted(part.metric, answers[name].rows)
        if not found.reasons and not found.why:
            return _none(source, part, now)
        return replace(found, at_least=bound_of(answers[name]) is not None)

    return Facts(
        selection, now, reaches_now(selection, now), _judged(parts, answers, "made", now), _judged(parts, answers, "read", now),
        reasons("failed"), reasons("unsent"), _held_up(parts["held up"].metric, answers["held up"]),
        reasons("textless") if "textless" in parts else None,
        tuple(settle() for settle in settled[len(parts):]),
        frozenset(name for name in MEASUREMENTS if bounds(source, name) is None),
    )  # fmt: skip


def _parts(source: Store, selection: Selection, now: datetime) -> Iterator[tuple[str, _Part]]:
    plain = replace(selection, compare=None, every="none")
    before = replace(plain, start=(selection.range(now)[0] - LOOK_BACK).isoformat(), every="1d")
    for name, declared in (("made", metric("generations")), ("read", _readers(source))):
        yield name, _Part(declared, plain)
        yield f"{name} before", _Part(declared, before)
    yield "failed", _Part(metric("generation_failures"), plain, ("outcome_reason",))
    yield "unsent", _Part(metric("service_failed"), plain, ("error_class",))
    yield "held up", _Part(metric("posts_held_up"), plain, ("state", "cause"))
    if reaches_now(selection, now):
        due = replace(plain, start="day", stop=DUE_WITHIN)  # a date without a time counts from its midnight
        yield "textless", _Part(metric("waiting_without_text"), due, ("content_state",))


def _readers(source: Store) -> Metric:
    """Figures of sent posts, as services and platforms tell them; where nobody does, those of imported files."""
    told = metric("post_impressions")
    return told if bounds(source, told.source.name) is not None else metric("impressions")


def _judged(parts: dict[str, _Part], answers: dict[str, Answer], name: str, now: datetime) -> Judged:
    part, whole = parts[name], answers[name].rows
    days = days_of(answers[f"{name} before"].rows, part.selection.timezone)
    value, why = float(whole["value"][0]), str(whole[nothing.COLUMN][0])
    return Judged(part.metric, course(value, why, days, *part.selection.range(now), counts=part.metric.counts))


def _none(source: Store, part: _Part, now: datetime) -> Counted:
    """No group at all: none where the time was collected, else nobody knows."""
    start, stop = part.selection.range(now)
    known = coverage(source, part.metric.measurements, part.selection.timezone)
    return (
        Counted(part.metric, 0.0) if known.holds(start, stop) else Counted(part.metric, nan, why=nothing.NOT_COLLECTED)
    )


def _held_up(declared: Metric, answer: Answer) -> dict[str, Counted]:
    return {state: counted(declared, rows) for state, rows in answer.rows.by_first()}
