"""`/alert-rules`: texts that are in force, put there, checked, and single rules tried. Whose view is limited works with rules inside of it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import PurePath

from flask import Response, current_app

from alerting.backtest import backtest, document
from alerting.checking import mistakes
from alerting.rule import Rule, within_segments
from alerting.seeing import beyond_segment
from alerting.tables import Mistake
from dashapp.accounts import AccountError, current_accounts
from dashapp.alerts.rights import bears_mark, mark, seen_book, seen_segments, seen_silences, sees_all, sees_text
from dashapp.alerts.rulebook import Book, RuleBook, Text, WrongRules, read_text
from dashapp.alerts.silences import Silences
from dashapp.alerts.toml_text import rule_table
from dashapp.alerts.trying import attempt, notified
from dashapp.alerts.wording import Links
from dashapp.api.administering import told
from dashapp.api.asking import store
from dashapp.api.auth import viewer
from dashapp.api.bodies import NAME_OF_RULES, NewRules, RuleToBacktest, RuleToTry
from dashapp.api.endpoints import Endpoint, Parameter, endpoint, params
from dashapp.api.schemas import NUMBER, TEXT, TEXTS, TRUTH, WHEN, WHOLE, Schema, data_of, maybe, record, some
from dashapp.problem import Problem
from metricstore.selection import Selection

_BAD = (400, "a bad or unknown member")
_WRITERS = (
    403,
    "not an analyst, or it holds receivers and the account isn't an administrator's, or the name or the text goes beyond a limited view",
)
_MISTAKES = (409, "the text has mistakes: each with its line")
_NO_RULE = (404, "there is no such rule in the text, or in force")
_NAME = Parameter("name", "what the text was applied as", schema={"type": "string", "pattern": NAME_OF_RULES}, required=True)  # fmt: skip
_LABELS: Schema = {"type": "object", "additionalProperties": TEXT}
_COUNTS: Schema = {"type": "object", "additionalProperties": WHOLE}
_FIGURE = maybe(NUMBER)

_RULES = record("AlertRules", name=TEXT, text=TEXT, rules=TEXTS, receivers=TEXTS)
_APPLIED = record("AppliedAlertRules", added=TEXTS, changed=TEXTS, removed=TEXTS, same=TEXTS)
_CHECKED = record(
    "CheckedAlertRules", rules=TEXTS, receivers=TEXTS, mistakes=some(record("AlertRuleMistake", line=WHOLE, text=TEXT))
)
_EPISODE = record("BacktestedAlert", labels=_LABELS, fired=WHEN, ended=maybe(WHEN), how=TEXT, raised=TRUTH, value=_FIGURE, usual=_FIGURE,
                  worst=_FIGURE)  # fmt: skip
_MISS = record("NearMiss", labels=_LABELS, window=WHEN, value=_FIGURE, distance=_FIGURE)
_BACKTEST = record(
    "AlertBacktest", rule=TEXT, title=TEXT, metric=TEXT, start=WHEN, until=WHEN, timezone=TEXT, groups=WHOLE, windows=WHOLE, fired=WHOLE,
    open_hours=NUMBER, out_of_hours=WHOLE, records=maybe(WHOLE), nothing=_COUNTS, episodes=some(_EPISODE), nearest_misses=some(_MISS),
)  # fmt: skip
_WINDOW = record("TriedWindow", begin=TEXT, value=TEXT, came=TEXT)
_TRIED = record(
    "TriedAlertRule", rule=TEXT, title=TEXT, until=WHEN,
    groups=some(record("TriedGroup", labels=_LABELS, windows=some(_WINDOW), open=TRUTH, message=TEXT)),
    notifies=record("Notified", recipients=maybe(some(TEXTS)), muted=some(record("MutedGroup", labels=_LABELS, why=TEXT))),
)  # fmt: skip


@endpoint(Endpoint("/alert-rules", "Texts of rules and receivers that are in force; accounts with a limited view get only the rules inside it",
                   "`{data: [{name, text, rules, receivers}]}`", schema=data_of(_RULES), example="/api/v1/alert-rules"))  # fmt: skip
def alert_rules() -> Response:
    book = _book().read()
    return told({"data": [shown for name, text in _book().texts() if (shown := _shown(name, text, book)) is not None]})


@endpoint(Endpoint("/alert-rules", "Put a text in force, as a whole or not at all; applying it twice changes nothing",
                   "`{added, changed, removed, same}`: ids of rules, and receivers", method="PUT", scope="alert", role="analyst",
                   body=NewRules, schema=_APPLIED, errors=(_BAD, _WRITERS, _MISTAKES)))  # fmt: skip
def apply(body: NewRules) -> Response:
    book = _book()
    try:
        if wrong := _beyond_view(body.name, read_text(body.text, body.name)):
            raise WrongRules(wrong)
        _receivers_are_for_administrators(body.text, dict(book.texts()).get(body.name, ""))
        found = book.apply(body.text, body.name, viewer().name)
    except WrongRules as error:
        raise Problem(409, str(error), parameter="text") from None
    return told({"added": found.added, "changed": found.changed, "removed": found.removed, "same": found.same})


@endpoint(Endpoint("/alert-rules", "Take a text out of force; its open alerts end", "`{removed}`", (_NAME,), method="DELETE",
                   scope="alert", role="analyst", schema=record("RemovedAlertRules", removed=TEXT),
                   errors=((400, "no name"), _WRITERS, (404, "nothing was applied under this name"))))  # fmt: skip
def remove() -> Response:
    name, book = params().get("name", ""), _book()
    text = dict(book.texts()).get(name)
    try:
        if text is None or not sees_text(viewer(), name, read_text(text, name), book.read()):
            raise AccountError(f"nothing was applied as {name!r}")
        _receivers_are_for_administrators(text)
        book.remove(name, viewer().name)
    except AccountError as error:
        raise Problem(404, str(error), parameter="name") from None
    return told({"removed": name})


@endpoint(Endpoint("/alert-rules/check", "Check a text without applying it; nothing is changed",
                   "`{rules, receivers, mistakes: [{line, text}]}`", method="POST", scope="alert", role="analyst", body=NewRules,
                   schema=_CHECKED, errors=(_BAD, _WRITERS)))  # fmt: skip
def check(body: NewRules) -> Response:
    new = read_text(body.text, body.name)
    wrong = _beyond_view(body.name, new) or _book().wrong(body.text, body.name)
    return told({
        "rules": [rule.id for rule in new.rules], "receivers": [each.name for each in new.receivers],
        "mistakes": [{"line": one.line, "text": one.text} for one in sorted(wrong, key=lambda one: one.line)],
    })  # fmt: skip


@endpoint(Endpoint("/alert-rules/backtest", "When a rule would have fired, by data as they are known now; nothing is sent",
                   "`{rule, title, metric, start, until, timezone, groups, windows, fired, open_hours, out_of_hours, records, nothing, episodes, nearest_misses}`",
                   method="POST", scope="alert", role="analyst", body=RuleToBacktest, schema=_BACKTEST,
                   errors=((400, "a bad member, or too many windows"), (403, "not an analyst"), _NO_RULE, _MISTAKES)))  # fmt: skip
def backtest_rule(body: RuleToBacktest) -> Response:
    now = datetime.now(UTC)
    start, _ = Selection(start=body.since).range(now)
    return told(document(backtest(store(), _chosen(body.rule, body.text), start, now)))


@endpoint(Endpoint("/alert-rules/try", "Try a rule now: recent windows, recipients and the message; nothing is sent",
                   "`{rule, title, until, groups, notifies}`; `recipients` is null for somebody whose view is limited", method="POST",
                   scope="alert", role="analyst", body=RuleToTry, schema=_TRIED,
                   errors=(_BAD, (403, "not an analyst"), _NO_RULE, _MISTAKES)))  # fmt: skip
def try_rule(body: RuleToTry) -> Response:
    now, whole = datetime.now(UTC), sees_all(viewer())
    rule, book = _chosen(body.rule, body.text), _book().read()
    links = Links((current_app.extensions["settings"].public_url or "").rstrip("/"))
    found = attempt(store(), rule, now, body.windows, links)
    silences = seen_silences(viewer(), Silences(current_accounts().database).current(now), book)
    seen = seen_book(viewer(), book)
    if body.text is not None:
        seen = seen.beside(read_text(body.text, "text"))
    notifies = notified(rule, seen, silences, found["groups"], now)
    return told(
        {"rule": rule.id, "title": rule.title, **found, "notifies": notifies | ({} if whole else {"recipients": None})}
    )


def _book() -> RuleBook:
    return RuleBook(current_accounts().database)


def _shown(name: str, text: str, book: Book) -> dict[str, object] | None:
    """None where nothing of it is for the viewer."""
    read = read_text(text, name)
    ids, receivers = [rule.id for rule in read.rules], [each.name for each in read.receivers]
    if not sees_all(viewer()):
        seen = {rule.id for rule in seen_book(viewer(), book).rules}
        ids, receivers = [id for id in ids if id in seen], []
        whole = sees_text(viewer(), name, read, book)
        if not (ids or whole):
            return None
        if not whole:
            name = PurePath(name).name  # a text that others have a part in is named as on the page
        text = "\n".join(rule_table(entry) for entry in tomllib.loads(text).get("rule", []) if entry.get("id") in seen)
    return {"name": name, "text": text, "rules": ids, "receivers": receivers}


def _receivers_are_for_administrators(*texts: str) -> None:
    """A receiver's secret is read from this machine and sent to an address: not everybody may name the two."""
    if not viewer().has_role("admin") and any(read_text(text, "").receivers for text in texts):
        raise Problem(403, "receivers are declared, changed and removed by administrators", parameter="text")


