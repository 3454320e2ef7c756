"""What needs somebody, most urgent first."""

from __future__ import annotations

from collections.abc import Iterator

from briefing.facts import Facts
from layouts.briefing.clauses import Need
from layouts.briefing.links import link
from layouts.briefing.who import OPERATIONS, WRITERS, who_acts
from layouts.briefing.words import not_filtered, reason_words, textless_href
from layouts.formats import number
from metricstore.quantities import quantity
from metricstore.selection import Selection

MOST_CAUSES = 3
"""Of what holds posts up, the largest so many are listed."""
_ORDER = ("bad", "warn", "good", "plain")


def needed(facts: Facts, default: Selection) -> list[Need]:
    """Bad things before those to watch, each in the order below."""
    found = [*_textless(facts, default), *_unsent(facts, default), *_failed(facts, default), *_held_up(facts, default)]
    return sorted(found, key=lambda one: _ORDER.index(one.severity))


def _posts(count: float) -> str:
    return quantity(round(count), "posts")


def _textless(facts: Facts, default: Selection) -> Iterator[Need]:
    one = facts.textless
    if one is not None and one.total > 0:
        have = "has" if one.total == 1 else "have"
        yield Need("bad", f"{_posts(one.total)} due today or in the next 7 days {have} no usable text",
                   "The text is empty, cut off or an error message, and would be published like this.", textless_href(facts, default), "Open posts", WRITERS)  # fmt: skip


def _unsent(facts: Facts, default: Selection) -> Iterator[Need]:
    one = facts.unsent
    if not one.total > 0:
        return
    main = one.main
    filters = {"status": "failed"} | ({"error_class": main.value} if main is not None else {})
    detail = (
        f"{number(main.count)} of them: {reason_words(main.value)}." if main is not None else "For several reasons."
    )
    yield Need("bad", f"{_posts(one.total)} could not be sent", detail + not_filtered(one.metric, facts.selection),
               link("delivery", facts.selection, default, filters), "See cause", who_acts(main.value if main is not None else ""))  # fmt: skip


def _failed(facts: Facts, default: Selection) -> Iterator[Need]:
    one = facts.failed
    if not one.total > 0:
        return
    main = one.main
    filters = {"outcome": "failed,partial"} | ({"outcome_reason": main.value} if main is not None else {})
    detail = (
        f"{number(main.count)} of them: {reason_words(main.value)}." if main is not None else "For several reasons."
    )
    yield Need("warn", f"{_posts(one.total)} failed during generation", detail + not_filtered(one.metric, facts.selection),
               link("generation", facts.selection, default, filters), "See cause", OPERATIONS)  # fmt: skip


def _held_up(facts: Facts, default: Selection) -> Iterator[Need]:
    for state, said in (("failed", "given up"), ("stuck", "stuck")):
        one = facts.held_up.get(state)
        if one is None or not one.total > 0:
            continue
        for reason in one.reasons[:MOST_CAUSES]:
            cause = reason_words(reason.value) if reason.value else "cause not known"
            filters = {"state": state} | ({"cause": reason.value} if reason.value else {})
            yield Need("bad" if state == "failed" else "warn", f"{_posts(reason.count)} {said}: {cause}",
                       "",
                       link("journey", facts.selection, default, filters), "Open posts", who_acts(reason.value))  # fmt: skip
