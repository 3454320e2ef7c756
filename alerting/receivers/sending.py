"""Sends a message once and says for each recipient what came of it. When to send again is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from alerting.message import Message
from alerting.receivers import over_apprise, over_http, over_mail
from alerting.receivers.answers import meaning, without_secrets
from alerting.receivers.bodies.mail import mail
from alerting.receivers.outcome import Failure, Outcome
from alerting.receivers.receiver import Receiver
from alerting.receivers.requests import requests
from alerting.receivers.secret import SecretMissing
from alerting.receivers.waiting import Deadline

SECONDS = 10.0
"""For all of it: resolving the name, connecting, sending, the answer."""
_PICTURE_REFUSED = frozenset({400, 413, 415, 422})


def send(
    receiver: Receiver, message: Message, now: datetime, only: Iterable[str] | None = None, *, seconds: float = SECONDS
) -> list[Outcome]:
    """One outcome for each of `receiver.recipients`, or for those in `only`. Raises nothing that a receiver does.

    A secret that is not there can be put there: that is no permanent failure.
    """
    wanted = None if only is None else set(only)
    recipients = [each for each in receiver.recipients if wanted is None or each in wanted]
    if not recipients:
        return []
    try:
        hidden = _hidden(receiver)
        with Deadline(seconds) as deadline:
            found = _sent(receiver, message, now, recipients, deadline)
    except SecretMissing as error:
        return [Outcome(each, delivered=False, answer=str(error)) for each in recipients]
    return [_outcome(each, found[each], hidden) for each in recipients]


def _hidden(receiver: Receiver) -> list[str]:
    """What must not stand in an answer: the secrets, and the parts of an address that is one."""
    found = []
    for word, secret in receiver.secrets.items():
        value = secret.read()
        found += [value, *_parts(value)] if word == "url" else [value]
    return found


def _parts(url: str) -> list[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    return [parts.path, parts.query, *(each for each in parts.path.split("/") if len(each) >= 8)]


def _sent(
    receiver: Receiver, message: Message, now: datetime, recipients: list[str], deadline: Deadline
) -> over_mail.Verdicts:
    if receiver.kind != "mail":
        return dict.fromkeys(recipients, _posted(receiver, message, now, deadline))
    content = mail(message, receiver.sender, receiver.to, now)
    envelope = over_mail.Envelope(over_mail.bare(receiver.sender), recipients, content)
    return over_mail.post(receiver.address(), receiver.user, receiver.secret("password"), envelope, deadline)


def _posted(receiver: Receiver, message: Message, now: datetime, deadline: Deadline) -> str | Failure:
    """The first request that is taken: those after it ask for less, where a picture is refused."""
    try:
        if receiver.kind == "apprise":
            return over_apprise.post(receiver.address(), message, deadline)
        wanted = requests(receiver, message, now)
        for request in wanted[:-1]:
            answer = over_http.post(request, deadline)
            if answer.status not in _PICTURE_REFUSED:
                return meaning(answer, now)
        return meaning(over_http.post(wanted[-1], deadline), now)
    except Failure as failure:
        return failure


def _outcome(recipient: str, found: str | Failure, hidden: list[str]) -> Outcome:
    answer = without_secrets(str(found), hidden)
    if isinstance(found, Failure):
        return Outcome(recipient, False, found.permanent, found.retry_after, answer)
    return Outcome(recipient, True, answer=answer)
