"""The access log: a record for each request, of what was asked as a route and by whom as a number, never an address, a query or a name."""

from __future__ import annotations

import logging

from dashapp.logs import FIELDS
from dashapp.monitoring.request import Answered
from dashapp.security.guard import STATIC_RULES

log = logging.getLogger("dashapp.access")

QUIET = frozenset({"health.healthz", "health.readyz", "monitoring.metrics", "embed.assets"})
"""What asks all the time, or comes along with every page."""


def record(answered: Answered) -> None:
    seen = answered.seen
    if seen.endpoint in QUIET or seen.route in STATIC_RULES:
        return
    milliseconds = round(answered.seconds * 1000, 1)
    fields = {
        "route": seen.route, "method": answered.method, "status": answered.status, "milliseconds": milliseconds,
        "bytes": answered.size, "user": seen.user, "request": seen.request or None,
    }  # fmt: skip
    log.info(
        "%s %s %s in %s ms", answered.method, seen.route, answered.status, milliseconds,
        extra={FIELDS: {name: value for name, value in fields.items() if value is not None}},
    )  # fmt: skip
