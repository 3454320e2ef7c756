"""From the form to TOML and back. The text is what is tried, signed and kept; words the form does not know stay as they were."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from alerting.checking import mistakes
from alerting.limits import Limit
from alerting.rule import LISTED, Rule
from alerting.rule_words import needs, span
from dashapp.accounts.texts import one_line
from dashapp.accounts.user import AccountError
from dashapp.alerts.pages.rule_form import AHEAD, BACK, GROUPINGS, QUIET_SPANS, WINDOWS, RuleForm
from dashapp.alerts.rulebook import MADE_HERE, read_text
from dashapp.alerts.toml_text import rule_table

Entry = dict[str, Any]
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_OF_THE_FORM = {"id", "title", "kind", "metric", "every", "timezone", "by", "where", "fire", "clear", "against", "needs", "severity",
                "notify", "quiet", "back", "ahead", "allowance", "segment", "page", "for", "keep", "weekdays"}  # fmt: skip
_OF_ALL_KINDS = {"owner", "runbook", "repeat"}
"""Of what the form can't show, what stays when a rule becomes one of another kind: a second limit would be on another scale."""


@dataclass(frozen=True)
class Written:
    """A rule as text, and what is wrong with it in sentences."""

    text: str
    file: str
    rule: Rule | None
    wrong: tuple[str, ...] = ()


def written(entry: Entry) -> Written:
    text, file = rule_table(entry), _file(entry["id"])
    found = read_text(text, file)
    wrong = [one.text for one in found.wrong]
    if found.rules:
        prefix = f"rule {entry['id']!r}: "
        wrong += [one.text.removeprefix(prefix) for one in mistakes(found.rules[0])]
    return Written(text, file, found.rules[0] if found.rules and not wrong else None, tuple(wrong))


def _file(id: str) -> str:
    return f"{MADE_HERE}{id}"


def entry_of(form: RuleForm, id: str, before: Mapping[str, Any]) -> Entry:
    """AccountError for a text that can't be written."""
    kind = str(form.kind.data)
    entry: Entry = {"id": id, "title": one_line(form.title.data or "", "the title", 120), "kind": kind, "severity": form.severity.data}  # fmt: skip
    if kind != "late":
        entry |= _asked(form, kind)
    if form.notify.data:
        entry["notify"] = list(form.notify.data)
    same = kind == before.get("kind", "value") != "late"
    stays = set(before) - _OF_THE_FORM if same else _OF_ALL_KINDS
    return entry | {key: value for key, value in before.items() if key in stays}


def _asked(form: RuleForm, kind: str) -> Entry:
    """What it looks at, and when that is too much: nothing of it is in a rule about late sources."""
    entry: Entry = {
        "metric": form.metric.data, "timezone": form.tz.data or "UTC", **(_listed(form, kind) if kind in LISTED else _windowed(form, kind)),
    }  # fmt: skip
    groups = [one_line(text, "the grouping", 200) for name in GROUPINGS if (text := form[name].data)]
    if groups:
        entry["by"] = groups
    if where := one_line(form.where.data or "", "the filters", 1000).removeprefix("?"):
        entry["where"] = where
    if form.segment.data:
        entry["segment"] = one_line(form.segment.data, "the segment", 200)
    return entry


def _listed(form: RuleForm, kind: str) -> Entry:
    return {"back": form.back.data} | ({"ahead": form.ahead.data} if kind == "each" else {})


def _windowed(form: RuleForm, kind: str) -> Entry:
    found: Entry = {**_limits(form, kind), "quiet": form.quiet.data, **_patience(form, kind)}
    if kind != "budget":
        found["every"] = form.every.data
    if kind == "burn":
        found["allowance"] = _number(form.allowance.data or "")
    if form.needs_metric.data and form.needs_number.data:
        found["needs"] = one_line(f"{form.needs_metric.data} >= {form.needs_number.data}", "what it needs", 200)
    return found


