"""Telegram's bot: HTML. Limits: 4,096 letters in a message, 1,024 below a photo, counted without tags."""

from __future__ import annotations

from html import escape
from typing import Any

from alerting.message import Message
from alerting.receivers.bodies.plain import cut, length, quietly
from alerting.receivers.bodies.said import Said, as_columns

_MESSAGE, _CAPTION = 4096, 1024
_SPARE = 100


def body(message: Message, chat: str) -> dict[str, Any]:
    text = _text(Said.of(message), _MESSAGE)
    return {"chat_id": chat, "text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}


def with_photo(message: Message, chat: str) -> dict[str, str]:
    """Fields of a form; the picture is another."""
    return {"chat_id": chat, "caption": _text(Said.of(message), _CAPTION), "parse_mode": "HTML"}


def _text(said: Said, most: int) -> str:
    """The sentence first; what no longer fits is left out: the table, then the facts. Links are small and stay."""
    links = " · ".join(f'<a href="{escape(link.url)}">{link.name}</a>' for link in said.links)
    room = most - _SPARE - sum(length(link.name) + 3 for link in said.links)
    parts: list[str] = []
    for text, tag in _parts(said, most):
        shown = cut(text, room if not parts else min(room, length(text)))
        if length(shown) < length(text) and parts:
            continue
        room -= length(shown) + 2
        parts.append(
            f"<{tag}>{escape(quietly(shown), quote=False)}</{tag}>" if tag else escape(quietly(shown), quote=False)
        )
    return "\n\n".join(part for part in (*parts, links) if part)


def _parts(said: Said, most: int) -> list[tuple[str, str]]:
    sentence = cut(said.sentence, most // 2)
    found = [
        (cut(said.headline, most // 4), "b"), (said.repeated, ""), (sentence, ""), (said.missing, "i"),
        (as_columns(said.facts), "pre"), (as_columns(said.figures), "pre"),
    ]  # fmt: skip
    return [(text, tag) for text, tag in found if text]
