"""Days as a calendar: a row for each week while there is room for what a day holds, else a compact one of many weeks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from layouts.charts.days import Day, Grid, days_of, grid_of
from layouts.charts.figure import Figure, Properties
from layouts.charts.marks import Mark, base_layout
from layouts.charts.model import ChartData, Theme
from layouts.charts.palette import INK, PATTERN, accent, colours, mixed, readable
from layouts.formats import counted
from layouts.labels import shortened
from layouts.value_names import WEEKDAYS, name_of
from metricstore.windows import zone

_PALEST, _FEWEST, _MOST = 0.05, 0.15, 0.6
"""How much of the accent is in a day without posts, in one with few, and in the fullest: its states still stand out."""
_STRIP = 0.1
"""Height of the strip of states, as a part of a day's cell."""
_TALL = 8
"""Up to how many weeks a day's cell has room for a line of text below its number."""
_BESIDE = 10
"""Size of a count that has its cell for itself."""
_ROOMY = 60
"""Pixels from which on a cell's date stands beside its count, with the month where it begins."""
_NOTHING: Mark = [None, "", ""]


def calendar(data: ChartData) -> Figure:
    """The main answer's count in a cell for each day. `by` names the groups a day is told in; each of `also` is the
    part of a day that is in one state. A box drawn over days is a choice of their time: `layout.meta` says which they are."""
    grid, days = grid_of(data.answer), days_of(data)
    figure = Figure()
    _add_cells(figure, data, grid, days)
    if grid.width:
        _add_months(figure, data, grid)
        _add_failures(figure, data, grid, days)
        _add_counts(figure, data, grid, days, size=10, needs=21)
    else:
        _add_strips(figure, data, grid, days)
        _add_dates(figure, data, grid, days)
        _add_counts(figure, data, grid, days, size=16, needs=_ROOMY)
        _add_counts(figure, data, grid, days, size=13, below=_ROOMY)
        if grid.rows <= _TALL:
            _add_groups(figure, data, grid, days)
    figure.update_layout(**_layout(data, grid))
    return figure


def _layout(data: ChartData, grid: Grid) -> Properties:
    ink = INK[data.theme]
    plain = {"showgrid": False, "zeroline": False, "fixedrange": True, "showline": False, "ticks": ""}
    heads = (
        {"tickvals": list(range(7)), "ticktext": list(WEEKDAYS)} if not grid.width else {"tickvals": [], "ticktext": []}
    )
    layout = base_layout(data, timed=False)
    return {
        **layout, "hovermode": "closest", "dragmode": "select", "selectdirection": "d", "barmode": "overlay",
        "showlegend": True, "meta": {"calendar": grid.told()}, "legend": {**layout["legend"], "y": -0.02, "yanchor": "top"},  # type: ignore[dict-item]
        "margin": {"l": 8, "r": 8, "t": 24 if grid.width else 42, "b": 8},
        "newselection": {"line": {"color": accent(data.theme), "width": 1.5, "dash": "solid"}},
        "xaxis": {**plain, **heads, "type": "linear", "tickmode": "array", "side": "top", "range": [-0.5, grid.columns - 0.5],
                  "title": {"text": data.answer.timezone, "font": {"size": 10, "color": ink["faint"]}, "standoff": 2}},
        "yaxis": {**plain, **grid.row_heads(), "type": "linear", "tickmode": "array", "range": [grid.rows - 0.5, -0.5],
                  "tickfont": {"size": 10, "color": ink["faint"]}, "automargin": True},
        **_today(data, grid),
    }  # fmt: skip


def _today(data: ChartData, grid: Grid) -> Properties:
    """A frame around today's cell."""
    if data.now is None:
        return {}
    today = data.now.astimezone(zone(data.answer.timezone)).date()
    if not grid.begin <= today < grid.end:
        return {}
    column, row = grid.place(today)
    return {"shapes": [{"type": "rect", "xref": "x", "yref": "y", "x0": column - 0.47, "x1": column + 0.47, "y0": row - 0.47,
             "y1": row + 0.47, "line": {"color": INK[data.theme]["text"], "width": 2}, "fillcolor": "rgba(0,0,0,0)",
             "name": "today"}]}  # fmt: skip


def _scale(theme: Theme) -> list[list[float | str]]:
    """From no posts to the most there were; a single one is told apart from none at first sight."""
    paper, full = INK[theme]["paper"], accent(theme)
    return [[0.0, mixed(paper, full, _PALEST)], [0.0001, mixed(paper, full, _FEWEST)], [1.0, mixed(paper, full, _MOST)]]


