"""Discord's webhook: one embed. Limits: title 256, description 4,096, 25 fields of 256 and 1,024, 6,000 in all."""

from __future__ import annotations

import re
from typing import Any

from alerting.message import Message
from alerting.receivers.bodies.plain import cut, escaped, length, quietly
from alerting.receivers.bodies.said import Said, as_columns, color

PICTURE = "chart.png"
_TITLE, _DESCRIPTION, _NAME, _VALUE, _FIELDS, _ALL = 256, 4096, 256, 200, 20, 6000
_SPECIAL = re.compile(r"([\\`*_~|<>\[\]()#:-])")


def body(message: Message, *, uploaded: bool = False) -> dict[str, Any]:
    """`uploaded`: the picture comes with it as PICTURE. Nobody is called: mentions are off, and no @ begins a word."""
    said = Said.of(message)
    embed: dict[str, Any] = {
        "title": escaped(said.headline, _escape, _TITLE), "color": int(color(message), 16),
        "fields": [_field(name, value) for name, value in said.facts[:_FIELDS]],
        "timestamp": message.at.isoformat(timespec="seconds"),
    }  # fmt: skip
    picture = f"attachment://{PICTURE}" if uploaded else said.picture
    embed |= {"url": said.main} if said.main else {}
    embed |= {"image": {"url": picture}} if picture else {}
    room = min(
        _DESCRIPTION,
        _ALL - length(embed["title"]) - sum(length(each["name"] + each["value"]) for each in embed["fields"]),
    )
    embed["description"] = _description(said, room)
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", quietly(text))


def _field(name: str, value: str) -> dict[str, Any]:
    return {"name": escaped(name, _escape, _NAME), "value": escaped(value, _escape, _VALUE), "inline": True}


def _description(said: Said, room: int) -> str:
    """Links last, whole or not at all; the table is what makes way."""
    links = " · ".join(f"[{link.name}]({link.url.replace('(', '%28').replace(')', '%29')})" for link in said.links)
    links = links if length(links) <= room // 2 else ""
    room -= length(links) + 2
    top = "\n\n".join(escaped(part, _escape, 900) for part in (said.repeated, said.sentence, said.missing) if part)
    top = cut(top, room)
    left = room - length(top) - 12
    table = as_columns(said.figures).replace("`", "'")
    shown = f"```\n{cut(quietly(table), left)}\n```" if table and left > 100 else ""
    return "\n\n".join(part for part in (top, shown, links) if part)
