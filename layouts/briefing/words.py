"""The verdict in words: each clause by a stated rule (docs/overview.md), each with its proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan

from briefing.facts import DUE_WITHIN, Counted, Facts, Judged
from briefing.standing import Standing, Verdict
from layouts import formats
from layouts.briefing.clauses import SEVERITY, Clause, Severity
from layouts.briefing.links import link
from layouts.filterbar import range_name
from layouts.formats import counted, decimals_at, inside, measured, number
from layouts.pages import CHARTS, TILES
from layouts.value_names import name_of
from metricstore import nothing
from metricstore.goal import Period
from metricstore.metrics import Metric
from metricstore.selection import PRESETS, Selection

PERIOD_WORDS: dict[Period, str] = {
    "day": "today", "week": "this week", "month": "this month", "quarter": "this quarter", "year": "this year",
}  # fmt: skip
_UNKNOWN = {
    nothing.NOT_COLLECTED: "not collected in this range",
    nothing.NOT_REPORTED: "not reported by its source",
    nothing.LOST: "not recorded at the time",
    nothing.TOO_FEW: "too few records",
    nothing.NO_RECORDS: "nothing happened yet",
    nothing.NOT_VISIBLE: "outside your view",
}
_SET_UP = {
    "generation": "set the path of the application log in the settings",
    "social_post": "connect a scheduling service such as Buffer: an administrator enters its API key",
    "engagement": "import exports, or connect X or LinkedIn: an administrator sets them up",
    "post_performance": "connect X or LinkedIn: an administrator enters the tokens",
    "post": "set the calendar files in the settings",
}
"""How what was never collected comes to be known, by measurement."""


@dataclass(frozen=True)
class Briefing:
    """`opening` is "" where nobody can judge; `unknown` are half sentences."""

    opening: str
    clauses: tuple[Clause, ...]
    unknown: tuple[str, ...]


def judged(facts: Facts, default: Selection) -> Briefing:
    goals = sorted(facts.standings, key=lambda one: one.goal.metric != facts.made.metric.name)
    clauses = [_goal(one, facts, default) for one in goals if one.verdict != "unknown"]
    if not any(one.goal.metric == facts.made.metric.name for one in facts.standings):
        clauses += _made(facts, default)
    judgements = [clause.severity for clause in clauses if clause.severity != "plain"]
    troubles = [*_failed(facts, default), *_unsent(facts, default), *_textless(facts, default)]
    clauses += [*troubles, *_read(facts, default)]
    return Briefing(_opening(judgements, troubles), tuple(clauses), tuple(_unknown(facts)))


def _opening(judgements: Sequence[Severity], troubles: Sequence[Clause]) -> str:
    if not judgements:
        return ""
    if set(judgements) != {"good"}:
        return "Not on track"
    return "On track, with problems" if any(one.severity == "bad" for one in troubles) else "On track"


def in_range(selection: Selection) -> str:
    """`in the last 30 days`, `this week`, `(3 Nov 2026 – 10 Nov 2026)`."""
    name = range_name(selection)
    if selection.stop != "now" or selection.start not in PRESETS:
        return f"({name})"
    return f"in the {inside(name)}" if name.startswith("Last") else inside(name)


def reason_words(value: str) -> str:
    """A reason as people write it: `HTTP 429`, `no answer`."""
    named = name_of(value, "outcome_reason")
    return inside(named) if named != value else value.replace("_", " ")


def shown(value: float, metric: Metric) -> str:
    """A value with its unit: `92 posts`, `96.4 %`."""
    text, unit = measured(value, metric)
    return f"{text} {unit}".strip()


def why_of(reasons: Counted) -> str:
    """`, 21 of them for one reason: HTTP 400`; "" where no reason stands out."""
    main = reasons.main
    if main is None:
        return ""
    text = reason_words(main.value)
    if reasons.total == 1:
        return f": {text}"
    share = "all" if main.count == reasons.total else f"{main.count:,} of them"
    return f", {share} for one reason: {text}"


def _goal(one: Standing, facts: Facts, default: Selection) -> Clause:
    declared, goal = one.goal.declared, one.goal
    when = PERIOD_WORDS[goal.period]
    href = link(page_of(goal.metric), facts.selection, default, {"start": goal.period, "stop": "now"})
    if goal.grows:
        value, whole = measured(one.value, declared)[0], shown(goal.value, declared)
        return Clause(
            SEVERITY[one.verdict], f"{declared.title}: {value} of {whole} {when}", href, f", {pace_words(one)}"
        )
    value = shown(one.value, declared)
    return Clause(
        SEVERITY[one.verdict],
        f"{declared.title}: {value} {when}",
        href,
        f", goal {goal.direction} {shown(goal.value, declared)}",
    )


def pace_words(one: Standing) -> str:
    """`2 behind pace`, `goal reached`, `within pace`. The amount has the decimals of the goal beside it, more where it would read 0."""
    declared = one.goal.declared.decimals
    beside = decimals_at(one.goal.value, declared)
    amount = number(abs(one.behind), beside if round(abs(one.behind), beside) else max(beside, declared))
    words: dict[Verdict, str] = {
        "met": "goal reached", "on pace": f"{amount} ahead of pace" if one.behind < 0 and float(amount.replace(",", "")) else "on pace",
        "behind": f"{amount} behind pace", "far behind": f"{amount} behind pace", "within": "within pace",
        "fast": f"{amount} above pace", "over": "over the goal", "missed": "goal missed", "unknown": "not known",
    }  # fmt: skip
    return words[one.verdict]


def page_of(metric: str) -> str:
    """The page whose figures tell most of a metric: the first but the Overview that has it as a figure or a chart."""
    for page, names in TILES.items():
        if page != "overview" and metric in names:
            return page
    return next((chart.page for chart in CHARTS.values() if chart.metric == metric), "overview")


def _made(facts: Facts, default: Selection) -> Iterator[Clause]:
    course, metric, selection = facts.made.course, facts.made.metric, facts.selection
    if isnan(course.value):
        return
    severity: Severity = {"less": "warn", "usual": "good", "more": "good", "unknown": "plain"}[course.compared]  # type: ignore[assignment]
    text = (
        f"{number(course.value)} {counted(number(course.value), 'posts')} made" if course.value else "No post was made"
    )
    yield Clause(severity, f"{text} {in_range(selection)}", link("generation", selection, default),
                 f"{usual_words(facts.made)}{not_filtered(metric, selection)}")  # fmt: skip


def usual_words(one: Judged) -> str:
    """`, as usual (590–640)`; "" where nobody knows what is usual."""
    course = one.course
    if course.compared == "unknown":
        return ""
    word = {"more": "more than usual", "less": "fewer than usual", "usual": "as usual"}[course.compared]
    return f", {word} ({number(course.low)}–{number(course.high)})"


def _failed(facts: Facts, default: Selection) -> Iterator[Clause]:
    one, selection = facts.failed, facts.selection
    href = link("generation", selection, default, {"outcome": "failed,partial"})
    if isnan(one.total) or (not one.total and not facts.made.course.value > 0):
        return
    left = not_filtered(one.metric, selection)
    if not one.total:
        yield Clause("good", "None failed" if not one.at_least else "No known failures", href, left)
        return
    least = "At least " if one.at_least else ""
    yield Clause("bad", f"{least}{number(one.total)} failed", href, f"{why_of(one)}{left}")


def _unsent(facts: Facts, default: Selection) -> Iterator[Clause]:
    one, selection = facts.unsent, facts.selection
    if one.total > 0:
        was = "was" if one.total == 1 else "were"
        yield Clause("bad", f"{number(one.total)} {was} not sent", link("delivery", selection, default, {"status": "failed"}),
                     f"{why_of(one)}{not_filtered(one.metric, selection)}")  # fmt: skip


def _textless(facts: Facts, default: Selection) -> Iterator[Clause]:
    one = facts.textless
    if one is not None and one.total > 0:
        post, have = ("post", "has") if one.total == 1 else ("posts", "have")
        yield Clause("warn", f"{number(one.total)} {post} due today or in the next 7 days {have} no usable text",
                     textless_href(facts, default), not_filtered(one.metric, facts.selection))  # fmt: skip


def textless_href(facts: Facts, default: Selection) -> str:
    states = "failed,partial,incomplete,null,empty"
    due = {
        "start": "day",
        "stop": DUE_WITHIN,
        "content_state": states,
        "status": "draft,generated,ready,scheduled,pending",
    }
    return link("content", facts.selection, default, due)


def _read(facts: Facts, default: Selection) -> Iterator[Clause]:
    course, metric, selection = facts.read.course, facts.read.metric, facts.selection
    if isnan(course.value) or course.compared == "unknown":
        return
    word = {
        "more": "More impressions than usual",
        "less": "Fewer impressions than usual",
        "usual": "Impressions as usual",
    }[course.compared]
    severity: Severity = {"more": "good", "less": "warn", "usual": "good"}[course.compared]  # type: ignore[assignment]
    yield Clause(severity, word, link("engagement", selection, default),
                 f": {shown(course.value, metric)}, usually {number(course.low)}–{number(course.high)}"
                 f"{not_filtered(metric, selection)}")  # fmt: skip


def not_filtered(metric: Metric, selection: Selection) -> str:
    """` (not filtered by status)`: a filter that the figure's source does not tell."""
    said = formats.not_filtered(metric, selection.where)
    return f" ({said})" if said else ""


def _unknown(facts: Facts) -> Iterator[str]:
    parts = (("how many posts were made", facts.made.metric, facts.made.course.value, facts.made.course.why),
             ("what failed", facts.failed.metric, facts.failed.total, facts.failed.why),
             ("what was not sent", facts.unsent.metric, facts.unsent.total, facts.unsent.why),
             ("impressions", facts.read.metric, facts.read.course.value, facts.read.course.why))  # fmt: skip
    for what, metric, value, why in parts:
        if not isnan(value):
            continue
        never = metric.source.name in facts.never
        yield f"{what} ({_SET_UP.get(metric.source.name, 'never collected') if never else _UNKNOWN.get(why, why or 'no answer')})"
    for one in facts.standings:
        if one.verdict == "unknown":
            yield f"{inside(one.goal.declared.title)} {PERIOD_WORDS[one.goal.period]} ({_UNKNOWN.get(one.why, one.why)})"