def _ground(day: Day, most: float, theme: Theme) -> str:
    """The colour under a day's text."""
    if day.total is None:
        return INK[theme]["grid"]
    part = _PALEST if not day.total else _FEWEST + (_MOST - _FEWEST) * day.total / most
    return mixed(INK[theme]["paper"], accent(theme), part)


def _most(days: dict[date, Day]) -> float:
    return max((day.total or 0.0 for day in days.values()), default=0.0) or 1.0


def _add_cells(figure: Figure, data: ChartData, grid: Grid, days: dict[date, Day]) -> None:
    """Days that are known, and over the same grid in grey those nobody has collected. Days beyond the range have none."""
    marks, words = grid.cells(_NOTHING), grid.cells("")
    known: list[list[Any]] = grid.cells(None)
    unknown: list[list[Any]] = grid.cells(None)
    for when, day in days.items():
        column, row = grid.place(when)
        marks[row][column], words[row][column] = day.mark, _words(when, day, data)
        (known if day.total is not None else unknown)[row][column] = day.total or 0.0
    gap = 3 if not grid.width else 1
    shared = {"x": list(range(grid.columns)), "y": list(range(grid.rows)), "xgap": gap, "ygap": gap, "showscale": False,
              "hoverongaps": False, "customdata": marks, "hovertext": words, "hovertemplate": "%{hovertext}<extra></extra>",
              "showlegend": False, "zmin": 0, "zmax": _most(days)}  # fmt: skip
    figure.add_heatmap(z=known, name=data.answer.metric.title, colorscale=_scale(data.theme), **shared)
    grey = INK[data.theme]["grid"]
    figure.add_heatmap(z=unknown, name="Not collected", colorscale=[[0.0, grey], [1.0, grey]], **shared)


def _words(when: date, day: Day, data: ChartData) -> str:
    """All that is known of a day: how many, in which states, of which groups, what was written on it."""
    unit = data.answer.metric.unit
    head = f"{when:%a} {when.day} {when:%b %Y}{day.part}: "
    if day.total is None:
        return head + "not collected"
    total = f"{day.total:,.0f}"
    head += f"{total} {counted(total, unit)}" if day.total else f"no {unit}"
    states = " · ".join(
        f"{count:,.0f} {name_of(state, 'status').lower()}" for state, count in day.states.items() if count
    )
    groups = ", ".join(_counts_of_groups(day, data))
    return "\n".join(filter(None, (head, states, groups, *(shortened(note, 60) for note in day.notes))))


def _counts_of_groups(day: Day, data: ChartData, most: int | None = None) -> list[str]:
    """`X 3` of each group that has something."""
    return [
        f"{name_of(group, data.answer.by[0])} {count:,.0f}" for group, count in list(day.groups.items())[:most] if count
    ]


def _add_strips(figure: Figure, data: ChartData, grid: Grid, days: dict[date, Day]) -> None:
    """Along the lower edge of each cell its states, each as wide as its part of the day."""
    states = list(dict.fromkeys(state for day in days.values() for state in day.states))
    colour = colours(states, data.theme)
    before = dict.fromkeys(days, 0.0)
    for state in states:
        found = [(when, day, day.states[state]) for when, day in days.items() if day.states.get(state)]
        if not found:
            continue
        places = [grid.place(when) for when, _, _ in found]
        lengths = [0.88 * count / sum(day.states.values()) for _, day, count in found]
        figure.add_bar(
            orientation="h", name=name_of(state, "status").capitalize(), x=lengths, y=[row + 0.37 for _, row in places], width=_STRIP,
            base=[column - 0.44 + before[when] for (column, _), (when, _, _) in zip(places, found, strict=True)],
            marker={"color": colour[state], "pattern": {"shape": PATTERN.get(state, ""), "solidity": 0.3, "size": 5}},
            customdata=[day.mark for _, day, _ in found], hoverinfo="skip",
        )  # fmt: skip
        for (when, _, _), length in zip(found, lengths, strict=True):
            before[when] += length


