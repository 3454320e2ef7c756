"""Which part of the data an alert is about: the filters of its rule, those of the rule's segment, and its group."""

from __future__ import annotations

from alerting.measuring import Labels
from alerting.rule import Rule
from dashapp.alerts.phrases import named
from layouts.formats import filter_text, inside
from metricstore.selection import join_values, literal, signed
from metricstore.time_parts import TIME_PARTS

Words = tuple[str, ...]


def covers(rule: Rule, labels: Labels) -> dict[str, str]:
    """In the words of an address, with `tz` where they go by a clock. Where nothing passes both the rule's filter and the segment's, it
    is the segment's: an address has no word for no weekday or hour."""
    limits = dict(rule.within.where) if rule.within else {}
    filters = {column: words or limits.get(column, ()) for column, words in _filters(rule).items()}
    found = filters | {name: (literal(label),) for name, label in zip(rule.by, labels, strict=True) if label}
    clock = {"tz": rule.timezone} if any(column in TIME_PARTS for column in found) else {}
    return {column: join_values(words) for column, words in found.items()} | clock


def part(rule: Rule, labels: Labels) -> str:
    """For people: `provider b; only platform: LinkedIn`; empty where it is about everything."""
    filters = ", ".join(inside(filter_text(column, words)) for column, words in _filters(rule).items() if words)
    return "; ".join(text for text in (named(rule, labels), f"only {filters}" if filters else "") if text)


def _filters(rule: Rule) -> dict[str, Words]:
    found = dict(rule.where)
    for column, words in rule.within.where if rule.within else ():
        if column in TIME_PARTS and rule.within and rule.within.timezone != rule.timezone:
            continue  # by another clock: it can't be said in the same address
        found[column] = _both(found[column], words) if column in found else words
    return found


def _both(one: Words, other: Words) -> Words:
    """What passes both; no words let nothing through."""
    mine, theirs = (({word for word in words if signed(word)[0] in ("", "\\")}) for words in (one, other))
    if not other or (mine and theirs and not mine & theirs):
        return ()
    plain = mine & theirs if mine and theirs else mine | theirs
    return tuple(dict.fromkeys(word for word in (*one, *other) if word in plain or word not in mine | theirs))