def _beyond_view(name: str, new: Text) -> list[Mistake]:
    """What somebody whose view is limited may not put in force: rules beyond it, and ids that could be those of others. Problem where
    the name or a receiver is not theirs."""
    user, book = viewer(), _book()
    if sees_all(user):
        return []
    if new.receivers:
        raise Problem(403, "your view is limited, and receivers are about all data", parameter="text")
    text = dict(book.texts()).get(name)
    kept = read_text(text, name) if text is not None else Text([], [], [], [])
    mine = sees_text(user, name, kept, book.read()) if text is not None else bears_mark(user, name)
    if not mine:
        raise Problem(
            403, f"your view is limited, so the names of your texts must begin with {mark(user)}/", parameter="name"
        )
    return [*_beyond_segments(name, new.rules), *_foreign(name, new, {rule.id for rule in kept.rules})]


def _beyond_segments(name: str, rules: Sequence[Rule]) -> list[Mistake]:
    """Segments that are not there and those of others are answered alike."""
    if sees_all(viewer()):
        return []
    own = seen_segments(viewer(), _book().segments())
    known = f"there are {', '.join(own)}" if own else "there is none; ask an administrator to create one"
    text = f"your view is limited, so the rule needs a segment inside it: {known}"
    return [Mistake(name, rule.line, f"rule {rule.id!r}: {text}") for rule in rules if rule.segment not in own]


