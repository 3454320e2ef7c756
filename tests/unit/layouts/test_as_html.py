"""A layout as plain HTML: the same elements, and nothing in them that scripts look up."""

from __future__ import annotations

from dash import dcc, html

from layouts.as_html import as_html
from layouts.markup import Field, Markup, static


def test_elements_have_their_classes_styles_and_texts() -> None:
    part = html.Div(["a < b & c", html.Br(), None, html.P("“x”", className="note")], className="one two", hidden=True,
                    style={"minHeight": 300, "--columns": 6, "margin": 0})  # fmt: skip
    assert as_html(part) == (
        '<div class="one two" style="min-height:300px;--columns:6;margin:0" hidden>a &lt; b &amp; c<br><p class="note">“x”</p></div>'
    )


def test_what_would_close_an_attribute_is_text() -> None:
    assert as_html(html.A("x", href='/"><script>')) == '<a href="/&quot;&gt;&lt;script&gt;">x</a>'


def test_nothing_can_be_looked_up_or_is_said_twice() -> None:
    part = html.Section("x", id="page", role="status", **{"data-chart": "a", "aria-label": "Chart"})
    assert as_html(part) == "<section>x</section>"


def test_components_with_scripts_of_their_own_are_what_takes_their_place_or_nothing() -> None:
    part = html.Div(
        [
            dcc.Store(id="s"),
            dcc.Link("Home", href="/"),
            dcc.Dropdown(["a"], "a", className="control-menu"),
            dcc.Interval(),
        ]
    )
    assert as_html(part) == '<div><a href="/">Home</a><div class="dash-dropdown control-menu"></div></div>'


def test_markup_is_what_is_in_it() -> None:
    assert as_html(static(html.P("a"))) == "<p>a</p>"
    assert as_html(Markup([html.Li("a")], tag="ul", className="needs")) == '<ul class="needs"><li>a</li></ul>'
    assert as_html(Field(type="text", placeholder="contains")) == '<input placeholder="contains">'
