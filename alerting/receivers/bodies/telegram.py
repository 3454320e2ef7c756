"""Telegram's bot: HTML. Limits: 4,096 letters in a message, 1,024 below a photo, counted without tags."""

from __future__ import annotations

from html import escape
from typing import Any

from alerting.message import Message
from alerting.receivers.bodies.plain import cut, length, quietly
from alerting.receivers.bodies.said import Said, as_columns

_MESSAGE, _CAPTION = 4096, 1024


def body(message: Message, chat: str) -> dict[str, Any]:
    text = _text(Said.of(message), _MESSAGE)
    return {"chat_id": chat, "text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}


def with_photo(message: Message, chat: str) -> dict[str, str]:
    """Fields of a form; the picture is another."""
    return {"chat_id": chat, "caption": _text(Said.of(message), _CAPTION), "parse_mode": "HTML"}


def _text(said: Said, most: int) -> str:
    """In the order in which it is read; a part for which there is no room is left out. Links are small and stay."""
    links = " · ".join(f'<a href="{escape(link.url)}">{link.name}</a>' for link in said.links)
    room = most - sum(length(link.name) + 3 for link in said.links)
    parts: list[str] = []
    for text, tag in _parts(said, most):
        if text and length(text) + 2 <= room:
            room -= length(text) + 2
            inner = escape(text, quote=False)
            parts.append(f"<{tag}>{inner}</{tag}>" if tag else inner)
    return "\n\n".join(part for part in (*parts, links) if part)


def _parts(said: Said, most: int) -> list[tuple[str, str]]:
    """Headline and sentence always have room."""
    return [
        (cut(quietly(said.headline), most // 4), "b"), (said.repeated, ""), (cut(quietly(said.sentence), most // 2), ""),
        (quietly(said.missing), "i"), (quietly(as_columns(said.facts)), "pre"), (quietly(as_columns(said.figures)), "pre"),
    ]  # fmt: skip
