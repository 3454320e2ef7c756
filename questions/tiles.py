"""From a page's key figures and a selection to what its tiles show."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from typing import Any

from layouts.charts import caveats
from layouts.formats import inside, span
from layouts.pages import AHEAD, PAGES
from layouts.tile_values import Tile, tiles_of
from metricstore import nothing
from metricstore.assumptions import ASSUMPTIONS
from metricstore.caveats import bound_of, conflicting
from metricstore.coverage import EVERYTHING, bounds, compared_coverage, coverage
from metricstore.emptiness import of_metric
from metricstore.evaluation import Whole, adds_up, evaluate, of_course, plan_whole_and_course
from metricstore.framing import comparison_query
from metricstore.gaps import LeftOut, plan_left_out
from metricstore.goal import Goal
from metricstore.metrics import Metric, metric
from metricstore.plans import Plan, joined
from metricstore.plans import ask as ask_plan
from metricstore.questions import questions
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.windows import zone
from questions.captions import not_filtered, without
from questions.goal_standings import plan_standing


def not_set(declared: Metric, selection: Selection) -> str:
    """`not set: Writing by hand, Checking`; "" where somebody has set all it assumes."""
    titles = selection.assume.unset(declared.assumptions)
    return f"not set: {', '.join(titles)}" if titles else ""


def reaching_ahead(declared: Metric, selection: Selection) -> Selection:
    """What is due lies ahead: of a range that ends now, its figure counts as far as the page's calendar."""
    ahead = AHEAD.get(declared.name)
    return replace(selection, stop=ahead) if ahead and selection.stop == "now" else selection


def figures_of(source: Store, page: str) -> list[Metric]:
    """The page's figures. One of which nothing was ever collected gives way to its declared substitute."""
    found = []
    for declared in tiles_of(page):
        other = PAGES[page].stand_ins.get(declared.name)
        never = other is not None and bounds(source, declared.source.name) is None
        found.append(metric(other) if other is not None and never else declared)
    return found


def ask(source: Store, declared: Metric, selection: Selection, now: datetime) -> Tile:
    """Value over the whole range and its course; none from assumptions that nobody has set."""
    return ask_plan(source, plan_tile(declared, selection, now))


def plan_tile(declared: Metric, selection: Selection, now: datetime, goal: Goal | None = None) -> Plan[Tile]:
    """See `ask`; with how `goal` stands."""
    standings = [plan_standing(goal, selection, now)] if goal is not None else []
    if unset := not_set(declared, selection):
        empty = Tile(declared.under(selection.assume), math.nan, math.nan, (), unset)
        return joined(standings, lambda _, found: replace(empty, standing=next(iter(found), None)))
    wanted = reaching_ahead(declared, selection)
    whole = plan_whole_and_course(declared, wanted, now)
    silent = [plan_left_out(declared, wanted, now)] if declared.bound is None else []

    def settle(store: Store, found: list[Any]) -> Tile:
        shown = _tile(store, declared, wanted, now, found[0], found[1] if silent else LeftOut())
        return replace(shown, standing=found[-1] if standings else None)

    return joined([whole, *silent, *standings], settle)


def _tile(store: Store, declared: Metric, selection: Selection, now: datetime, whole: Whole, silent: LeftOut) -> Tile:
    value, before, before_why, course = whole
    missing = "" if value > 0 else _why_nothing(store, declared, selection, now, value)
    if missing and before == 0:  # neither is it a zero then
        before, before_why = math.nan, nothing.NO_RECORDS
    found = Tile(course.metric, value, before, tuple(course.rows["value"].tolist()), missing,
                 unfiltered=not_filtered(declared, selection),
                 before_missing=_no_comparison(store, declared, selection, before_why),
                 before_range=_compared_range(declared, selection, now))  # fmt: skip
    if missing:
        return found
    return replace(found, left_out=without(silent), bound=bound_of(course), conflicts=conflicting(course))


def _compared_range(declared: Metric, selection: Selection, now: datetime) -> str:
    """The dates that the value is compared with."""
    if selection.compare is None:
        return ""
    windowed = of_course(declared, selection) if adds_up(declared, selection) else replace(selection, every="none")
    asked = questions(declared, windowed, now=now)[0]
    earlier = comparison_query(asked)
    return span(earlier.start, earlier.stop, selection.timezone)


def _no_comparison(store: Store, declared: Metric, selection: Selection, why: str) -> str:
    if not why:
        return ""
    known = compared_coverage(store, declared.measurements, selection.timezone)
    return caveats.before(why, selection.compare or "", known, selection.timezone)


def _why_nothing(store: Store, declared: Metric, selection: Selection, now: datetime, value: float) -> str:
    """Asked only where there isn't a number to show."""
    known = coverage(store, declared.measurements, selection.timezone)
    what = inside(declared.source.title)
    if known.start is None or all(bounds(store, name) is None for name in declared.measurements):
        return f"no {what} collected yet"
    start, stop = selection.range(now)
    if not known.holds(start, stop):
        place = zone(selection.timezone)
        since = f" from {known.start.astimezone(place):%Y-%m-%d}" if known.start != EVERYTHING.start else ""
        until = f" to {known.until.astimezone(place):%Y-%m-%d}" if known.until < now else ""
        return f"not collected: {what} known{since}{until}"
    if not math.isnan(value):
        return ""
    if declared.needs and nothing.TOO_FEW in evaluate(store, declared, replace(selection, every="none"), now=now).kinds:
        return f"too few to say: fewer than {declared.needs}"
    nought = [ASSUMPTIONS[name].title for name in declared.assumptions if not selection.assume[name]]
    if nought:
        return f"{' and '.join(nought)}: set to 0, so this can't be calculated"
    cause = of_metric(store, declared, selection, now)
    if cause.kind == "not reported":
        return "the source does not report it"
    return caveats.empty_sentence(cause, what, selection).removesuffix(".")
