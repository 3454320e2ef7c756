"""Goals from a TOML file: every mistake with its line, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerting.tables import Mistake, Taken, Wrong, read_tables
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.goal import DIRECTIONS, PERIODS, Direction, Goal, checked, where_of

_KEYS: dict[str, Direction] = {direction.replace(" ", "_"): direction for direction in DIRECTIONS}


def read_goals(text: str, file: str) -> tuple[list[Goal], list[Mistake]]:
    """The goals that are right, and what is wrong with the others."""
    return read_tables(
        text, file, "goal", lambda entry, _: _goal(entry, file), lambda goal: ("metric", repr(goal.mark)), ("goal",)
    )


def _goal(entry: Mapping[str, Any], file: str) -> Goal:
    taken = Taken(entry, "a goal")
    given = [key for key in _KEYS if key in entry]
    if len(given) != 1:
        raise Wrong("metric", "say either at_least or at_most, and a number")
    metric, value = taken.text("metric"), taken.number(given[0], 0.0)
    period, where = taken.choice("per", PERIODS), _filters(taken)
    taken.require_all_known()
    try:
        return checked(Goal(metric, _KEYS[given[0]], value, period, where_of(where), file=file))
    except InvalidQuestion as error:
        raise Wrong({"value": given[0]}.get(error.parameter, "where"), error.reason) from None
    except UnknownName as error:
        raise Wrong("metric" if error.kind == "metric" else "where", str(error)) from None


def _filters(taken: Taken) -> dict[str, str]:
    found = taken.table("where")
    for column, words in found.items():
        if not isinstance(words, str):
            raise Wrong("where", f"{column} must be a text, as an address says it: 'linkedin,twitter'")
    return found
