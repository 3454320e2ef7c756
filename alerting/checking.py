"""A rule against what is declared: does the metric exist, can it be filtered and grouped so, are there too many windows?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from alerting.measuring import lookback
from alerting.rule import Rule
from alerting.tables import Mistake
from metricstore.errors import InvalidQuestion, UnknownName, nearest
from metricstore.metrics import Metric, metric
from metricstore.vocabulary import undeclared, unknown_value
from metricstore.windows import MAX_WINDOWS, Window, zone

TRIED = timedelta(days=90)
"""A rule must be able to be tried on so much of the past."""


LONGEST_VIEW = timedelta(days=31)
"""Of rules about single records."""


def mistakes(rule: Rule) -> list[Mistake]:
    """What is wrong with a rule that is right in itself; empty when it can be used."""
    found: list[Mistake] = []
    for check in _checks(rule):
        try:
            found += [Mistake(rule.file, rule.line, f"rule {rule.id!r}: {text}") for text in check(rule)]
        except (UnknownName, InvalidQuestion) as error:
            found.append(Mistake(rule.file, rule.line, f"rule {rule.id!r}: {_sentence(error)}"))
    return list(dict.fromkeys(found))


def _checks(rule: Rule) -> tuple[Callable[[Rule], Iterator[str]], ...]:
    if rule.momentary:
        return ()
    if rule.listed:
        return (_metric, _groups, _filters, _records)
    return (_metric, _window, _groups, _filters, _needed, _limits)


def unknown_receivers(rule: Rule, names: tuple[str, ...]) -> list[Mistake]:
    """Whom the rule would notify and nobody declared; `names` are those of all receivers."""
    return [
        Mistake(
            rule.file,
            rule.line,
            f"rule {rule.id!r}: notify names {each!r}, and no [[receiver]] is called so{_meant(each, names)}",
        )
        for each in rule.notify
        if each not in names
    ]


def _sentence(error: UnknownName | InvalidQuestion) -> str:
    return error.sentence if isinstance(error, UnknownName) else str(error)


def _metric(rule: Rule) -> Iterator[str]:
    declared = metric(rule.metric)
    if rule.kind == "burn" and not declared.counts:
        yield f"metric {rule.metric} does not count anything, so nothing can be used up; take a number of things, such as generation_failures"
    if rule.kind == "budget" and not (
        declared.counts or (declared.per is None and declared.measure.aggregate == "sum")
    ):
        yield f"the days of metric {rule.metric} do not add up to a month's; take a sum or a number of things, such as ai_cost"
    if rule.kind == "absent" and not (declared.counts or declared.measure.aggregate == "sum"):
        yield f"metric {rule.metric} does not count anything, so nothing can be absent; take a number of things, such as generations"


def _records(rule: Rule) -> Iterator[str]:
    zone(rule.timezone)
    declared = metric(rule.metric)
    if not declared.counts:
        yield f"metric {rule.metric} does not count records, so there are none to report; take a number of things, such as dead_letters"
    yield from _not_among(rule.show, declared.source.columns, "shown by", rule.metric)
    if rule.back > LONGEST_VIEW or rule.ahead > LONGEST_VIEW:
        yield f"back and ahead can be {LONGEST_VIEW.days} days at most"


def _window(rule: Rule) -> Iterator[str]:
    zone(rule.timezone)
    length = timedelta(seconds=Window.parse(rule.every).seconds)
    if rule.kind == "burn" and length > timedelta(days=1):
        yield f"every = {rule.every!r} is longer than the day that is looked at; take 1d or less"
    windows = (TRIED + lookback(rule)) / length
    if windows > MAX_WINDOWS:
        yield f"every = {rule.every!r} makes {windows:,.0f} windows of the {TRIED.days} days it is tried on, more than {MAX_WINDOWS:,}"


def _groups(rule: Rule) -> Iterator[str]:
    yield from _not_among(rule.by, metric(rule.metric).dimensions, "grouped by", rule.metric)
    if len(set(rule.by)) < len(rule.by):
        yield f"by names a column twice: {', '.join(rule.by)}"


def _filters(rule: Rule) -> Iterator[str]:
    yield from _not_among(rule.where, metric(rule.metric).filterable, "filtered by", rule.metric)
    for column, words in undeclared(rule.selection).items():
        yield from (str(unknown_value(column, word)) for word in words)


def _needed(rule: Rule) -> Iterator[str]:
    if rule.needs is None:
        return
    needed: Metric = metric(rule.needs.metric)
    yield from _not_among(rule.by, needed.dimensions, "grouped by", needed.name)
    yield from _not_among(rule.where, needed.filterable, "filtered by", needed.name)


def _limits(rule: Rule) -> Iterator[str]:
    if rule.page is None or rule.kind in ("budget", "burn"):  # there it is compared with another figure
        return
    if rule.page.upwards != rule.fire.upwards or not rule.fire.reached(rule.page.value):
        yield f"page = {str(rule.page)!r} is not beyond fire = {str(rule.fire)!r}: it raises an alert that is open already"


def _not_among(columns: Iterable[str], known: tuple[str, ...], what: str, name: str) -> Iterator[str]:
    for column in columns:
        if column not in known:
            yield f"{name} can't be {what} {column!r}{_meant(column, known)}"


def _meant(word: str, known: tuple[str, ...]) -> str:
    found = nearest(word, known)
    return f"; did you mean {found!r}?" if found else f"; there are {', '.join(known)}" if known else ""
