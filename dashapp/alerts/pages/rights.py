"""Who may read the pages, who may act on them, and what of it is shown to whoever sees a part of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort
from flask_login import current_user

from alerting.rule import Rule
from dashapp.accounts.user import User
from dashapp.alerts.muting import Silence
from dashapp.alerts.rulebook import Book
from dashapp.alerts.states import Group

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
ACTING = "rules are made, taken and silenced by analysts and administrators"
WHOLE = "receivers and their messages cover all data, but your view is limited to a part of it"


def may_act(user: User) -> bool:
    return user.has_role("analyst")


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


def actors_only(view: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """403 for viewers."""

    @wraps(view)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if not may_act(current_user):
            abort(403, description=ACTING)
        return view(*args, **kwargs)

    return guarded


def require_whole_view() -> None:
    """403 for whoever sees a part of the data."""
    if not sees_all(current_user):
        abort(403, description=WHOLE)
