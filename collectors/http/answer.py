"""An HTTP answer as collectors see it, and JSON out of it or a clear sentence why not. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from collectors.base import Refused, TemporaryFailure
from collectors.json_places import NotJson, document

_EXCERPT = 200
_PATIENCE = 300.0
"""Seconds before a service that answers nonsense is asked again."""


def _nothing(_word: str) -> None:
    """NaN and Infinity are not JSON, though Python writes them."""


_DECODERS = {
    exact: json.JSONDecoder(parse_float=Decimal if exact else float, parse_constant=_nothing) for exact in (False, True)
}


@dataclass(frozen=True)
class Answer:
    """Status, headers (names in any case) and the whole body."""

    name: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    exact: bool = False

    def json(self) -> Any:
        """The body's JSON; with `exact`, numbers with a fraction are Decimal. Raises when it is none."""
        if not self.body.strip():
            raise TemporaryFailure(f"{self.name} answered with nothing at all", _PATIENCE)
        if self._is_page:
            text = f"{self.name} answered with a web page instead of JSON"
            raise TemporaryFailure(f"{text}: is its address right, is a proxy in between?", _PATIENCE)
        try:
            return self._value()
        except ValueError as error:
            where = f"after {error.place} of {len(self.body)} bytes" if isinstance(error, NotJson) else str(error)
            cut = self.body.lstrip()[:1] in (b"{", b"[") and self.body.rstrip()[-1:] not in (b"}", b"]")
            what = "an answer that was cut off" if cut else "something that isn't JSON"
            # a cut answer is worth a second try at once, nonsense is not
            raise TemporaryFailure(f"{self.name} sent {what} ({where})", None if cut else _PATIENCE) from None

    @cached_property
    def lenient(self) -> Any:
        """The body's JSON, None when it is none: for error answers, where anything may come."""
        try:
            return self._value()
        except ValueError:
            return None

    def _value(self) -> Any:
        """A part that no parser takes (nested too deeply, say) is `Unreadable`. NotJson and UnicodeDecodeError."""
        text = self.body.decode(json.detect_encoding(self.body), "surrogatepass")
        return document(text, _DECODERS[self.exact]).value

    @property
    def says(self) -> str:
        """What the service said of an error, in a few words; empty when nothing readable."""
        found = _message(self.lenient)
        if not found and not self._is_page:
            found = self.headers.get("www-authenticate", "") or (
                "" if self.lenient is not None else self.body[:_EXCERPT].decode("utf-8", "replace")
            )
        return " ".join(found.split())[:_EXCERPT]

    @property
    def _is_page(self) -> bool:
        html = "html" in self.headers.get("content-type", "").lower()
        return html or self.body.lstrip()[:1] == b"<"


def _message(body: Any) -> str:
    """The message in the shapes services use."""
    if isinstance(body, list) and body:
        return _message(body[0])
    if not isinstance(body, dict):
        return ""
    for key in ("message", "detail", "msg", "error_description", "title"):
        if isinstance(body.get(key), str) and body[key]:
            return str(body[key])
    for key in ("error", "errors", "detail"):
        value = body.get(key)
        if isinstance(value, str) and value:
            return value
        if found := _message(value):
            return found
    return ""


def unreadable(name: str, what: str) -> Refused:
    """For answers that are JSON but not as documented."""
    return Refused(
        f"{name}'s answer is not as documented: {what}",
        "Is the address right? Else the service has changed: a newer version of the dashboard may know how.", 3600.0,
    )  # fmt: skip
