"""Where a picture has nothing to show, and of which kind: bands on the time axis, a sentence under the picture."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import timedelta
from typing import Any

import pandas as pd

from layouts.charts.figure import Figure
from layouts.charts.model import Theme
from layouts.charts.notes import wall
from layouts.charts.palette import INK
from layouts.formats import column_name, inside
from layouts.value_names import name_of
from metricstore import nothing
from metricstore.evaluation import Answer

_STRIP = 0.025
"""Height of the strip that stands for figures nobody told, as a part of the picture."""
_BANDS = {nothing.NOT_COLLECTED: 1.0, nothing.NOT_REPORTED: _STRIP, nothing.LOST: _STRIP}
_STRIPS: dict[Theme, dict[str, str]] = {
    "light": {nothing.NOT_REPORTED: "#d97706", nothing.LOST: "#dc2626"},
    "dark": {nothing.NOT_REPORTED: "#fbbf24", nothing.LOST: "#f87171"},
}
_SAID = {
    nothing.NOT_COLLECTED: ("Not collected", "grey"),
    nothing.NOT_REPORTED: ("Not reported by the source", "amber"),
    nothing.LOST: ("Not recorded at the time", "red"),
    nothing.TOO_FEW: ("Too few to say", ""),
}
"""What a kind is called, and the colour it has on a time axis."""
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks", "mo": "months", "q": "quarters", "y": "years"}
_TOO_MANY = 12
"""Of more groups only the number is said."""
_MOST_NAMES = 3
_VAGUE = frozenset({"unknown", "other"})
"""Values that say nothing without their column."""


def mark(layout: dict[str, Any], answer: Answer, theme: Theme) -> None:
    """Add to a timed figure's layout what its windows lack: a band where nothing was collected, a strip on the axis
    where the source does not tell the figure or nobody looked."""
    kinds = answer.kinds
    found = [_shape(kind, run, answer, theme) for kind in _BANDS if kind in kinds for run in _runs(kind, answer)]
    if found:
        layout["shapes"] = [*found, *layout.get("shapes", [])]


def marked(figure: Figure) -> frozenset[str]:
    """The kinds that have a band or a strip in the picture."""
    return frozenset(_BANDS).intersection(shape.get("name", "") for shape in figure.layout.get("shapes", ()))


def sentence(answer: Answer, marks: Container[str]) -> str:
    """What kinds of nothing an answer holds, and how much of each; "" when all of it is known. Of `marks` the colour is said.

    That nothing happened is no lack: a mean of no cases is not missed.
    """
    kinds = answer.kinds
    return " ".join(_said(answer, kind, answer.why == kind, kind in marks) for kind in _SAID if kind in kinds)


def _said(answer: Answer, kind: str, rows: pd.Series, is_marked: bool) -> str:
    """`Not collected (grey): 12 of 30 days.`, else with the groups' names."""
    words, colour = _SAID[kind]
    if answer.every is None:
        return f"{words}: {_names(answer, rows)}." if answer.by else f"{words}."
    times, unit = answer.frame["time"], _UNITS[answer.every.unit] if answer.every.count == 1 else "windows"
    lacking = rows.groupby(times).all()
    whole = times.isin(lacking.index[lacking])
    shown = f"{words} ({colour})" if is_marked else words  # only where all groups lack it the axis is marked
    parts = ((whole, shown), (rows & ~whole, f"{words}: {_names(answer, rows & ~whole)}" if answer.by else ""))
    return " ".join(
        f"{said}{',' if ':' in said else ':'} {times[some].nunique()} of {times.nunique()} {unit}."
        for some, said in parts
        if some.any()
    )


def _names(answer: Answer, rows: pd.Series) -> str:
    """`X, LinkedIn and 3 more`; of very many only the number."""
    column = answer.by[0]
    found = answer.frame.loc[rows, column].drop_duplicates()
    if len(found) > _TOO_MANY:
        return f"{len(found):,} of {answer.frame[column].nunique():,}"
    none = f"{inside(answer.metric.source.title)} without {inside(column_name(column))}"
    names = [none if not value else _with_column(value, column) for value in map(str, found)]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


def _with_column(value: str, column: str) -> str:
    """`X`; what is `unknown` says of which column."""
    return f"{inside(column_name(column))} {value}" if value in _VAGUE else name_of(value, column)


def _runs(kind: str, answer: Answer) -> Iterable[tuple[pd.Timestamp, pd.Timestamp | None]]:
    """[begin, end) of neighbouring windows of which every group is of this kind; None: until the range's end."""
    frame = answer.frame
    if answer.every is None:
        return []
    whole = (answer.why == kind).groupby(frame["time"]).all()
    times, found = whole.index, []
    begun: pd.Timestamp | None = None
    for time, is_so in zip(times, whole, strict=True):
        if is_so and begun is None:
            begun = time
        elif not is_so and begun is not None:
            found.append((begun, time))
            begun = None
    return [*found, *([(begun, None)] if begun is not None else [])]


def _shape(kind: str, run: tuple[pd.Timestamp, pd.Timestamp | None], answer: Answer, theme: Theme) -> dict[str, Any]:
    assert answer.every is not None
    half = timedelta(seconds=answer.every.seconds / 2)  # bars stand around the begin of their window
    last = answer.stop if run[1] is None else run[1].to_pydatetime() - half
    strip = _STRIPS[theme].get(kind)
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": wall(run[0].to_pydatetime() - half, answer), "x1": wall(last, answer),
        "y0": 0, "y1": _BANDS[kind], "line": {"width": 0}, "layer": "below", "name": kind,
        "fillcolor": strip or INK[theme]["grid"], "opacity": 0.9 if strip else 0.55,
    }  # fmt: skip
