"""The webhook: the body that Alertmanager sends (version 4), signed as Standard Webhooks say."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alerting.message import Message
from alerting.receivers.bodies.labelled import alert, labels
from alerting.receivers.bodies.plain import digest
from alerting.receivers.outcome import Failure

_PREFIX = "whsec_"


def body(message: Message, receiver: str) -> dict[str, Any]:
    one = alert(message)
    status = "resolved" if message.ended else "firing"
    return {
        "version": "4", "groupKey": f"{one['labels']['alertname']}/{digest(message.thread)}", "truncatedAlerts": 0, "status": status,
        "receiver": receiver, "groupLabels": {"alertname": one["labels"]["alertname"]}, "commonLabels": one["labels"],
        "commonAnnotations": one["annotations"], "externalURL": one["generatorURL"],
        "alerts": [{"status": status, **one, "fingerprint": _fingerprint(message)}],
    }  # fmt: skip


def _fingerprint(message: Message) -> str:
    """The same for all alerts of a rule with these labels."""
    return digest(repr(sorted(labels(message).items())))[:16]


def signed(content: bytes, key: str, secret: str, now: datetime) -> Mapping[str, str]:
    """Headers by which a receiver knows that `content` comes from here, now, and whether it has it already.

    `key` is the message's: the id is the same each time it is sent. Without a secret there is no signature. Raises Failure.
    """
    identity, stamp = f"msg_{digest(key)}", str(int(now.timestamp()))
    headers = {"webhook-id": identity, "webhook-timestamp": stamp}
    if secret:
        made = hmac.new(_bytes(secret), f"{identity}.{stamp}.".encode() + content, hashlib.sha256).digest()
        headers["webhook-signature"] = f"v1,{base64.b64encode(made).decode()}"
    return headers


def _bytes(secret: str) -> bytes:
    try:
        if secret.startswith(_PREFIX) and (found := base64.b64decode(secret.removeprefix(_PREFIX) + "==")):
            return found
    except binascii.Error:
        pass
    raise Failure(f"its secret is not one of Standard Webhooks: {_PREFIX} and then base64", permanent=True)