def _limits(form: RuleForm, kind: str) -> Entry:
    if kind == "absent":
        return {}
    sign = str(form.sign.data) if kind in ("value", "change") else ">"
    percent = " %" if kind == "burn" or (kind == "change" and form.percent.data) else ""
    found: Entry = {"against": form.against.data} if kind == "change" else {}
    found["fire"] = _limit(
        sign, form.number.data or "", percent, "the limit", "give the limit as a number, such as 20 or 2.5"
    )
    if form.clear.data:
        wrong = "give as a number where the alert is over, such as 10 or 2.5"
        found["clear"] = _limit(_OPPOSITE[sign], form.clear.data, percent, "where it ends", wrong)
    if form.page.data and kind != "budget":
        wrong = "give the limit of “page” as a number, such as 50 or 2.5"
        found["page"] = _limit(sign, form.page.data, percent, "the limit of page", wrong)
    return found


def _limit(sign: str, number: str, percent: str, name: str, wrong: str) -> str:
    """AccountError: `wrong` where it is not a number."""
    if not _is_number(number):
        raise AccountError(wrong)
    return one_line(f"{sign} {number}{percent}", name, 40)


def _patience(form: RuleForm, kind: str) -> Entry:
    """How many windows it takes, how long it stays, and the days on which something is expected."""
    found: Entry = {}
    if form.breaches.data or form.looks.data:
        found["for"] = one_line(
            f"{form.breaches.data or 1} of {form.looks.data or form.breaches.data}", "how many windows", 40
        )
    if form.keep.data:
        found["keep"] = one_line(form.keep.data, "how long it stays open", 10)
    if kind == "absent" and form.weekdays.data:
        found["weekdays"] = list(form.weekdays.data)
    return found


def _is_number(text: str) -> bool:
    try:
        Limit.parse(f"> {text}")
    except ValueError:
        return False
    return not text.rstrip().endswith("%")


def _number(text: str) -> float:
    """0 for what is none, infinite ones too; a rule then says what it needs."""
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if isfinite(found) else 0.0


def fields_of(entry: Mapping[str, Any]) -> Entry:
    """The form's fields, by their names."""
    found: Entry = {key: entry[key] for key in ("title", "kind", "metric", "every", "where", "against", "severity", "notify", "quiet", "back", "ahead", "segment", "keep", "weekdays") if key in entry}  # fmt: skip
    found |= {"tz": entry.get("timezone", "UTC"), **dict(zip(GROUPINGS, entry.get("by", ()), strict=False))}
    if "page" in entry:
        found["page"] = f"{Limit.parse(entry['page']).value:g}"
    if "for" in entry:
        asked = span(entry["for"])
        found |= {"breaches": str(asked.breaches), "looks": str(asked.looks)}
    if "fire" in entry:
        fire = Limit.parse(entry["fire"])
        found |= {"sign": fire.sign, "number": f"{fire.value:g}", "percent": fire.percent}
    if "allowance" in entry:
        found["allowance"] = f"{entry['allowance']:g}"
    if "clear" in entry:
        found["clear"] = f"{Limit.parse(entry['clear']).value:g}"
    if "needs" in entry:
        needed = needs(entry["needs"])
        found |= {"needs_metric": needed.metric, "needs_number": f"{needed.limit.value:g}"}
    return found


def entry_in(text: str) -> Entry | None:
    """Of a text that was made here; None when the form can't show all it says."""
    rules = tomllib.loads(text).get("rule", [])
    if len(rules) != 1:
        return None
    entry: Entry = rules[0]
    form = RuleForm(formdata=None, data=fields_of(entry), meta={"csrf": False})
    if any(
        field.data not in choices
        for field, choices in ((form.every, WINDOWS), (form.quiet, QUIET_SPANS), (form.back, BACK), (form.ahead, AHEAD))
    ):
        return None
    again, plain = written(entry_of(form, entry["id"], entry)), written(entry)
    same = again.rule and plain.rule and replace(again.rule, line=0) == replace(plain.rule, line=0)
    return entry if same else None


def new_id(title: str, taken: Collection[str]) -> str:
    """From the title: `AI requests fail` is `ai-requests-fail`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "rule"
    names = (base, *(f"{base}-{count}" for count in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