def _add_failures(figure: Figure, data: ChartData, grid: Grid, days: dict[date, Day]) -> None:
    """Where cells are too small for their states: which days had posts that failed."""
    found = [(grid.place(when), day) for when, day in days.items() if day.states.get("failed")]
    if found:
        figure.add_scatter(
            x=[column + 0.3 for (column, _), _ in found], y=[row - 0.3 for (_, row), _ in found], mode="markers",
            marker={"color": colours(["failed"], data.theme)["failed"], "size": 5, "line": {"color": INK[data.theme]["paper"], "width": 1}},
            name="Day with failed posts", customdata=[day.mark for _, day in found], hoverinfo="skip",
        )  # fmt: skip


def _add_dates(figure: Figure, data: ChartData, grid: Grid, days: dict[date, Day]) -> None:
    """The day of the month in each cell's corner, with the month where it begins."""
    first = min(days, default=None)
    shared: dict[str, Any] = {"shift": (-0.46, -0.4), "position": "bottom right"}
    marked = ["▾" if day.notes else "" for day in days.values()]
    texts = [f"{when.day} {when:%b}" if when.day == 1 or when == first else str(when.day) for when in days]
    texts = [f"{text} {mark}".rstrip() for text, mark in zip(texts, marked, strict=True)]
    _add_text(figure, data, grid, days, texts, name="dates", size=10, needs=_ROOMY, **shared)
    short = [f"{when.day}{mark}" for when, mark in zip(days, marked, strict=True)]
    _add_text(figure, data, grid, days, short, name="days", size=9, below=_ROOMY, **shared)


def _add_counts(
    figure: Figure, data: ChartData, grid: Grid, days: dict[date, Day], *, size: int, needs: int = 0, below: int = 0
) -> None:
    """Above what the day consists of; in a narrow cell below its date."""
    texts = [f"{day.total:,.0f}" if day.total else "" for day in days.values()]
    shift = (0.0, 0.08 if below else -0.14 if size > _BESIDE else 0.0)
    _add_text(figure, data, grid, days, texts, name="counts", size=size, shift=shift, position="middle center",
              needs=needs, below=below)  # fmt: skip


def _add_groups(figure: Figure, data: ChartData, grid: Grid, days: dict[date, Day]) -> None:
    """What a day consists of, where a cell is wide enough for it."""
    texts = [" · ".join(_counts_of_groups(day, data, 3)) for day in days.values()]
    longest = max(map(len, texts), default=0)
    _add_text(figure, data, grid, days, texts, name="groups", size=9, shift=(0.0, 0.22), position="middle center",
              needs=round(longest * 5.2) + 10)  # fmt: skip


def _add_text(
    figure: Figure, data: ChartData, grid: Grid, days: dict[date, Day], texts: list[str], *, name: str, size: int,
    shift: tuple[float, float], position: str, needs: int = 0, below: int = 0,
) -> None:  # fmt: skip
    """These texts are shown in cells that are at least `needs` pixels wide and, where it is given, narrower than `below`."""
    most = _most(days)
    found = [(text, when, day) for text, (when, day) in zip(texts, days.items(), strict=True) if text]
    if not found:
        return
    places = [grid.place(when) for _, when, _ in found]
    figure.add_scatter(
        x=[column + shift[0] for column, _ in places], y=[row + shift[1] for _, row in places], mode="text", name=name,
        text=[text for text, _, _ in found], textposition=position, showlegend=False, hoverinfo="skip", meta={"needs": needs, "below": below},
        textfont={"size": size, "color": [readable(_ground(day, most, data.theme)) for _, _, day in found]},
        customdata=[day.mark for _, _, day in found],
    )  # fmt: skip


def _add_months(figure: Figure, data: ChartData, grid: Grid) -> None:
    """Above each row of weeks, where a month begins."""
    firsts = [grid.first + timedelta(days=place) for place in range(grid.weeks * 7)]
    starts = [day for day in firsts if day.day == 1 and grid.begin <= day < grid.end]
    if not starts or starts[0] - grid.begin > timedelta(days=20):
        starts.insert(0, grid.begin)
    places = [grid.place(day) for day in starts]
    figure.add_scatter(
        x=[column - 0.5 for column, _ in places], y=[row // 8 * 8 for _, row in places], mode="text", name="months",
        text=[f"{day:%b}" + (f" {day:%Y}" if place == 0 or day.month == 1 else "") for place, day in enumerate(starts)],
        textposition="middle right", showlegend=False, hoverinfo="skip", customdata=[_NOTHING] * len(places),
        textfont={"size": 10, "color": [INK[data.theme]["faint"]] * len(places)},
    )  # fmt: skip
