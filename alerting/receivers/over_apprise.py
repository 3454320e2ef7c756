"""Services that nobody built here, over Apprise, where its extra is installed. It says no more than that it failed."""

from __future__ import annotations

from urllib.parse import urlsplit

from alerting.message import Message
from alerting.receivers.addresses import resolved
from alerting.receivers.bodies.said import Said, as_text
from alerting.receivers.outcome import Failure
from alerting.receivers.waiting import Deadline, in_time

SERVICES = frozenset(
    [
        "dingtalk",
        "feishu",
        "gchat",
        "ilert",
        "incidentio",
        "join",
        "lark",
        "line",
        "opsgenie",
        "pagertree",
        "pbul",
        "pover",
        "prowl",
        "signl4",
        "spike",
        "splunk",
        "spush",
        "squadcast",
        "threema",
        "twilio",
        "victorops",
        "webex",
        "wecombot",
        "whatsapp",
        "wxteams",
        "zulip",
    ]
)
"""Schemes of services on a host of theirs."""
OWN = frozenset(["gotify", "gotifys", "matrix", "matrixs", "mmost", "mmosts", "rocket", "rockets"])
"""Schemes of services on a host of one's own, which is checked as others are."""


def post(address: str, message: Message, deadline: Deadline) -> str:
    """What Apprise wrote to its log. Raises Failure."""
    try:
        return in_time(lambda: _posted(address, message, deadline), deadline.left())
    except TimeoutError:
        raise deadline.failure from None


def _posted(address: str, message: Message, deadline: Deadline) -> str:
    try:
        import apprise  # large, and not there without its extra
    except ImportError:
        raise Failure("Apprise is not installed: pip install 'content-metrics-dashboard[apprise]'") from None
    _require_known(address, deadline)
    said = Said.of(message)
    asset = apprise.AppriseAsset(async_mode=False, secure_logging=True, http_redirects=False)
    service = apprise.Apprise(asset=asset)
    with apprise.LogCapture(level=apprise.logging.WARNING, fmt="%(message)s") as log:
        if not service.add(_in_time(address, deadline)):
            raise Failure("Apprise does not understand this address", permanent=True)
        kind = apprise.NotifyType.SUCCESS if message.ended else apprise.NotifyType.WARNING
        taken = service.notify(
            title=said.headline, body=as_text(said), notify_type=kind, body_format=apprise.NotifyFormat.TEXT
        )
        said_last = log.getvalue().strip()
    if not taken:
        raise Failure(said_last or "Apprise says no more than that it failed")
    return said_last or "taken by Apprise"


def _require_known(address: str, deadline: Deadline) -> None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Failure("this is not an address of Apprise", permanent=True) from None
    if parts.scheme not in SERVICES | OWN:
        known = ", ".join(sorted(SERVICES | OWN))
        raise Failure(f"of Apprise's services only these are sent to: {known}", permanent=True)
    if parts.scheme in OWN:
        resolved(host or "", port or 443, deadline.left())


def _in_time(address: str, deadline: Deadline) -> str:
    """With time-outs for connecting and for each wait; Apprise knows none for all of it."""
    seconds = max(1.0, deadline.left() / 2)
    return f"{address}{'&' if '?' in address else '?'}cto={seconds:.1f}&rto={seconds:.1f}"
