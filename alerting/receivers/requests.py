"""Which requests a receiver over HTTP is sent: the body of its kind, its address and its secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from alerting.message import Message
from alerting.receivers.bodies import alertmanager, webhook
from alerting.receivers.over_http import Request
from alerting.receivers.receiver import Kind, Receiver


def requests(receiver: Receiver, message: Message, now: datetime) -> list[Request]:
    """Usually one; where it has a picture, a second one without it follows. Raises Failure and SecretMissing."""
    return _REQUESTS[receiver.kind](receiver, message, now)


def _as_json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def _bearer(receiver: Receiver) -> Mapping[str, str]:
    token = receiver.secret("token")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _below(receiver: Receiver, path: str) -> str:
    return receiver.address().rstrip("/") + path


def _webhook(receiver: Receiver, message: Message, now: datetime) -> list[Request]:
    content = _as_json(webhook.body(message, receiver.name))
    signature = webhook.signed(content, message.key, receiver.secret("secret"), now)
    return [Request(receiver.address(), content, {**_bearer(receiver), **signature})]


def _alertmanager(receiver: Receiver, message: Message, now: datetime) -> list[Request]:
    content = _as_json(alertmanager.body(message, now))
    return [Request(_below(receiver, alertmanager.PATH), content, _bearer(receiver))]


_REQUESTS: dict[Kind, Callable[[Receiver, Message, datetime], list[Request]]] = {
    "webhook": _webhook,
    "alertmanager": _alertmanager,
}
