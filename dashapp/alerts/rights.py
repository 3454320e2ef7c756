"""What of rules, alerts and silences somebody sees whose view is limited: on the pages and by the API alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from alerting.rule import Rule
from dashapp.accounts.user import User
from dashapp.alerts.muting import Silence
from dashapp.alerts.rulebook import Book, Text
from dashapp.alerts.states import Group
from metricstore.segment import Segment


def sees_all(user: User) -> bool:
    return not user.segments


def may_see(user: User, rule: Rule | None) -> bool:
    """Whether nothing that the rule judges lies outside of the user's view: it has a segment, and that lies within."""
    if sees_all(user):
        return True
    return (
        rule is not None
        and rule.within is not None
        and all(limit.holds(rule.within) for limit in user.segments)
    )  # fmt: skip


def seen_book(user: User, book: Book) -> Book:
    """Without rules and maintenance of others."""
    if sees_all(user):
        return book
    rules = tuple(rule for rule in book.rules if may_see(user, rule))
    own = {rule.id for rule in rules}
    return replace(
        book, rules=rules, maintenance=tuple(one for one in book.maintenance if one.rules and own.issuperset(one.rules))
    )


def seen_groups(user: User, groups: Iterable[Group], book: Book) -> list[Group]:
    """Those of rules that may be seen. What a rule with another segment found is shown again once it is judged by its new one."""
    if sees_all(user):
        return list(groups)
    found = []
    for group in groups:
        rule = book.rule(group.rule)
        if rule is not None and may_see(user, rule) and group.condition == rule.condition:
            why = group.muted_by.partition(" ")[0]  # a silence or maintenance of all rules is somebody else's
            found.append(replace(group, muted_by=why) if why in ("silenced", "maintenance") else group)
    return found


def seen_silences(user: User, silences: Sequence[Silence], book: Book) -> list[Silence]:
    """One of all rules is somebody else's."""
    return [one for one in silences if sees_all(user) or (one.rule and may_see(user, book.rule(one.rule)))]


def seen_segments(user: User, segments: Mapping[str, Segment]) -> dict[str, Segment]:
    """Those that a rule of the user may be given."""
    return {name: one for name, one in segments.items() if all(limit.holds(one) for limit in user.segments)}


def sees_text(user: User, name: str, text: Text, book: Book) -> bool:
    """Whether a text in force holds nothing but rules that the user sees, and their maintenance. One that holds nothing
    belongs to the user whose mark its name has."""
    if sees_all(user):
        return True
    if not any(text):
        return bears_mark(user, name)
    own = {rule.id for rule in text.rules if may_see(user, book.rule(rule.id))}
    return bool(own) and not text.receivers and len(own) == len(text.rules) and all(
        one.rules and own.issuperset(one.rules) for one in text.maintenance
    )  # fmt: skip


def mark(user: User) -> str:
    """A part of the ids and names that somebody with a limited view gives: else one that is taken would reveal what others have."""
    return hashlib.sha256(user.name.encode()).hexdigest()[:8]


def bears_mark(user: User, name: str) -> bool:
    """Whether the name of a text has the user's mark."""
    return mark(user) in name.split("/")
