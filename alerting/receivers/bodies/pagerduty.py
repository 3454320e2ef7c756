"""PagerDuty's Events API v2. Limits: summary 1,024, dedup_key 255, 512 KB in all."""

from __future__ import annotations

from typing import Any

from alerting.message import Message
from alerting.receivers.bodies.labelled import stamp
from alerting.receivers.bodies.plain import cut, digest, one_line
from alerting.receivers.bodies.said import Said, State, state

PATH = "/v2/enqueue"
_SUMMARY = 1024
_SEVERITIES: dict[State, str] = {"page": "critical", "ticket": "warning", "info": "info"}
_CLIENT = "Content metrics"


def body(message: Message, key: str) -> dict[str, Any]:
    """One incident for each alert, from firing to its end, whatever is repeated."""
    event: dict[str, Any] = {
        "routing_key": key,
        "event_action": "resolve" if message.ended else "trigger",
        "dedup_key": digest(message.thread),
    }
    return event if message.ended else event | _opening(message)


def _opening(message: Message) -> dict[str, Any]:
    said = Said.of(message)
    found: dict[str, Any] = {"payload": _payload(message, said), "client": _CLIENT}
    found |= {"client_url": said.main} if said.main else {}
    found["links"] = [{"href": link.url, "text": link.name} for link in said.links]
    found["images"] = (
        [{"src": said.picture, "href": said.main or said.picture, "alt": said.headline}] if said.picture else []
    )
    return found


def _payload(message: Message, said: Said) -> dict[str, Any]:
    details: dict[str, Any] = {fact.name: fact.value for fact in said.facts}
    details |= {"What it says": said.sentence, "Not known": said.missing}
    details |= {f"Window {figure.window}": figure.value for figure in said.figures}
    return {
        "summary": cut(f"{said.headline}. {said.sentence}", _SUMMARY), "source": one_line(message.rule, 255) or "alerts",
        "severity": _SEVERITIES[state(message)], "timestamp": stamp(message.at), "class": one_line(message.rule, 255),
        "custom_details": {name: value for name, value in details.items() if value},
    }  # fmt: skip
