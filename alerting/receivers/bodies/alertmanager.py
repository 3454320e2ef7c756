"""What Alertmanager's own API takes: it sends, groups and silences by its own configuration."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from alerting.message import Message
from alerting.receivers.bodies.labelled import alert, stamp

PATH = "/api/v2/alerts"
HOLDS = timedelta(minutes=15)
"""So long an open alert stays open without being sent again; then Alertmanager takes it for resolved."""
SEND_AGAIN = timedelta(minutes=5)
"""Send it again so often: two sendings may be lost."""


def body(message: Message, now: datetime) -> list[dict[str, Any]]:
    one = alert(message)
    return [one if message.ended else one | {"endsAt": stamp(now + HOLDS)}]
