"""Which requests a receiver over HTTP is sent: the body of its kind, its address and its secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from alerting.message import Message
from alerting.receivers.bodies import alertmanager, discord, ntfy, pagerduty, slack, teams, telegram, webhook
from alerting.receivers.bodies.plain import digest
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


def _slack(receiver: Receiver, message: Message, now: datetime) -> list[Request]:
    return [Request(receiver.address(), _as_json(slack.body(message)))]


def _teams(receiver: Receiver, message: Message, now: datetime) -> list[Request]:
    return [Request(receiver.address(), _as_json(teams.body(message)))]


def _discord(receiver: Receiver, message: Message, now: datetime) -> list[Request]:
    address = receiver.address()
    plain = Request(address, _as_json(discord.body(message)))
    if not message.picture:
        return [plain]
    fields = {"payload_json": _as_json(discord.body(message, uploaded=True)).decode()}
    return [_form(address, fields, "files[0]", discord.PICTURE, message.picture), plain]


def _telegram(receiver: Receiver, message: Message, now: datetime) -> list[Request]:
    bot, (chat,) = _below(receiver, f"/bot{receiver.secret('token')}"), receiver.to
    plain = Request(f"{bot}/sendMessage", _as_json(telegram.body(message, chat)))
    if not message.picture:
        return [plain]
    return [_form(f"{bot}/sendPhoto", telegram.with_photo(message, chat), "photo", "chart.png", message.picture), plain]


def _ntfy(receiver: Receiver, message: Message, now: datetime) -> list[Request]:
    address, token = receiver.address(), _bearer(receiver)
    server, topic = ntfy.parts(address)
    plain = Request(server, _as_json(ntfy.body(message, topic)), token)
    if not message.picture:
        return [plain]
    return [Request(address, message.picture, {**token, **ntfy.headers(message)}, "image/png"), plain]


def _pagerduty(receiver: Receiver, message: Message, now: datetime) -> list[Request]:
    return [Request(_below(receiver, pagerduty.PATH), _as_json(pagerduty.body(message, receiver.secret("key"))))]


def _form(url: str, fields: Mapping[str, str], name: str, file: str, picture: bytes) -> Request:
    """As a browser sends a form with a file."""
    edge = f"edge-{digest(''.join(fields.values()))}"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{word}"\r\n\r\n{text}\r\n' for word, text in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\nContent-Type: image/png\r\n\r\n'
    content = "".join([*parts, head]).encode() + picture + f"\r\n--{edge}--\r\n".encode()
    return Request(url, content, kind=f"multipart/form-data; boundary={edge}")


_REQUESTS: dict[Kind, Callable[[Receiver, Message, datetime], list[Request]]] = {
    "webhook": _webhook, "alertmanager": _alertmanager, "slack": _slack, "teams": _teams, "discord": _discord,
    "ntfy": _ntfy, "telegram": _telegram, "pagerduty": _pagerduty,
}  # fmt: skip
