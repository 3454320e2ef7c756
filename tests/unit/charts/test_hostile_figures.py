"""Texts of sources are shown as they are written, whatever Plotly or SVG would read in them, and a click means the true one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layouts.charts import Chart, ChartData
from layouts.charts.figure import Figure
from layouts.pages import CHARTS
from layouts.pictures import Heading, picture
from metricstore.annotation import Annotation
from metricstore.selection import Selection
from tests.unit.charts.test_chart_declarations import START, STOP, ZONE, answer

TAG = re.compile(r"<[^<>]*>")
OURS = re.compile(r"<br>|</?extra>")
SVG = "{http://www.w3.org/2000/svg}"
PIECES = ["<a href='https://evil.example'>", "</a>", "<b>", "<i>", "<br>", "<sup>", "<span style='color:red'>", "&lt;", "&amp;",
          "&#60;", "&nbsp;", "%{x}", "<extra>", "</extra>", "$\\alpha$", "]]>", "<!--", "\n", "\t", "\x00", '"', "'", "ok", " "]  # fmt: skip
hostile = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), min_size=1, max_size=5).map("".join)


def as_shown(text: str) -> str:
    """What Plotly shows of a text in which only line ends are tags."""
    plain = text.replace("<br>", "\n")
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def data_of(chart: Chart, text: str) -> ChartData:
    """Answers with that text among the values of each column a chart is grouped by, and written on the range."""

    def asked(name: str) -> Any:
        found = answer(name, chart)
        labels = [tuple(text if value == "ok" else value for value in label) for label in found.rows.labels]
        return replace(found, rows=replace(found.rows, labels=labels))

    also = {words: asked(words.partition(":")[0]) for words in chart.also}
    note = Annotation(1, START, STOP, text, author=text, tags=(text,))
    return ChartData(asked(chart.metric), also, Selection(timezone=ZONE), "light", (note,))


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """(property, text) of everything in a figure that may be shown."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in ("customdata", "meta", "uirevision"):
                yield from texts(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part, name)


def templates(figure: Figure) -> list[str]:
    return [trace[name] for trace in figure.data for name in ("hovertemplate", "texttemplate") if name in trace]


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
@settings(max_examples=3, deadline=None)
@given(text=hostile)
def test_a_chart_shows_any_text_as_text_and_its_marks_carry_the_true_one(chart: Chart, text: str) -> None:
    figure = chart.draw(data_of(chart, text))
    given_to_plotly = figure.to_plotly_json()
    for name, shown in texts(given_to_plotly):
        plain = OURS.sub("", shown)
        assert not TAG.search(plain), (name, shown)
        assert not re.search(r"&(?!(lt|gt|amp);)", plain), (name, shown)
    assert set(templates(figure)) <= set(templates(chart.draw(data_of(chart, "plain")))), (
        "no text is part of a template"
    )
    for trace, shown in zip(figure.data, given_to_plotly["data"], strict=True):
        assert shown["customdata"] == trace["customdata"]
        assert "&lt;" in text or "&lt;" not in repr(shown["customdata"])
    _drawn_as_text(figure, text)


def _drawn_as_text(figure: Figure, text: str) -> None:
    drawn = picture(figure, 600, 400, "light", title=text, heading=Heading(text, text, (text,), text))
    names = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(drawn).iter()}
    assert names <= {"svg", "title", "defs", "pattern", "rect", "path", "line", "text", "tspan", "circle", "g"}
    assert "&amp;lt;" not in drawn or "&lt;" in text, "escaped once"


@settings(max_examples=50, deadline=None)
@given(text=hostile)
def test_what_plotly_is_given_reads_as_the_text(text: str) -> None:
    figure = Figure()
    figure.add_bar(x=[text], y=[1], name=text, hovertext=[text], text=[text])
    figure.update_layout(xaxis={"tickvals": [text], "ticktext": [text], "title": {"text": text}})
    figure.add_annotation(text=text, hovertext=text)
    read = [as_shown(part) for name, part in texts(figure.to_plotly_json()) if name != "type"]
    assert read == [text] * 9
