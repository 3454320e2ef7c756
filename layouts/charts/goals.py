"""Goals on a time axis: a dashed line each, with its words at the line and in a sentence under the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layouts.charts.model import Theme
from layouts.charts.palette import INK
from layouts.formats import measured
from metricstore.evaluation import Answer
from metricstore.goal import Goal

NAME = "goal"
_SIGNS = {"at least": "≥", "at most": "≤"}


def applying(goals: Sequence[Goal], answer: Answer, *, whole: bool) -> tuple[Goal, ...]:
    """Those that a line can stand for: the answer is of the goal's own aggregate, its marks show the figure's `whole`, and what
    grows with time is asked in windows of the goal's period. Any other line would have to be scaled to what nobody set."""
    if answer.every is None or not whole:
        return ()
    return tuple(one for one in goals if one.metric == answer.metric.name and answer.aggregate == one.declared.measure.aggregate
                 and (not one.grows or one.window == answer.every))  # fmt: skip


def mark(layout: dict[str, Any], goals: Sequence[Goal], theme: Theme) -> None:
    """Add a line for each to a timed figure's layout; the value axis reaches to it."""
    ink = INK[theme]
    for goal in goals:
        layout["shapes"] = [*layout.get("shapes", []), {
            "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": goal.value, "y1": goal.value,
            "line": {"color": ink["text"], "width": 1.5, "dash": "dash"}, "name": NAME,
        }]  # fmt: skip
        layout["annotations"] = [*layout.get("annotations", []), {
            "xref": "paper", "yref": "y", "x": 1, "y": goal.value, "xanchor": "right", "yanchor": "bottom", "showarrow": False,
            "text": f"goal {_SIGNS[goal.direction]} {_value(goal)}", "font": {"size": 11, "color": ink["text"]},
            "bgcolor": ink["paper"], "opacity": 0.9, "name": NAME,
        }]  # fmt: skip


def sentence(goals: Sequence[Goal]) -> str:
    """`Goal (dashed line): at least 100 posts a week.`; "" for none."""
    return " ".join(f"Goal (dashed line): {goal.direction} {_value(goal)} a {goal.period}." for goal in goals)


def _value(goal: Goal) -> str:
    return " ".join(filter(None, measured(goal.value, goal.declared)))
