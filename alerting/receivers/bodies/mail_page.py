"""The HTML of a mail: styles stand at each element, since many mail programs know no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from alerting.receivers.bodies.said import Fact, Link, Said

PICTURE_ID = "chart@alert"
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_CELL = "padding:6px 0;border-bottom:1px solid #e6e8eb;vertical-align:top"
_TABLE = (
    'role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;margin:0 0 20px"'
)
_SHORT = 16
"""Letters of a name that needs no second line on a telephone."""
_WORDS = "overflow-wrap:anywhere;word-break:break-word"


def page(said: Said, color: str, picture: bool) -> str:
    """`color` is six hexadecimal digits; `picture`: whether one comes with the mail as PICTURE_ID."""
    parts = [
        _paragraph(said.sentence, "font-size:18px;line-height:1.45;font-weight:600;color:#16191d"),
        _facts(said.facts),
        _paragraph(said.missing, "color:#5b4300;background:#fff6e0;padding:10px 12px;border-radius:4px"),
        _picture(said) if picture else "",
        _figures(said),
        _links(said.links, color),
    ]
    body = "\n".join(part for part in parts if part)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light only">
<title>{escape(said.headline)}</title>
</head>
<body style="margin:0;padding:0;background:#f2f4f6;{_FONT}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:16px 8px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;background:#ffffff;border-top:4px solid #{color};border-radius:4px">
<tr><td style="padding:20px 20px 4px;text-align:left;font-size:15px;line-height:1.5;color:#2b3138;{_WORDS}">
<p style="margin:0 0 12px;font-size:14px;font-weight:600;color:#{color}">{escape(said.headline)}</p>
{body}
</td></tr></table>
</td></tr></table>
</body>
</html>
"""


def _paragraph(text: str, style: str) -> str:
    return f'<p style="margin:0 0 18px;{style}">{escape(text)}</p>' if text else ""


def _facts(facts: Sequence[Fact]) -> str:
    short = max((len(fact.name) for fact in facts), default=0) <= _SHORT
    width = "width:1%;white-space:nowrap" if short else f"width:30%;{_WORDS}"
    rows = "".join(
        f'<tr><td style="{_CELL};padding-right:16px;color:#626b75;{width}">{escape(fact.name)}</td>'
        f'<td style="{_CELL};{_WORDS}">{escape(fact.value)}</td></tr>\n'
        for fact in facts
    )
    return f"<table {_TABLE}>\n{rows}</table>"


def _picture(said: Said) -> str:
    return (
        f'<p style="margin:0 0 20px"><img src="cid:{PICTURE_ID}" width="560" '
        'alt="Graph of the latest windows; the table below has the same figures." '
        'style="display:block;width:100%;max-width:560px;height:auto;border:0"></p>'
    )


def _figures(said: Said) -> str:
    if not said.figures:
        return ""
    rows = "".join(
        f'<tr><td style="{_CELL};padding-right:16px;{_WORDS}">{escape(window)}</td>'
        f'<td style="{_CELL};text-align:right;{_WORDS}">{escape(value)}</td></tr>\n'
        for window, value in said.figures
    )
    head = "".join(
        f'<th scope="col" style="{_CELL};text-align:{side};font-weight:600;color:#626b75">{name}</th>'
        for name, side in zip(said.heads, ("left", "right"), strict=True)
    )
    table = _TABLE.replace('role="presentation" ', "")
    return f"<table {table}>\n<tr>{head}</tr>\n{rows}</table>"


def _links(links: Iterable[Link], color: str) -> str:
    base = "display:inline-block;margin:0 8px 8px 0;padding:9px 14px;border-radius:4px;text-decoration:none;font-weight:600"
    made: list[str] = []
    for link in links:
        look = f"background:#{color};color:#ffffff" if not made else "background:#eceff2;color:#2b3138"
        made.append(f'<a href="{escape(link.url)}" style="{base};{look}">{escape(link.name)}</a>')
    return f'<p style="margin:0 0 12px">{"".join(made)}</p>' if made else ""
