"""Rules and receivers in the accounts database: applied from files, made in the application, exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerting.checking import mistakes, unknown_receivers
from alerting.maintenance import Maintenance, read_maintenance
from alerting.receivers.receiver import Receiver
from alerting.receivers.receiver_file import read_receivers
from alerting.rule import NOT_JUDGED, Rule, Span, momentary, within_segments
from alerting.rule_file import read_rules
from alerting.seeing import beyond_segment
from alerting.tables import Mistake
from dashapp.accounts.alert_rows import AlertFileRow
from dashapp.accounts.applied_file import WrongFile
from dashapp.accounts.database import Database, now
from dashapp.accounts.directory import record
from dashapp.accounts.segment_rows import named_segments
from dashapp.accounts.user import AccountError
from dashapp.alerts.times import precise
from metricstore.segment import Segment

MADE_HERE = "app/"
"""Begins the names of texts that were made in the application, one rule each."""


class WrongRules(WrongFile):
    """Rules that can't be used; nothing was changed."""


@dataclass(frozen=True)
class Book:
    """Everything that is in force. `revision` differs whenever a text does."""

    rules: tuple[Rule, ...] = ()
    receivers: Mapping[str, Receiver] = field(default_factory=dict)
    maintenance: tuple[Maintenance, ...] = ()
    revision: str = ""

    def rule(self, id: str) -> Rule | None:
        return next((rule for rule in (*self.rules, self.not_judged) if rule.id == id), None)

    @property
    def not_judged(self) -> Rule:
        """The evaluator's own rule: rules could not be judged three times in a row. Everybody is written to."""
        title, everybody = "Alert rules can't be judged", tuple(self.receivers)
        return momentary(NOT_JUDGED, title, severity="page", needed=Span(3, 3), notify=everybody)

    def beside(self, text: Text) -> Book:
        """What is in force, with the receivers and maintenance of a text that is not."""
        receivers = {**self.receivers, **{each.name: each for each in text.receivers}}
        return replace(self, receivers=receivers, maintenance=(*self.maintenance, *text.maintenance))

    def addressees(self, rule: Rule) -> list[tuple[str, str]]:
        """(receiver, recipient) of everybody the rule names."""
        return self._recipients(rule.notify)

    def fallbacks(self, rule: Rule) -> list[tuple[str, str]]:
        """(receiver, recipient) of everybody that stands in for them."""
        named = (self.receivers[name].fallback for name in rule.notify if name in self.receivers)
        return self._recipients(tuple(dict.fromkeys(named)))

    def _recipients(self, names: tuple[str, ...]) -> list[tuple[str, str]]:
        named = [self.receivers[name] for name in names if name in self.receivers]
        return [(receiver.name, recipient) for receiver in named for recipient in receiver.recipients]


