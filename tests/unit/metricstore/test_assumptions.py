"""Modelled numbers: one declaration is computed, printed and changed; nothing is assumed in silence."""

from __future__ import annotations

import numpy as np
import pytest

from metricstore.assumptions import ASSUMPTIONS, CURRENCY, USUAL, Assumed
from metricstore.catalogue import measurement
from metricstore.errors import InvalidQuestion
from metricstore.metrics import METRICS, Measure, Metric
from metricstore.metrics.formula import Formula, Term
from metricstore.selection import Selection

ONE = (Term("posts", "posts", Measure("post")),)
FORMULAS = [metric for metric in METRICS.values() if metric.model is not None]


def test_words_name_what_differs_and_come_back_the_same() -> None:
    assumed = USUAL.with_words("manual_minutes:30, hourly_rate:62.5")
    assert assumed.words() == "hourly_rate:62.5,manual_minutes:30"
    assert USUAL.with_words(assumed.words()) == assumed
    assert assumed.with_words("hourly_rate:40").words() == "hourly_rate:40,manual_minutes:30", (
        "set, though to the default"
    )
    assert assumed.unset(("manual_minutes", "review_minutes")) == ["Checking"]
    assert (assumed["manual_minutes"], assumed["review_minutes"]) == (30, ASSUMPTIONS["review_minutes"].default)


def test_a_viewer_can_go_back_from_what_is_set_to_the_default() -> None:
    house = Assumed(currency="CHF").with_words("hourly_rate:95")
    viewer = house.with_words("hourly_rate:40,lead_rate:3")
    assert viewer.words(house) == "hourly_rate:40,lead_rate:3"
    assert house.with_words(viewer.words(house)) == viewer
    assert viewer.told("hourly_rate") == "40 CHF"


@pytest.mark.parametrize(
    ("words", "told"),
    [("hourly:1", "unknown assumption"), ("hourly_rate:much", "isn't a number"), ("hourly_rate", "isn't a number"),
     ("hourly_rate:-1", "between 0"), ("lead_rate:101", "between 0 and 100"), ("hourly_rate:nan", "between"),
     ("hourly_rate:inf", "between"), ("revenue_goal:0", "between 0.01")],
)  # fmt: skip
def test_what_can_not_be_assumed_is_refused_by_name(words: str, told: str) -> None:
    with pytest.raises(InvalidQuestion, match=told) as caught:
        Selection.from_params({"assume": words})
    assert caught.value.parameter == "assume"


def test_a_selection_carries_assumptions_in_its_words() -> None:
    chosen = Selection.from_params({"assume": "lead_rate:3", "platform": "linkedin"})
    assert chosen.params() == {"assume": "lead_rate:3", "platform": "linkedin"}
    assert Selection.from_params(chosen.params()) == chosen


def test_what_is_computed_is_what_is_printed() -> None:
    formula = Formula("posts * (manual_minutes - review_minutes) / 60 * lead_rate", ONE)
    found = formula.compute({"posts": np.array([0.0, 12.0, np.nan])}, USUAL)
    assert found.tolist()[:2] == pytest.approx([0.0, 12 * (45 - 10) / 60 * 0.02])
    assert np.isnan(found[2])
    assert formula.told(USUAL) == "posts × (45 min − 10 min) / 60 × 2 %"
    assert formula.told() == "posts × (writing by hand − checking) / 60 × views to leads"


@pytest.mark.parametrize(
    ("text", "printed", "value"),
    [("posts / (2 * 3)", "posts / (2 × 3)", 2.0), ("posts / 2 * 3", "posts / 2 × 3", 18.0), ("posts - (2 - 3)", "posts − (2 − 3)", 13.0),
     ("(posts + 2) * 3", "(posts + 2) × 3", 42.0), ("posts / (2 - 2)", "posts / (2 − 2)", None)],
)  # fmt: skip
def test_brackets_are_printed_where_they_matter(text: str, printed: str, value: float | None) -> None:
    formula = Formula(text, ONE)
    assert formula.told() == printed
    (found,) = formula.compute({"posts": np.array([12.0])}, USUAL).tolist()
    assert found == value or (value is None and found != found)


def test_a_formula_is_arithmetic_and_nothing_else() -> None:
    with pytest.raises(TypeError, match="no place in a formula"):
        Formula("posts.__class__", ONE).compute({"posts": np.array([1.0])}, USUAL)
    with pytest.raises(TypeError, match="no place in a formula"):
        Formula("exec(posts)", ONE).compute({"posts": np.array([1.0])}, USUAL)


def test_a_metric_that_assumes_something_must_say_so() -> None:
    with pytest.raises(ValueError, match="modelled"):
        Metric("hidden", "Hidden", "h", "…", Measure("post"), model=Formula("posts * hourly_rate", ONE))


@pytest.mark.parametrize("metric", FORMULAS, ids=lambda metric: metric.name)
def test_every_formula_names_only_terms_assumptions_and_days_and_who_assumes_says_so(metric: Metric) -> None:
    assert metric.model is not None and bool(metric.assumptions) == (metric.provenance == "modelled")
    known = {term.name for term in metric.model.terms} | set(ASSUMPTIONS) | {"days"}
    assert set(metric.model._names) <= known
    for term in metric.model.terms:
        measurement(term.measure.measurement)
    shown = metric.under(Assumed(currency="CHF"))
    assert CURRENCY not in shown.unit + shown.formula
    assert all(USUAL.told(name).split()[0] in shown.formula for name in metric.assumptions)


def test_every_assumption_is_used_and_its_default_allowed() -> None:
    used = {name for metric in FORMULAS for name in metric.assumptions}
    assert used == set(ASSUMPTIONS)
    assert all(one.least <= one.default <= one.most for one in ASSUMPTIONS.values())
