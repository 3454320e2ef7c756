"""Rules from a TOML file: every mistake with its line, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args

from alerting import rule_words as words
from alerting.limits import Limit
from alerting.rule import AGAINST, KINDS, LATE_BY, LISTED, WEEKDAYS, Kind, Rule, Severity, Span, listed, momentary
from alerting.tables import Mistake, Taken, Wrong, read_tables

_HYSTERESIS = 0.1
"""Without `clear` a value must come back so far inside of `fire`."""


def read_rules(text: str, file: str) -> tuple[list[Rule], list[Mistake]]:
    """Rules that are right in themselves, and what is wrong with the others. `checking.mistakes` then compares them
    with the declared metrics."""
    return read_tables(text, file, "rule", lambda entry, line: _rule(entry, file, line), lambda rule: ("id", rule.id))


def _rule(entry: Mapping[str, Any], file: str, line: int) -> Rule:
    taken = Taken(entry, "a rule")
    kind = taken.choice("kind", tuple(KINDS), "value")
    id, title = taken.parsed("id", words.rule_id), taken.text("title", taken.text("id", ""))
    if kind == "late":
        rule = momentary(id, title, by=LATE_BY, **_people(taken), file=file, line=line)
        taken.require_all_known()
        return rule
    if kind in LISTED:
        rule = listed(
            id, title, kind, taken.text("metric"), **_records(taken, kind), **_people(taken), file=file, line=line
        )
        taken.require_all_known()
        return rule
    rule = Rule(
        id=id, title=title, kind=kind,
        metric=taken.text("metric"), every="1d" if kind == "budget" else taken.text("every"),
        **_limits(taken, kind), **_scope(taken), **_patience(taken), **_people(taken), file=file, line=line,
    )  # fmt: skip
    taken.require_all_known()
    return rule


def _limits(taken: Taken, kind: Kind) -> dict[str, Any]:
    fire = _fire(taken, kind)
    usual = Limit(">=", 1) if kind == "absent" else fire.inside(_HYSTERESIS)
    clear = taken.parsed("clear", Limit.parse, usual)
    _require_clear(fire, clear)
    against = taken.choice("against", tuple(AGAINST), "previous")
    page = fire if kind == "budget" else taken.parsed("page", Limit.parse, None)
    found = {"fire": fire, "clear": clear, "page": page, "against": against, "least": taken.number("least", 0.0)}
    return found | {"allowance": _allowance(taken, page)} if kind == "burn" else found


def _allowance(taken: Taken, page: Limit | None) -> float:
    if page is not None and not page.percent:
        raise Wrong("page", f"page = {str(page)!r} is a share of the allowance too: write '> 30 %'")
    found = taken.number("allowance", 0.0)
    if found <= 0:
        raise Wrong("allowance", "a rule of kind 'burn' needs an allowance: how many are allowed in 28 days")
    return found


def _records(taken: Taken, kind: Kind) -> dict[str, Any]:
    found: dict[str, Any] = {
        "by": taken.texts("by"), "where": taken.parsed("where", words.where, {}), "timezone": taken.text("timezone", "UTC"),
        "show": taken.texts("show"), "segment": taken.text("segment", ""), "back": taken.parsed("back", words.duration, timedelta(hours=24)),
    }  # fmt: skip
    if kind == "each":
        found["ahead"] = taken.parsed("ahead", words.duration, timedelta(0))
    if not sum((found["back"], found.get("ahead", timedelta(0))), timedelta(0)):
        raise Wrong("back", "back is nothing: no record would ever be looked at")
    return found


def _scope(taken: Taken) -> dict[str, Any]:
    return {
        "by": taken.texts("by"), "where": taken.parsed("where", words.where, {}),
        "timezone": taken.text("timezone", "UTC"), "needs": taken.parsed("needs", words.needs, None),
        "weekdays": _weekdays(taken), "segment": taken.text("segment", ""),
    }  # fmt: skip


def _patience(taken: Taken) -> dict[str, Any]:
    return {
        "needed": taken.parsed("for", words.span, Span()),
        "keep": taken.parsed("keep", words.duration, timedelta(0)),
        "quiet": taken.parsed("quiet", words.duration, timedelta(hours=12)),
    }


def _people(taken: Taken) -> dict[str, Any]:
    return {
        "severity": taken.choice("severity", get_args(Severity), "ticket"),
        "owner": taken.text("owner", ""), "runbook": taken.text("runbook", ""), "notify": taken.texts("notify"),
        "repeat": taken.parsed("repeat", words.duration, timedelta(hours=24)),
    }  # fmt: skip


def _weekdays(taken: Taken) -> tuple[str, ...]:
    found = taken.texts("weekdays") or WEEKDAYS
    for day in found:
        if day not in WEEKDAYS:
            raise Wrong("weekdays", f"{day!r} is not a weekday; say {', '.join(WEEKDAYS)}")
    return found


def _require_clear(fire: Limit, clear: Limit) -> None:
    if clear.upwards == fire.upwards:
        raise Wrong("clear", f"clear = {str(clear)!r} looks the same way as fire = {str(fire)!r}: turn its sign round")
    if fire.reached(clear.value) and clear.value != fire.value:
        raise Wrong(
            "clear", f"clear = {str(clear)!r} is beyond fire = {str(fire)!r}: an alert could fire and end at once"
        )


def _fire(taken: Taken, kind: Kind) -> Limit:
    if kind == "absent":
        if "fire" in taken.entry:
            raise Wrong("fire", "a rule of kind 'absent' fires when nothing was counted: leave out fire")
        return Limit("<", 1)
    fire: Limit = taken.parsed("fire", Limit.parse)
    if fire.percent and kind not in ("change", "burn"):
        raise Wrong("fire", "only a rule of kind 'change' has a limit in percent of an earlier window; leave out the %")
    if kind == "burn" and not fire.percent:
        raise Wrong("fire", "the limit is a share of the allowance: write '> 50 %'")
    if kind in ("budget", "burn") and not fire.upwards:
        raise Wrong(
            "fire", f"a rule of kind {kind!r} fires above its limit: write '> {fire.value:g}{' %' * fire.percent}'"
        )
    if kind == "band" and (not fire.upwards or fire.value <= 0):
        raise Wrong("fire", "a band's limit is a number of usual spreads, such as '> 4'")
    return fire