@dataclass
class Applied:
    """What applying a text touched: ids of rules, and receivers by their names."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


class Text(NamedTuple):
    """What a text holds."""

    rules: list[Rule]
    receivers: list[Receiver]
    maintenance: list[Maintenance]
    wrong: list[Mistake]


class RuleBook:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = Book()

    def read(self) -> Book:
        """What is in force now; parsed again only when a text changed."""
        with self._database.session() as session:
            segments = named_segments(session)
            revision = f"{_revision(session)} {hash(tuple(segments.items()))}"
            if revision == self._known.revision:
                return self._known
            texts = [(row.name, row.text) for row in _rows(session)]
        found = [read_text(text, name) for name, text in texts]
        # What another version of the program wrote and this one can't use is left out; `dashapp alert check` says why.
        rules = tuple(rule for one in found for rule in within_segments(one.rules, segments) if not mistakes(rule))
        receivers = {each.name: each for one in found for each in one.receivers}
        maintenance = tuple(each for one in found for each in one.maintenance)
        self._known = Book(rules, receivers, maintenance, revision)
        return self._known

    def apply(self, text: str, file: str, author: str) -> Applied:
        """Put a whole text in the place of what was applied under its name, in one transaction; WrongRules says what is
        wrong with it. Applying the same twice changes nothing."""
        new = read_text(text, file)
        with self._database.session() as session:
            if wrong := _wrong(session, new, file):
                raise WrongRules(wrong)
            row = session.get(AlertFileRow, file)
            found = _compared(read_text(row.text, file) if row else Text([], [], [], []), new)
            if row is None:
                row = AlertFileRow(name=file)
                session.add(row)
            elif row.text == text:
                return found
            row.text, row.author, row.changed = text, author, precise(now())
            record(session, author, "alert rules applied", file[-128:],
                   f"{len(found.added)} added, {len(found.changed)} changed, {len(found.removed)} removed")  # fmt: skip
        return found

    def wrong(self, text: str, file: str) -> list[Mistake]:
        """What keeps the text from being applied under the name; empty when nothing does."""
        with self._database.session() as session:
            return _wrong(session, read_text(text, file), file)

    def remove(self, file: str, author: str) -> None:
        """AccountError when nothing was applied under the name."""
        with self._database.session() as session:
            row = session.get(AlertFileRow, file)
            if row is None:
                raise AccountError(f"nothing was applied as {file!r}")
            session.delete(row)
            record(session, author, "alert rules removed", file[-128:])

    def segments(self) -> Mapping[str, Segment]:
        """All there are, by name."""
        with self._database.session() as session:
            return named_segments(session)

    def texts(self) -> list[tuple[str, str]]:
        """(name, TOML) of everything that is in force."""
        with self._database.session() as session:
            return [(row.name, row.text) for row in _rows(session)]


def read_text(text: str, file: str) -> Text:
    """Rules and receivers of a text, and its mistakes but for those that the declared metrics show."""
    rules, wrong = read_rules(text, file)
    receivers, more = read_receivers(text, file)
    maintenance, most = read_maintenance(text, file)
    return Text(rules, receivers, maintenance, list(dict.fromkeys([*wrong, *more, *most])))


def _rows(session: Session) -> Sequence[AlertFileRow]:
    return session.scalars(select(AlertFileRow).order_by(AlertFileRow.name)).all()


def _revision(session: Session) -> str:
    count, newest = session.execute(select(func.count(), func.max(AlertFileRow.changed))).one()
    return f"{count} {newest or ''}"


def _wrong(session: Session, new: Text, file: str) -> list[Mistake]:
    others = [read_text(row.text, row.name) for row in _rows(session) if row.name != file]
    segments = named_segments(session)
    found = [*new.wrong, *(mistake for rule in new.rules for mistake in mistakes(rule))]
    found += [mistake for rule in new.rules for mistake in beyond_segment(rule, segments)]
    return found + _taken(new, others, file) + nobody(new, others)


def _taken(new: Text, others: Sequence[Text], file: str) -> list[Mistake]:
    """An id stands for one rule and a name for one receiver, whichever file they are in."""
    rules, receivers = {each.id: each for each in new.rules}, {each.name: each for each in new.receivers}
    found = []
    for other in others:
        for rule in other.rules:
            if rule.id in rules:
                found.append(Mistake(file, rules[rule.id].line, f"the id {rule.id!r} is used in {rule.place} already"))
        for each in other.receivers:
            if each.name in receivers:
                text = f"the receiver {each.name!r} is declared in {each.place} already"
                found.append(Mistake(file, receivers[each.name].line, text))
    return found


def nobody(new: Text, others: Sequence[Text]) -> list[Mistake]:
    """Receivers that a rule or a receiver names and no text declares."""
    names = tuple(each.name for one in (new, *others) for each in one.receivers)
    wrong = [mistake for rule in new.rules for mistake in unknown_receivers(rule, names)]
    for each in new.receivers:
        if each.fallback == each.name or each.fallback not in ("", *names):
            why = (
                "is the receiver itself"
                if each.fallback == each.name
                else f"is not declared; there are {', '.join(names)}"
            )
            wrong.append(Mistake(each.file, each.line, f"receiver {each.name!r}: its fallback {each.fallback!r} {why}"))
    return wrong


def _compared(before: Text, after: Text) -> Applied:
    """Receivers count by name, as rules do."""
    found = Applied()
    old, new = _by_name(before), _by_name(after)
    for name, each in new.items():
        was = old.pop(name, None)
        where = found.added if was is None else found.same if was == each else found.changed
        where.append(name)
    found.removed = list(old)
    return found


def _by_name(read: Text) -> dict[str, object]:
    """Without the lines they stand at: a rule that moved is the same."""
    found: dict[str, object] = {rule.id: replace(rule, line=0) for rule in read.rules}
    found |= {f"receiver {each.name}": replace(each, line=0) for each in read.receivers}
    return found | {f"maintenance {each.name}": replace(each, line=0) for each in read.maintenance}
