"""How figures of posts grow with their age: the posts that came furthest, and the middle half of all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layouts.charts.figure import Figure
from layouts.charts.marks import base_layout, number_format
from layouts.charts.model import ChartData
from layouts.charts.palette import INK, accent
from layouts.labels import shortened
from metricstore.quantities import quantity

MOST = 6
"""Lines that can be told apart."""
FEW = 5
"""The middle half of fewer posts would be no half."""
_HOURS = 24.0
_SHARES = (0.25, 0.5, 0.75)


def growth_curves(data: ChartData) -> Figure:
    """Grouped by post and step of age; `also` is the age in hours. A line for each of the posts with most, the median
    and the middle half of all posts at each step. Every post begins with nothing at its sending."""
    frame = _readings(data)
    figure = Figure()
    _add_middle(figure, data, frame)
    reached = frame.groupby("post", sort=False)["value"].max().sort_values(ascending=False, kind="stable")
    for place, post in enumerate(reached.index[:MOST]):
        _add_post(figure, data, str(post), frame[frame["post"] == post], accent(data.theme, place))
    layout = base_layout(data, timed=False)
    faint = {"size": 10, "color": INK[data.theme]["faint"]}
    layout["xaxis"] = {**layout["xaxis"], "type": "linear", "rangemode": "tozero",  # type: ignore[dict-item]
                       "title": {"text": "days since it was sent", "font": faint}}  # fmt: skip
    figure.update_layout(**layout, showlegend=True)
    return figure


def posts_behind(data: ChartData) -> str:
    """How many posts the middle rests on."""
    posts = data.answer.frame.loc[data.answer.frame["value"].notna(), data.answer.by[0]].nunique()
    return (
        f"Middle half and median of {quantity(posts, 'posts')}; lines for the {min(MOST, posts)} that came furthest."
        if posts
        else ""
    )


def _readings(data: ChartData) -> pd.DataFrame:
    """post, step, value, days; oldest last."""
    post, step = data.answer.by
    ages = next(iter(data.also.values())).frame[[post, step, "value"]].rename(columns={"value": "hours"})
    found = data.answer.frame[[post, step, "value"]].merge(ages, on=[post, step], how="left", sort=False)
    found = found.rename(columns={post: "post", step: "step"}).dropna(subset=["value", "hours"])
    return found.assign(days=found["hours"] / _HOURS).sort_values("days", kind="stable")


def _add_middle(figure: Figure, data: ChartData, frame: pd.DataFrame) -> None:
    """Only steps of age that enough posts have a reading of: posts differ, and who is asked must not change the line."""
    by = frame.groupby("step", sort=False)
    table = pd.concat([by["value"].quantile(share) for share in _SHARES], axis=1, keys=_SHARES)
    table = table.assign(days=by["days"].median(), number=by.size())
    enough = max(FEW, table["number"].max() / 2) if len(table) else FEW
    table = table[table["number"] >= enough].sort_values("days")
    if table.empty:
        return
    ink, form = INK[data.theme], number_format(data)
    days = [0.0, *table["days"]]
    low, middle, high = ([0.0, *table[share]] for share in _SHARES)
    figure.add_scatter(
        x=[*days, *reversed(days)], y=[*high, *reversed(low)], name="middle half", mode="lines", fill="toself",
        fillcolor=ink["grid"], line={"color": ink["grid"], "width": 0}, hoverinfo="skip",
        customdata=[[None, "", ""]] * (2 * len(days)),
    )  # fmt: skip
    figure.add_scatter(
        x=days, y=middle, name="median", mode="lines", line={"color": ink["faint"], "width": 2, "dash": "dot"},
        customdata=[[None, "", ""]] * len(days),
        hovertemplate="median after %{x:.1f} days: %{y:" + form + "}<extra></extra>",
    )  # fmt: skip


def _add_post(figure: Figure, data: ChartData, post: str, rows: pd.DataFrame, colour: str) -> None:
    form = number_format(data)
    figure.add_scatter(
        x=np.concatenate([[0.0], rows["days"]]), y=np.concatenate([[0.0], rows["value"]]), name=shortened(post, 44),
        mode="lines+markers", line={"color": colour, "width": 2}, marker={"size": 5},
        customdata=[[post, "", ""]] * (len(rows) + 1),
        hovertemplate="after %{x:.1f} days: %{y:" + form + "} " + data.answer.metric.unit + "<extra>%{fullData.name}</extra>",
    )  # fmt: skip
