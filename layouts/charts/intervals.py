"""Bars that say how sure they are: whiskers for the interval, the number of posts, grey where it rests on too few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layouts.charts.figure import Figure
from layouts.charts.marks import bar_width, base_layout, named_axis, number_format
from layouts.charts.model import ChartData
from layouts.charts.palette import INK, accent, mixed, readable
from layouts.charts.shares import FEW
from layouts.formats import column_name, counted, inside
from layouts.value_names import name_of
from metricstore.quantities import quantity

MOST = 12
_SOFT = 0.45
"""How much lighter bars are than the accent: whiskers and words stand out on them."""
_NOT_GIVEN = ""


@dataclass(frozen=True)
class Bars:
    """Rows from the top: `value` with its `number` of posts, `low` and `high` (NaN where there is no interval)."""

    names: list[str]
    value: list[float]
    number: list[float]
    low: list[float]
    high: list[float]

    @property
    def few(self) -> list[bool]:
        return [number < FEW for number in self.number]


def best_and_worst(data: ChartData) -> Figure:
    """A bar for each value of the dimension, the best first, then those that rest on too few. `also`: how many posts,
    the interval's low and high end. Of more than twelve the best and the worst half are shown."""
    frame = _known(data)
    enough = frame[frame["number"] >= FEW].sort_values("value", ascending=False, kind="stable")
    few = frame[frame["number"] < FEW].sort_values("value", ascending=False, kind="stable")
    half, said = MOST // 2, ""
    if len(enough) > MOST:
        said = f"{len(enough) - MOST} in between"
        enough = pd.concat([enough.head(half), enough.tail(half)])
    room = MOST - len(enough)
    if len(few) > room:
        said = " and ".join(filter(None, (said, f"{len(few) - room} that rest on fewer than {FEW} posts")))
    return _figure(data, pd.concat([enough, few.head(room)]), f"{said} not shown" if said else "")


def steps_with_intervals(data: ChartData) -> Figure:
    """A bar for each declared value of the dimension that occurred, in its declared order; others follow by name."""
    frame = _known(data)
    column = data.answer.by[0]
    declared = data.answer.metric.source.field(column).values if data.answer.metric.source.has_field(column) else ()
    order = {value: place for place, value in enumerate(declared)}
    ranked = frame.assign(place=[order.get(value, len(order)) for value in frame["name"]])
    by = ["place"] if declared else ["value"]
    return _figure(data, ranked.sort_values(by, ascending=bool(declared), kind="stable").head(MOST), "")


def without_a_value(data: ChartData) -> str:
    """How many posts the chart leaves out because their value of the dimension is not known."""
    resting = next(iter(data.also.values()))
    frame = resting.frame
    left = round(frame.loc[frame[data.answer.by[0]] == _NOT_GIVEN, "value"].sum())
    posts = quantity(left, resting.metric.unit)
    return f"{posts} without a bar: {inside(column_name(data.answer.by[0]))} not known." if left else ""


def mixed_and_left_out(data: ChartData) -> str:
    """As `without_a_value`, and that networks stand together in one rate as long as nobody has chosen one."""
    chosen = data.selection.where.get("platform", ())
    one = len(chosen) == 1 and not chosen[0].startswith(("!", "~"))
    together = "" if one else "All networks together: choose one platform to compare like with like."
    return " ".join(filter(None, (together, without_a_value(data))))


def _known(data: ChartData) -> pd.DataFrame:
    """name, value, number, low, high for each value that is given and has a number."""
    column = data.answer.by[0]
    frame = data.answer.frame[[column, "value"]].rename(columns={column: "name"})
    for name, answer in zip(("number", "low", "high"), data.also.values(), strict=False):
        part = answer.frame[[column, "value"]].rename(columns={column: "name", "value": name})
        frame = frame.merge(part, on="name", how="left", sort=False)
    frame = frame.reindex(columns=["name", "value", "number", "low", "high"])
    frame["name"] = frame["name"].astype(str)
    return frame[(frame["name"] != _NOT_GIVEN) & frame["value"].notna()].assign(
        number=lambda f: f["number"].fillna(0.0)
    )


def _figure(data: ChartData, frame: pd.DataFrame, said: str) -> Figure:
    ink, form, unit = INK[data.theme], number_format(data), data.answer.metric.unit
    rows = frame.iloc[::-1]
    values = rows["name"].tolist()
    names = [name_of(value, data.answer.by[0]) for value in values]
    up, down = (rows["high"] - rows["value"]).to_numpy(), (rows["value"] - rows["low"]).to_numpy()
    few = (rows["number"] < FEW).tolist()
    whiskers = {"type": "data", "symmetric": False, "array": _plain(up), "arrayminus": _plain(down),
                "color": ink["text"], "thickness": 1.4, "width": 4}  # fmt: skip
    written = [f"{value:{form}} {unit}" for value in rows["value"]]
    strong, weak = mixed(accent(data.theme), ink["paper"], _SOFT), ink["grid"]
    figure = Figure()
    figure.add_bar(
        x=rows["value"], y=names, orientation="h", name=data.answer.metric.title,
        customdata=[[value, "", ""] for value in values], width=bar_width(len(values)),
        marker={"color": [weak if grey else strong for grey in few]},
        **({"error_x": whiskers} if rows["low"].notna().any() else {}),
        text=[f"{value} · n {number:,.0f}" for value, number in zip(written, rows["number"], strict=True)],
        textposition="inside", insidetextanchor="start", cliponaxis=False,
        insidetextfont={"color": [readable(weak if grey else strong) for grey in few], "size": 11},
        meta={"values": written, "inside": [f"n {number:,.0f}" for number in rows["number"]]},
        hovertext=[_words(row, form, unit, data) for row in rows.itertuples()], hovertemplate="%{y}: %{hovertext}<extra></extra>",
    )  # fmt: skip
    layout = base_layout(data, timed=False)
    layout["yaxis"] = named_axis(names)
    title = {
        "text": " · ".join(filter(None, (unit, said))),
        "font": {"size": 11},
    }  # what is left out is said where no mark is
    layout["xaxis"] = {**layout["xaxis"], "rangemode": "tozero", "title": title}  # type: ignore[dict-item]
    if frame.empty:
        layout["xaxis"], layout["yaxis"] = {"visible": False}, {"visible": False}
    figure.update_layout(**layout, showlegend=False)
    if frame.empty:
        figure.add_annotation(text="known of none of these posts", showarrow=False, xref="paper", yref="paper", x=0.5, y=0.5,
                              font={"size": 13, "color": ink["faint"]})  # fmt: skip
    return figure


def _plain(values: np.ndarray) -> list[float]:
    """Whiskers of no length where there is no interval."""
    return [max(0.0, float(value)) for value in np.nan_to_num(values)]


def _words(row: object, form: str, unit: str, data: ChartData) -> str:
    """`3.21 % of 14 posts, 95 % interval 2.80 to 3.62`, and that this is too few where it is."""
    value, number, low, high = (float(getattr(row, name)) for name in ("value", "number", "low", "high"))
    of = f"{number:,.0f}"
    told = f"{value:{form}} {unit} of {of} {counted(of, next(iter(data.also.values())).metric.unit)}"
    if np.isfinite(low) and np.isfinite(high):
        told += f", 95 % interval {low:{form}} to {high:{form}}"
    return told + ("" if number >= FEW else ": too few to judge")
