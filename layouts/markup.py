"""Parts of a page that Dash need not know in detail: a component that a callback can fill, put up by the browser as plain HTML.

Dash keeps an entry and a wrapper for each component, and looks through all of them with each change. A page of charts has a thousand
elements, and callbacks read or write a few dozen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias

from dash import html
from dash.development.base_component import Component

Content: TypeAlias = Component | str | Sequence[Component | str | None] | None
"""Components of `dash.html` alone, none with an id that a callback names."""


class _Own(Component):
    """A component that `22-markup.js` or `40-charts.js` has under its name."""

    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "board"
    _valid_wildcard_attributes: ClassVar[list[str]] = ["data-", "aria-"]

    def __init__(self, **given: Any) -> None:
        for name, value in given.items():
            setattr(self, name, value)


class Markup(_Own):
    """An element whose `content` a callback can write. `tag` is its name in HTML; None: it is the only element of its content."""

    _type = "Markup"
    _prop_names: ClassVar[list[str]] = ["id", "tag", "content", "className", "style"]

    def __init__(self, content: Content = None, tag: str | None = "div", **given: Any) -> None:
        super().__init__(content=content, tag=tag, **given)


def static(part: Component) -> Markup:
    """The same part of a page, of which no callback reads or writes anything."""
    return Markup([part], tag=None)


def page_link(text: Sequence[Component | str] | str, href: str, class_name: str = "") -> Component:
    """A link to another page of the dashboard, which is opened without loading everything anew."""
    return html.A(text, href=href, className=class_name, **{"data-page": "true"})


class ChartPanel(_Own):
    """A chart's panel. `wanted` is what the browser asks for it, `data` the answer to that, `facts` what it must know of the chart.

    In `content` elements with `data-part` are the browser's to fill: `state`, `table` and `mode`.
    """

    _type = "ChartPanel"
    _prop_names: ClassVar[list[str]] = ["id", "facts", "content", "wanted", "data"]


class TablePanel(_Own):
    """A table of records. `wanted` is what the browser asks for it, `rows` and `page` (the pager's text, whether it is the first and
    the last, what the rows were made from) the answer to that; `scope` says which records, `state` their order as it begins.

    In `content` elements with `data-part` are the browser's to fill: `rows`, `pager`, `back`, `forth` and `sort` with a column.
    """

    _type = "TablePanel"
    _prop_names: ClassVar[list[str]] = ["id", "scope", "state", "content", "wanted", "rows", "page"]


class Field(_Own):
    """A field for text within markup."""

    _type = "Input"
    _prop_names: ClassVar[list[str]] = ["type", "className", "placeholder", "autoComplete"]
