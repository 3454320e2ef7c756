"""What an embed shows at the moment: its charts drawn, its numbers as tables, within what it may see."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import pandas as pd

from briefing.standing import period_of
from dashapp.downloads.formats.options import WORDS
from dashapp.embeds.model import RANGE, Embed, limited, locked
from layouts.charts import Chart, ChartData, Theme
from layouts.charts.caveats import empty_sentence
from layouts.charts.figure import Figure
from layouts.charts.marks import decimals_of_answers
from layouts.charts.readable import figure_of, unit_of
from layouts.formats import column_name, filter_text, moment, number, number_or, span, window_time
from layouts.freshness import clock, clocks
from layouts.pages import CHARTS, charts_of
from layouts.panel import bound_sign, joined
from layouts.sources import collectors_of
from layouts.tiles import goal_words
from layouts.value_names import aggregate_name, name_of
from metricstore import nothing, vocabulary
from metricstore.caveats import UNSURE
from metricstore.coverage import data_until
from metricstore.emptiness import Cause, of_metric
from metricstore.evaluation import Answer
from metricstore.goal import Goal
from metricstore.goal import seen as seen_goals
from metricstore.plans import ask_together
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import RESERVED, Selection
from metricstore.store import Store
from metricstore.time_parts import TIME_PARTS
from questions.captions import caption
from questions.charts import as_asked, ask_chart, goals_on, named, unset_of
from questions.goal_standings import concerning
from questions.known_values import known_values
from questions.source_states import sources
from questions.tiles import figures_of, plan_tile
from viewer.request_context import collector_states

MOST_ROWS = 500
WIDTHS = (240, 2400)
USUAL_WIDTH = 760


OPTIONS = frozenset({*WORDS, "sig", "theme", "width", "height", "scale", "v", "t", "ts", "cb", ".png"})
"""Words of an embed's address that say how it is drawn, or that wikis add to get a picture anew."""
ADDED = ("_", "utm_")
"""How words begin that others add to addresses."""


@dataclass(frozen=True)
class View:
    """An embed as somebody looks at it: what may be seen, and what of it was chosen."""

    embed: Embed
    selection: Selection
    store: Store
    chosen: tuple[tuple[str, str], ...]
    """What the looker narrowed, as words of the address."""
    now: datetime
    goals: tuple[Goal, ...]
    """What is set, as the embed's owner and whoever looks may see it."""
    owned: Store
    """As its owner sees it: series have the colours that they have on the owner's pages, whatever the embed is narrowed to."""

    @property
    def charts(self) -> tuple[Chart, ...]:
        wanted = self.embed.wanted
        return (CHARTS[wanted.name],) if wanted.kind == "chart" else charts_of(wanted.name)

    def sentence(self) -> str:
        """Range, zone and filters for people."""
        start, stop = self.selection.range(self.now)
        filters = [filter_text(column, words) for column, words in self.selection.where.items()]
        return " · ".join([f"{span(start, stop, self.selection.timezone)}, {self.selection.timezone}", *filters])

    def drawn_at(self) -> str:
        return f"{moment(self.now, self.selection.timezone, seconds=False)} {self.selection.timezone}"


def view(
    embed: Embed, limits: tuple[Segment, ...], store: Store, words: Mapping[str, str], default: Selection, now: datetime,
    goals: tuple[Goal, ...],
) -> View:  # fmt: skip
    """`words` may narrow what the embed allows to be narrowed; other filters count for nothing. UnknownName or
    InvalidQuestion for words that mean nothing anywhere."""
    understood = vocabulary.asked(_narrowing(embed, words), lambda: restricted(store, *limits), default)
    chosen = {column: words[column] for column in embed.wanted.narrow if words.get(column)}
    if RANGE in embed.wanted.narrow:
        chosen |= {key: words[key] for key in ("start", "stop") if words.get(key)}
    own = embed.wanted.words
    selection = Selection.from_params({**own, **{key: chosen[key] for key in chosen if key in RESERVED}}, default)
    narrowed = {column: understood.where[column] for column in chosen if column not in RESERVED}
    selection = vocabulary.canonical(replace(selection, where={**selection.where, **narrowed}))
    segments = [*limits, locked(own)]
    if "start" in chosen or "stop" in chosen:
        segments.append(limited(own, default))
    return View(
        embed, selection, restricted(store, *segments), tuple(sorted(chosen.items())), now, seen_goals(goals, segments),
        restricted(store, *limits),
    )  # fmt: skip


