"""ntfy: plain text. Limits: 4,096 bytes in a message, three buttons."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

from alerting.message import Message
from alerting.receivers.bodies.plain import cut_bytes
from alerting.receivers.bodies.said import Said, as_text, state

PICTURE = "chart.png"
_MESSAGE, _TITLE, _BUTTONS = 4096, 250, 3
_IN_A_HEADER = 2000
"""Proxies before ntfy take no longer headers, and base64 is a third longer."""
_PRIORITIES = {"page": 5, "ticket": 3, "info": 2, "well": 3, "unknown": 3}
_TAGS = {
    "page": "rotating_light", "ticket": "warning", "info": "information_source", "well": "white_check_mark",
    "unknown": "grey_question",
}  # fmt: skip


def body(message: Message, topic: str) -> dict[str, Any]:
    """For the server's address without the topic."""
    said = Said.of(message)
    made = {"topic": topic, "message": _message(said, _MESSAGE), **_words(message, said)}
    return made | ({"attach": said.picture} if said.picture else {})


def headers(message: Message) -> dict[str, str]:
    """For the topic's address, where the picture is the body."""
    said = Said.of(message)
    words = {"message": _message(said, _IN_A_HEADER).replace("\n", "\\n"), "filename": PICTURE}
    words |= {name: str(value) for name, value in _words(message, said).items() if name not in ("tags", "actions")}
    words |= {"tags": _TAGS[state(message)]} | ({"actions": json.dumps(buttons)} if (buttons := _buttons(said)) else {})
    return {f"X-{name.title()}": _encoded(text) for name, text in words.items()}


def parts(address: str) -> tuple[str, str]:
    """The server and the topic of a topic's address."""
    found = urlsplit(address)
    path, _, topic = found.path.rstrip("/").rpartition("/")
    return f"{found.scheme}://{found.netloc}{path}/", topic


def _message(said: Said, most: int) -> str:
    return cut_bytes(as_text(said, links=False), most)


def _words(message: Message, said: Said) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": cut_bytes(said.headline, _TITLE),
        "priority": _PRIORITIES[state(message)],
        "tags": [_TAGS[state(message)]],
    }
    found |= {"click": said.main} if said.main else {}
    return found | ({"actions": buttons} if (buttons := _buttons(said)) else {})


def _buttons(said: Said) -> list[dict[str, str]]:
    return [{"action": "view", "label": link.name, "url": link.url} for link in said.further[:_BUTTONS]]


def _encoded(text: str) -> str:
    """A header is ASCII; ntfy reads the words of RFC 2047."""
    return text if text.isascii() else f"=?UTF-8?B?{b64encode(text.encode()).decode()}?="
