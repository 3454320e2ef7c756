"""A Plotly figure as plain data. plotly.py's own checks each property each time it is drawn, which takes longer than
the question behind it; the tests check every chart's figure with it instead."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from layouts.charts.plotly_text import plotly_texts

Properties = dict[str, Any]


class Figure:
    """Traces and layout in Plotly's own words. Series and arrays are taken as they are; NaN is a gap."""

    def __init__(self) -> None:
        self.data: list[Properties] = []
        self.layout: Properties = {}

    def add_bar(self, **properties: Any) -> None:
        self._add("bar", properties)

    def add_scatter(self, **properties: Any) -> None:
        self._add("scatter", properties)

    def add_heatmap(self, **properties: Any) -> None:
        self._add("heatmap", properties)

    def add_annotation(self, **properties: Any) -> None:
        self.layout.setdefault("annotations", []).append(properties)

    def update_layout(self, **properties: Any) -> None:
        """Whole properties are replaced, not merged."""
        self.layout.update(properties)

    def to_plotly_json(self) -> Properties:
        """What the browser's `Plotly.react` takes: lists, texts (escaped: see `plotly_text`), numbers and None."""
        return {"data": plotly_texts(self.data), "layout": plotly_texts(self.layout)}

    def _add(self, kind: str, properties: Properties) -> None:
        self.data.append({"type": kind, **{name: _plain(value) for name, value in properties.items()}})


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Series):
        value = value.to_numpy()
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind == "M":
        return np.datetime_as_string(value, unit="s").tolist()
    if value.dtype.kind == "f" and np.isnan(value).any():
        return np.where(np.isnan(value), None, value).tolist()  # type: ignore[call-overload]
    return value.tolist()
