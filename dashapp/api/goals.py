"""`/goals`: what metrics should come to, and how they do."""

from __future__ import annotations

from typing import Any

from flask import Response

from dashapp.accounts import AccountError
from dashapp.accounts.visible_goals import add, find, readable, remove
from dashapp.api.administering import told
from dashapp.api.auth import viewer
from dashapp.api.bodies import NewGoal
from dashapp.api.closed_sets import GOAL_DIRECTION, GOAL_PERIOD, METRIC
from dashapp.api.endpoints import Endpoint, endpoint
from dashapp.api.schemas import NUMBER as VALUE
from dashapp.api.schemas import TEXT, WHOLE, data_of, maybe, record
from dashapp.api.tokens import NUMBER
from dashapp.problem import Problem
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.goal import Goal, where_of
from metricstore.selection import join_values

_SHOWN = "{id, metric, direction, value, unit, period, filters, author, file}"
_GOAL = record("Goal", id=WHOLE, metric=METRIC, direction=GOAL_DIRECTION, value=VALUE, unit=TEXT, period=GOAL_PERIOD,
               filters={"type": "object", "additionalProperties": TEXT}, author=TEXT, file=maybe(TEXT))  # fmt: skip


@endpoint(Endpoint("/goals", "All goals that the account may see", f"`{{data: [{_SHOWN}]}}`", schema=data_of(_GOAL),
                   example="/api/v1/goals"))  # fmt: skip
def listing() -> Response:
    return told({"data": [_described(one) for one in readable(viewer())]})


@endpoint(Endpoint("/goals", "Set a goal", f"`{_SHOWN}`", method="POST", scope="goal", role="analyst", body=NewGoal, status=201,
                   schema=_GOAL, errors=((400, "a bad or unknown member"), (403, "not an analyst"),
                                         (409, "value or filters don't suit the metric, there is one like it, or it is about more than its author may see"))))  # fmt: skip
def write(body: NewGoal) -> Response:
    try:
        made = add(viewer(), Goal(body.metric, body.direction, body.value, body.period, where_of(body.filters)))
    except (InvalidQuestion, UnknownName) as error:  # each member is right, and they don't go together
        raise Problem(409, str(error)) from None
    return told(_described(made), 201)


@endpoint(Endpoint("/goals/<int:id>", "Remove a goal", "the goal as it was", method="DELETE", scope="goal", role="analyst",
                   places={"id": NUMBER}, schema=_GOAL,
                   errors=((403, "not an analyst"), (404, "no such goal"), (409, "it comes from a file"))))  # fmt: skip
def delete(id: int) -> Response:
    found = find(viewer(), id)
    if found is None:
        raise Problem(404, f"there is no goal {id}", parameter="id")
    try:
        remove(viewer(), id)
    except AccountError as error:
        raise Problem(409, str(error)) from None
    return told(_described(found))


def _described(one: Goal) -> dict[str, Any]:
    return {
        "id": one.id, "metric": one.metric, "direction": one.direction, "value": one.value, "unit": one.declared.unit,
        "period": one.period, "filters": {column: join_values(words) for column, words in one.where},
        "author": one.author, "file": one.file.rpartition("/")[2] or None,
    }  # fmt: skip
