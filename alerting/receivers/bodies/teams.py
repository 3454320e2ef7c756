"""Teams: the Adaptive Card that a workflow "post to a channel when a webhook request is received" takes. Limit: 28 KB.

Version 1.4: workflows show no card of 1.5, and so no Table. Texts are runs, in which Teams reads no Markdown and no <at>.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from alerting.message import Message
from alerting.receivers.bodies.said import Said, state

_MOST_BYTES = 27_000
_COLORS = {"page": "Attention", "ticket": "Warning", "info": "Accent", "well": "Good", "unknown": "Default"}
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_KIND = "application/vnd.microsoft.card.adaptive"


def body(message: Message) -> dict[str, Any]:
    """What is too much is left out: the oldest windows first."""
    said = Said.of(message)
    made = _card(message, said, len(said.figures))
    for rows in range(len(said.figures) - 1, -1, -1):
        if len(json.dumps(made, ensure_ascii=False).encode()) <= _MOST_BYTES:
            break
        made = _card(message, said, rows)
    return made


def _card(message: Message, said: Said, rows: int) -> dict[str, Any]:
    shown = [
        _text(said.headline, color=_COLORS[state(message)], weight="Bolder"),
        _text(said.repeated, isSubtle=True),
        _text(said.sentence, size="Large", weight="Bolder"),
        *_rows(said.facts),
        _text(said.missing, color="Warning"),
        _picture(said),
        *_rows(said.figures[len(said.figures) - rows :]),
    ]
    actions = [{"type": "Action.OpenUrl", "title": link.name, "url": link.url} for link in said.links]
    content = {
        "$schema": _SCHEMA, "type": "AdaptiveCard", "version": "1.4", "msteams": {"width": "Full"}, "fallbackText": said.headline,
        "body": [each for each in shown if each], "actions": actions,
    }  # fmt: skip
    return {"type": "message", "attachments": [{"contentType": _KIND, "contentUrl": None, "content": content}]}


def _text(text: str, **look: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]} if text else {}


def _rows(rows: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "type": "ColumnSet", "spacing": "Small",
            "columns": [_column(name, 1, isSubtle=True), _column(value, 2)],
        }
        for name, value in rows
    ]  # fmt: skip


def _column(text: str, width: int, **look: Any) -> dict[str, Any]:
    return {"type": "Column", "width": width, "items": [_text(text or "–", **look)]}


def _picture(said: Said) -> dict[str, Any]:
    words = "Graph of the latest windows; the table below has the same figures."
    return {"type": "Image", "url": said.picture, "altText": words, "size": "Stretch"} if said.picture else {}