def _narrowing(embed: Embed, words: Mapping[str, str]) -> dict[str, str]:
    """What may narrow the embed, and what means nothing anywhere, which is somebody's mistake."""
    may = {*embed.wanted.narrow, *(("start", "stop") if RANGE in embed.wanted.narrow else ())}
    known = vocabulary.filter_names() | {*RESERVED, *OPTIONS}
    return {
        key: text for key, text in words.items()
        if key in may or not (key in known or key.startswith(ADDED))
    }  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A chart ready to be shown. `figures` by theme; empty where there is nothing to draw and `sentence` says why."""

    chart: Chart
    figures: Mapping[Theme, Figure] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    sentence: str = ""
    remark: str = ""
    clock: str = ""
    """Data until, and when news are expected."""
    late: str = ""
    """What is wrong with a source, or unusual about it; "" while all is well."""

    @property
    def unit(self) -> str:
        """As it was answered: money has the currency that is set."""
        return unit_of(self.chart, self.answers[0].metric) if self.answers else ""

    @property
    def heads(self) -> list[str]:
        main = self.answers[0]
        found = (["Time"] if main.every is not None else []) + [column_name(column) for column in main.by]
        for answer in self.answers:
            alike = len(self.answers) > 1 and answer.metric == main.metric
            found.append(f"{aggregate_name(answer.aggregate) if alike else answer.metric.title} ({answer.metric.unit})")
            found += ["Before"] if "comparison" in answer.frame else []
            found += ["n"] if nothing.NUMBER in answer.frame else []
        return found

    def rows(self) -> list[list[str]]:
        """The picture's numbers, newest first; at most MOST_ROWS of them."""
        main, frame = self.answers[0], joined(list(self.answers))
        shown = frame.tail(MOST_ROWS)[::-1] if main.every is not None else frame.head(MOST_ROWS)
        columns: list[list[str]] = []
        if main.every is not None:
            columns.append([window_time(time, main.every, main.timezone) for time in shown["time"]])
        columns += [
            [name_of(value if isinstance(value, str) else "", name) for value in shown[name]] for name in main.by
        ]
        for place, answer in enumerate(self.answers):
            decimals = decimals_of_answers(self.answers, answer.metric.unit)
            for kind in ("value", "comparison"):
                if f"{kind}{place}" in shown:
                    columns.append(_told(shown, kind, place, answer, decimals))
            if f"{nothing.NUMBER}{place}" in shown:
                columns.append([number(float(value)) for value in shown[f"{nothing.NUMBER}{place}"]])
        return [list(row) for row in zip(*columns, strict=True)]


def show(seen: View, chart: Chart, themes: tuple[Theme, ...]) -> Shown:
    """Ask and draw; StoreError when it can't be answered."""
    unset = unset_of(chart, seen.selection)
    if unset:
        cause = Cause("not set", unset=tuple(unset))
        return replace(_clocked(seen, chart), sentence=empty_sentence(cause, "", seen.selection))
    found = ask_chart(seen.store, chart, seen.selection, seen.now)
    if found.is_empty:
        remark = caption(chart, seen.selection, None, found.left_out)
        return replace(_clocked(seen, chart), sentence=_why_empty(seen, chart), remark=remark)
    goals, known = goals_on(chart, found.main, seen.selection, seen.goals), known_values(seen.owned, chart, found.main)
    drawn = {
        theme: ChartData(found.main, found.also, seen.selection, theme, goals=goals, now=seen.now, known=known)
        for theme in themes
    }
    figures = {theme: figure_of(chart, data) for theme, data in drawn.items()}
    remark = caption(chart, seen.selection, drawn[themes[0]], found.left_out, figures[themes[0]])
    return replace(_clocked(seen, chart), figures=figures, answers=tuple(found.answers.values()), remark=remark)


