"""Slack's incoming webhook: Block Kit. Limits: sections of 3,000 letters, 50 blocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alerting.message import Message
from alerting.receivers.bodies.plain import escaped
from alerting.receivers.bodies.said import Fact, Link, Said, as_columns, color

_SECTION, _FIELD, _FIELDS, _FALLBACK = 3000, 600, 10, 3000
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def body(message: Message) -> dict[str, Any]:
    """No <!channel> and no link gets through from a text: & < > are the letters that begin one."""
    said = Said.of(message)
    blocks = [
        {"type": "section", "text": _words(said.headline, around="*")},
        *_section("\n".join(part for part in (said.repeated, said.sentence) if part)),
        *_facts(said.facts),
        *_section(said.missing),
        *_figures(said),
        *_picture(said),
        *_links(said.links),
    ]
    fallback = escaped(f"{said.headline}. {said.sentence}", _escape, _FALLBACK)
    return {"text": fallback, "attachments": [{"color": f"#{color(message)}", "blocks": blocks}]}


def _escape(text: str) -> str:
    return text.translate(_ENTITIES)


def _words(text: str, most: int = _SECTION, around: str = "") -> dict[str, Any]:
    return {
        "type": "mrkdwn",
        "text": around + escaped(text, _escape, most - 2 * len(around)) + around,
        "verbatim": True,
    }


def _section(text: str) -> list[dict[str, Any]]:
    return [{"type": "section", "text": _words(text)}] if text else []


def _facts(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    fields = [_words(f"{fact.name}: {fact.value}", _FIELD) for fact in facts]
    return [{"type": "section", "fields": fields[at : at + _FIELDS]} for at in range(0, len(fields), _FIELDS)]


def _figures(said: Said) -> list[dict[str, Any]]:
    if not said.figures:
        return []
    table = escaped(as_columns(said.figures).replace("`", "'"), _escape, _SECTION - 8)
    return [{"type": "section", "text": {"type": "mrkdwn", "text": f"```\n{table}\n```", "verbatim": True}}]


def _picture(said: Said) -> list[dict[str, Any]]:
    alternative = "Graph of the latest windows; the table above has the same figures."
    return [{"type": "image", "image_url": said.picture, "alt_text": alternative}] if said.picture else []


def _links(links: Iterable[Link]) -> list[dict[str, Any]]:
    made = [f"<{_escape(link.url)}|{link.name}>" for link in links]
    return [{"type": "section", "text": {"type": "mrkdwn", "text": each}} for each in _packed(made)]


def _packed(parts: list[str]) -> list[str]:
    """Beside each other as far as a section holds them: a link that is cut leads nowhere."""
    found: list[str] = []
    for part in parts:
        if found and len(found[-1]) + len(part) + 3 <= _SECTION:
            found[-1] += f" · {part}"
        else:
            found.append(part)
    return [each for each in found if len(each) <= _SECTION]