def _foreign(name: str, new: Text, kept: set[str]) -> list[Mistake]:
    own, ids = mark(viewer()), {rule.id for rule in new.rules}
    text = f"your view is limited, so a new id must contain your mark: use id = '{{}}-{own}'"
    found = [Mistake(name, rule.line, f"rule {rule.id!r}: {text.format(rule.id)}") for rule in new.rules if rule.id not in kept and own not in rule.id.split("-")]  # fmt: skip
    for one in new.maintenance:
        if not one.rules or not ids.issuperset(one.rules):
            found.append(
                Mistake(name, 1, f"maintenance {one.name!r}: your view is limited, so name rules of this text")
            )
    return found


def _chosen(id: str, text: str | None) -> Rule:
    """A rule of a text, or one in force, that looks at nothing beyond the viewer's view."""
    book = _book()
    if text is None:
        found = next((rule for rule in seen_book(viewer(), book.read()).rules if rule.id == id), None)
        if found is None:
            raise Problem(404, f"there is no rule {id!r} in force", parameter="rule")
        return found
    read, segments = read_text(text, "text"), book.segments()
    chosen = [rule for rule in read.rules if rule.id == id]
    wrong = [*read.wrong, *_beyond_segments("text", chosen)] or [
        one for rule in chosen for one in (*mistakes(rule), *beyond_segment(rule, segments))
    ]
    if wrong:
        raise Problem(409, str(WrongRules(wrong)), parameter="text")
    if not chosen:
        raise Problem(404, f"the text has no rule {id!r}", parameter="rule")
    return within_segments(chosen, segments)[0]
