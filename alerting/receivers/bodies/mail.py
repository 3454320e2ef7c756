"""The mail: text, and the same as HTML with the picture in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from alerting.message import Message
from alerting.receivers.bodies.mail_page import PICTURE_ID, page
from alerting.receivers.bodies.plain import digest
from alerting.receivers.bodies.said import Said, as_text, color

_POLICY = SMTP.clone(cte_type="7bit")


def mail(message: Message, sender: str, to: Iterable[str], now: datetime) -> bytes:
    """As it goes over the wire. Sent again it has the same Message-ID; all mails of an alert have the same thread."""
    said = replace(Said.of(message), repeated="")  # mail programs know its Message-ID
    domain = parseaddr(sender)[1].rpartition("@")[2]
    thread = f"<{digest(message.thread)}@{domain}>"
    made = EmailMessage(policy=_POLICY)
    made["From"], made["To"] = sender, ", ".join(to)
    made["Subject"], made["Date"] = said.headline, format_datetime(now)
    made["Message-ID"] = f"<{digest(message.key)}@{domain}>"
    made["References"] = made["In-Reply-To"] = thread
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made.set_content(as_text(said), cte="quoted-printable")
    made.add_alternative(page(said, color(message), bool(message.picture)), subtype="html", cte="quoted-printable")
    if message.picture:
        _add_picture(made, message.picture)
    return made.as_bytes()


def _add_picture(made: EmailMessage, picture: bytes) -> None:
    *_, html = made.iter_parts()
    assert isinstance(html, EmailMessage)
    html.add_related(picture, "image", "png", cid=f"<{PICTURE_ID}>", filename="chart.png", disposition="inline")