def _clocked(seen: View, chart: Chart) -> Shown:
    """Nothing but how fresh its sources are."""
    timezone = seen.selection.timezone
    states = sources(seen.store, seen.now, timezone, collectors_of(chart.metrics), collector_states())
    until = data_until(seen.store, chart.declared.source.name, timezone)
    due = min((state.due for state in states if state.due is not None), default=None)
    text = clocks(*(clock(moment, seen.now, timezone) if moment else "" for moment in (until, None, due)))
    return Shown(chart, clock=text, late=next(filter(None, (state.notable(seen.now) for state in states)), ""))


def _why_empty(seen: View, chart: Chart) -> str:
    what, figure = named(chart.declared)
    wanted = as_asked(chart, seen.selection)
    return empty_sentence(of_metric(seen.store, chart.declared, wanted, seen.now), what, wanted, figure)


@dataclass(frozen=True)
class KeyFigure:
    """A tile of a page in words. `goal`: how far it is reached, "" where none is set for what is shown."""

    title: str
    number: str
    unit: str
    meaning: str
    goal: str = ""


def key_figures(seen: View) -> list[KeyFigure]:
    found = []
    figures = figures_of(seen.store, seen.embed.wanted.name) if seen.embed.wanted.kind == "page" else []
    goals = {one.name: next(iter(_within_range(seen, concerning(seen.goals, one, seen.selection, seen.now))), None)
             for one in figures}  # fmt: skip
    plans = [partial(plan_tile, one, seen.selection, seen.now, goals[one.name]) for one in figures]
    for declared, settle in zip(figures, ask_together(seen.store, plans), strict=True):
        shown = settle()
        text, unit = shown.number()
        said = (shown.missing, *shown.remarks, shown.before_missing, declared.formula or declared.meaning)
        words = goal_words(shown.standing) if shown.standing is not None else ""
        beside = "" if unit.lower() == declared.title.lower() else unit
        found.append(KeyFigure(declared.title, text, beside, "; ".join(filter(None, said)), words))
    return found


def _within_range(seen: View, goals: Iterable[Goal]) -> list[Goal]:
    """Whose period begins in the range: an embed of a day must not give away what the month comes to."""
    start, _ = seen.selection.range(seen.now)
    return [one for one in goals if period_of(one, seen.now, seen.selection.timezone)[0] >= start]


def themes_of(embed: Embed, wanted: str = "") -> tuple[Theme, ...]:
    """Both where the looker's own preference decides."""
    if wanted in ("light", "dark"):
        return (wanted,)  # type: ignore[return-value]
    own = embed.wanted.theme
    return ("light", "dark") if own == "follow" else (own,)


def choices(seen: View, column: str) -> list[tuple[str, str]]:
    """(value, name) that a looker may narrow `column` to."""
    source, (start, stop) = seen.charts[0].declared.source, seen.selection.range(seen.now)
    zone = seen.selection.timezone
    if column in TIME_PARTS:
        return [(value, name_of(value, column)) for value in TIME_PARTS[column]]
    return [(value, name_of(value, column)) for value in seen.store.values(source.name, column, start, stop, (), zone)]


def _told(frame: pd.DataFrame, kind: str, place: int, answer: Answer, decimals: int) -> list[str]:
    """Numbers as words; those that are missing by their kind of nothing."""
    values = [float("nan") if value is None or value is pd.NA else float(value) for value in frame[f"{kind}{place}"]]
    whys = frame.get(f"{nothing.COLUMN if kind == 'value' else nothing.COMPARED}{place}")
    reasons = [""] * len(values) if whys is None else whys.fillna("").tolist()
    counts = frame.get(f"{UNSURE}{place}") if kind == "value" else None
    signs = [""] * len(values) if counts is None else [bound_sign(answer, count) for count in counts]
    return [
        f"{'' if math.isnan(value) else sign}{number_or(value, why, decimals)}"
        for value, why, sign in zip(values, reasons, signs, strict=True)
    ]
