"""Goals as somebody may see, set and remove them: the one way pages and API get at them."""

from __future__ import annotations

from flask import current_app

from dashapp.accounts.goals import EXTENSION, GoalBook
from dashapp.accounts.user import Conflict, User
from metricstore.goal import Goal, checked, seen


def may_set(user: User) -> bool:
    """Analysts and administrators; everybody reads."""
    return user.has_role("analyst")


def readable(user: User) -> tuple[Goal, ...]:
    return seen(_book().all(), user.segments)


def add(user: User, goal: Goal) -> Goal:
    """AccountError, InvalidQuestion or UnknownName when it can't be; Conflict when it is about more than its author sees."""
    if not seen([checked(goal)], user.segments):
        words = " and ".join(segment.sentence() for segment in user.segments)
        raise Conflict(f"your view is limited ({words}), and this goal covers data outside of it")
    return _book().add(goal, user)


def find(user: User, number: int) -> Goal | None:
    """None when the user may not see it, or there is none."""
    return next((one for one in readable(user) if one.id == number), None)


def remove(user: User, number: int) -> None:
    """LookupError when the user sees no such goal, AccountError when a file has set it."""
    if find(user, number) is None:
        raise LookupError(number)
    _book().remove(number, user)


def _book() -> GoalBook:
    book: GoalBook = current_app.extensions[EXTENSION]
    return book
