"""Goals in the accounts database: set in the application, by the API, or applied from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alerting.tables import Mistake
from briefing.goal_file import read_goals
from dashapp.accounts.applied_file import WrongFile
from dashapp.accounts.database import Database, now
from dashapp.accounts.directory import record
from dashapp.accounts.models import GoalRow
from dashapp.accounts.user import AccountError, Conflict, User
from metricstore.goal import Goal, Where, checked, where_of
from metricstore.metrics import METRICS
from metricstore.quantities import quantity
from metricstore.selection import join_values

EXTENSION = "goals"
_LONGEST_WORDS = 500
_GOALS = GoalRow.__table__
_REVISION = select(func.count(), func.max(_GOALS.c.changed), func.sum(_GOALS.c.id))
_TAKEN = "there is a goal for this metric, these filters and this period already; remove it first"


class GoalBook:
    """All goals; who may see which is `metricstore.goal.seen`'s."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[str, tuple[Goal, ...]] = "", ()

    def all(self) -> tuple[Goal, ...]:
        """By metric, in the order they were set; read again only when one changed."""
        revision = self.revision()
        if revision != self._known[0]:
            with self._database.session() as session:
                rows = session.scalars(select(GoalRow).order_by(GoalRow.metric, GoalRow.id)).all()
                # What another version of the program wrote and this one does not know is left out.
                self._known = revision, tuple(_goal(row) for row in rows if row.metric in METRICS)
        return self._known[1]

    def revision(self) -> str:
        with self._database.connection() as connection:
            return " ".join(map(str, connection.execute(_REVISION).one()))

    def add(self, goal: Goal, author: User) -> Goal:
        """Conflict where one like it is set already."""
        row = _row(checked(goal), author.name)
        try:
            with self._database.session() as session:
                session.add(row)
                session.flush()
                record(session, author.name, "goal set", row.metric, _told(row))
                return _goal(row)
        except IntegrityError:
            raise Conflict(_TAKEN) from None

    def remove(self, number: int, actor: User) -> None:
        """AccountError where there is none, or a file has set it."""
        with self._database.session() as session:
            row = session.get(GoalRow, number) if 0 < number < 2**31 else None
            if row is None:
                raise AccountError(f"there is no goal {number}")
            if row.file:
                raise Conflict("this goal comes from a file: remove it there")
            session.delete(row)
            record(session, actor.name, "goal removed", row.metric, _told(row))

    def apply(self, text: str, file: str, author: str) -> None:
        """Put the goals of a text in the place of those that were applied under its name; WrongFile says what is wrong."""
        file = file[-255:]
        found, wrong = read_goals(text, file)
        with self._database.session() as session:
            rows = session.scalars(select(GoalRow)).all()
            elsewhere = {_goal(row).mark for row in rows if row.file != file}
            wrong += [Mistake(file, 1, f"{one.metric}: {_TAKEN}") for one in found if one.mark in elsewhere]
            if wrong:
                raise WrongFile(wrong)
            own = [row for row in rows if row.file == file]
            if _alike(own, found):
                return
            for row in own:
                session.delete(row)
            session.flush()
            session.add_all([_row(one, author) for one in found])
            _note(session, author, file, len(found))


def _alike(rows: Sequence[GoalRow], goals: Sequence[Goal]) -> bool:
    was = {(*_goal(row).mark, row.value) for row in rows}
    return was == {(*one.mark, one.value) for one in goals}


def _note(session: Session, author: str, file: str, count: int) -> None:
    record(session, author, "goals applied", file[-128:], quantity(count, "goals"))


def _row(goal: Goal, author: str) -> GoalRow:
    words = _words(goal.where)
    if len(words) > _LONGEST_WORDS:
        raise AccountError(f"the filters of a goal have at most {_LONGEST_WORDS} characters")
    return GoalRow(
        metric=goal.metric, direction=goal.direction, value=goal.value, period=goal.period, words=words, file=goal.file,
        author=author, changed=now().isoformat(timespec="microseconds"),
    )  # fmt: skip


def _words(where: Where) -> str:
    return urlencode({column: join_values(words) for column, words in where})


def _goal(row: GoalRow) -> Goal:
    where = where_of(dict(parse_qsl(row.words, keep_blank_values=True)))
    made = Goal(row.metric, "at least", row.value, "week", where, row.id, row.author, row.file)
    return replace(made, direction=row.direction, period=row.period)  # type: ignore[arg-type]


def _told(row: GoalRow) -> str:
    return f"{row.direction} {row.value:g} a {row.period}" + (f", {row.words}" if row.words else "")
