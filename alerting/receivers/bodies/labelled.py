"""A message as Alertmanager knows alerts: labels that say which alert it is, annotations that say the rest."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from alerting.message import Message
from alerting.receivers.bodies.plain import one_line
from alerting.receivers.bodies.said import Said

OPEN = "0001-01-01T00:00:00Z"
"""How Alertmanager writes that an alert has not ended."""


def labels(message: Message) -> dict[str, str]:
    """Rule and group. Severity is no label: an alert that is raised would be another alert."""
    found = {
        re.sub(r"^(?=\d)|[^A-Za-z0-9_]", "_", name): one_line(value) for name, value in sorted(message.labels.items())
    }
    return {
        "alertname": one_line(message.rule),
        **{name: value for name, value in found.items() if value and name != "alertname"},
    }


def remarks(message: Message) -> dict[str, str]:
    """Only those that say something."""
    said = Said.of(message)
    found = {
        "summary": said.headline, "description": said.sentence, "subject": message.subject, "severity": message.severity,
        "value": one_line(message.value), "limit": one_line(message.limit), "missing": said.missing,
        "windows": "\n".join(f"{figure.window}: {figure.value}" for figure in said.figures),
        "picture_url": said.picture, "view_url": said.main,
        **{re.sub(r"\W+", "_", f"{link.name.lower()}_url"): link.url for link in said.further},
    }  # fmt: skip
    return {name: text for name, text in found.items() if text}


def alert(message: Message) -> dict[str, Any]:
    """The part that both the webhook and Alertmanager's own API have."""
    return {
        "labels": labels(message), "annotations": remarks(message), "startsAt": stamp(message.since),
        "endsAt": stamp(max(message.at, message.since)) if message.ended else OPEN,
        "generatorURL": Said.of(message).main,
    }  # fmt: skip


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
