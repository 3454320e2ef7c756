"""What a receiver's answer over HTTP means, and what it says in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from alerting.receivers.bodies.plain import cut, one_line
from alerting.receivers.outcome import Failure
from collectors.http.waiting import LONGEST, asked_wait
from collectors.redaction import MASK, redact

LONGEST_ANSWER = 300
_NOT_LASTING = frozenset({408, 425, 429})
_TEXTS = ("description", "message", "error", "detail", "errors", "title", "status")
"""Under these words services say what they mean."""
_SHORT_SECRET = 4


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes


def meaning(answer: Answer, now: datetime) -> str:
    """What it said when it took the message; raises Failure when it did not."""
    found = _json(answer.body)
    status, said = _status(answer.status, found), _said(answer, found)
    text = f"{status}: {said}" if said else str(status)
    if 200 <= status < 300:
        return text
    if 300 <= status < 400:
        raise Failure(f"{status}: it leads to another address, which is not followed", permanent=True)
    lasting = 400 <= status < 500 and status not in _NOT_LASTING
    raise Failure(text, permanent=lasting, retry_after=None if lasting else _wait(answer, found, now))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _status(status: int, found: Any) -> int:
    """Telegram's `ok: false` counts whatever the status says."""
    if status < 300 and isinstance(found, dict) and found.get("ok") is False:
        code = found.get("error_code")
        return code if isinstance(code, int) and 400 <= code < 600 else 502
    return status


def _said(answer: Answer, found: Any) -> str:
    if found is not None:
        return one_line(_words(found))
    text = answer.body.decode("utf-8", "replace")
    if "<" in text and "html" in (answer.headers.get("content-type", "") + text[:200]).lower():
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        text = unescape(title[1]) if title else "a web page"
    return one_line(text)


def _words(found: Any) -> str:
    if isinstance(found, dict):
        parts = [_words(found[word]) for word in _TEXTS if found.get(word)]
        return "; ".join(dict.fromkeys(part for part in parts if part))
    if isinstance(found, list):
        return "; ".join(_words(each) for each in found[:3])
    return str(found) if isinstance(found, str | int | float) else ""


def _wait(answer: Answer, found: Any, now: datetime) -> float | None:
    """By header, or as Discord and Telegram say it, who are more exact there."""
    if isinstance(found, dict):
        inner = found.get("parameters")
        for place in (found, inner if isinstance(inner, dict) else {}):
            seconds = place.get("retry_after")
            if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds <= LONGEST:
                return float(seconds)
    return asked_wait(answer.headers, now.timestamp())


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """One short line in which none of these stands, nor anything else that looks like a secret."""
    for secret in sorted((each for each in secrets if len(each) >= _SHORT_SECRET), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return cut(redact(one_line(text)), LONGEST_ANSWER)
