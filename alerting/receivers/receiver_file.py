"""Receivers from the file that has the rules: every mistake with its line, in one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import time
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from alerting.receivers.addresses import mail_server, web_address
from alerting.receivers.receiver import DIGEST, KINDS, Kind, Receiver
from alerting.receivers.secret import Secret, SecretMissing
from alerting.rule_words import clock, rule_id, zone_name
from alerting.tables import Mistake, Taken, Wrong, read_tables
from collectors.redaction import redact

_TELEGRAM = "https://api.telegram.org"
_PAGERDUTY = "https://events.pagerduty.com"
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_CHAT = re.compile(r"-?\d{1,20}|@[A-Za-z0-9_]{3,64}")
Words = dict[str, Any]


def read_receivers(text: str, file: str) -> tuple[list[Receiver], list[Mistake]]:
    """Receivers that can be used, and what is wrong with the others. No secret is read here."""
    return read_tables(
        text, file, "receiver", lambda entry, line: _receiver(entry, file, line), lambda each: ("name", each.name)
    )


def missing_secrets(receiver: Receiver) -> list[Mistake]:
    """Those that are not where the file says, on this machine: nothing can be sent until they are."""
    found = []
    for word, secret in receiver.secrets.items():
        try:
            secret.read()
        except SecretMissing as error:
            found.append(Mistake(receiver.file, receiver.line, f"receiver {receiver.name!r}, {word}: {error}"))
    return found


def _receiver(entry: Mapping[str, Any], file: str, line: int) -> Receiver:
    taken = Taken(entry, "a receiver of this kind")
    name = taken.parsed("name", rule_id)
    kind: Kind = taken.choice("kind", KINDS)
    receiver = Receiver(name=name, kind=kind, **_WORDS[kind](taken), **_elsewhere(taken), file=file, line=line)
    taken.require_all_known()
    return receiver


def _elsewhere(taken: Taken) -> Words:
    """What every kind may have."""
    return {
        "fallback": taken.parsed("fallback", rule_id, ""), "digest": taken.parsed("digest", _digest, DIGEST),
        "timezone": taken.parsed("timezone", zone_name, "UTC"),
    }  # fmt: skip


def _digest(text: str) -> time | None:
    return None if text == "at once" else clock(text)


def _mail(taken: Taken) -> Words:
    words = {
        "to": _mailboxes(taken), "sender": taken.parsed("from", _sender), "url": taken.parsed("server", mail_server),
        "user": taken.text("user", ""), "secrets": _secrets(taken, "password"),
    }  # fmt: skip
    if bool(words["user"]) != bool(words["secrets"]):
        raise Wrong("user", "a mail server asks for user and password together, or for none of them")
    return words


def _webhook(taken: Taken) -> Words:
    return _address(taken, "secret", "token")


def _alertmanager(taken: Taken) -> Words:
    return _address(taken, "token")


def _by_address(taken: Taken) -> Words:
    """Slack, Teams, Discord, Apprise: whoever knows the address can write there."""
    return {"secrets": {"url": taken.parsed("url", Secret.parse)}}


def _ntfy(taken: Taken) -> Words:
    words = _address(taken, "token")
    url = words.get("url", "https://elsewhere/topic")
    if not urlsplit(url).path.strip("/"):
        raise Wrong("url", "an ntfy address ends with its topic: https://ntfy.example.org/content-alerts")
    return words


def _telegram(taken: Taken) -> Words:
    chat = taken.text("chat")
    if not _CHAT.fullmatch(chat):
        raise Wrong("chat", "a chat is its number, such as '-1001234567890', or '@name' of a channel")
    words = {"to": (chat,), "url": taken.parsed("url", web_address, _TELEGRAM)}
    return words | {"secrets": {"token": taken.parsed("token", Secret.parse)}}


def _pagerduty(taken: Taken) -> Words:
    return {"url": taken.parsed("url", web_address, _PAGERDUTY), "secrets": {"key": taken.parsed("key", Secret.parse)}}


def _address(taken: Taken, *secrets: str) -> Words:
    """`url` itself, or where it is kept if it is a secret."""
    found = _secrets(taken, *secrets)
    text = taken.text("url")
    if text.startswith(("env:", "file:")):
        return {"secrets": found | {"url": taken.parsed("url", Secret.parse)}}
    if redact(text) != text:
        raise Wrong(
            "url", "this address holds a secret: write url = 'env:NAME' or 'file:/path/to/it' and keep it there"
        )
    return {"url": taken.parsed("url", web_address), "secrets": found}


def _secrets(taken: Taken, *words: str) -> dict[str, Secret]:
    read = {word: taken.parsed(word, Secret.parse, None) for word in words}
    return {word: secret for word, secret in read.items() if secret is not None}


def _mailboxes(taken: Taken) -> tuple[str, ...]:
    found = taken.texts("to")
    if not found:
        raise Wrong("to", "'to' is missing: write the addresses, such as ['ops@example.org']")
    for each in found:
        if not _MAILBOX.fullmatch(each):
            raise Wrong("to", f"{each!r} is not a mail address")
    if len({each.lower() for each in found}) < len(found):
        raise Wrong("to", "an address is named twice")
    return found


def _sender(text: str) -> str:
    name, address = parseaddr(text)
    if not _MAILBOX.fullmatch(address) or not text.isprintable():
        raise ValueError("write an address, such as 'metrics@example.org' or 'Metrics <metrics@example.org>'")
    return f"{name} <{address}>" if name else address


_WORDS: dict[Kind, Callable[[Taken], Words]] = {
    "mail": _mail, "webhook": _webhook, "alertmanager": _alertmanager, "slack": _by_address, "teams": _by_address,
    "discord": _by_address, "ntfy": _ntfy, "telegram": _telegram, "pagerduty": _pagerduty, "apprise": _by_address,
}  # fmt: skip
