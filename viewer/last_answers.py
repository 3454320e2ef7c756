"""The last good answer, dated, while the store does not answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from flask import current_app, has_app_context
from plotly.io.json import to_json_plotly

from layouts.as_json import as_json
from layouts.formats import moment
from metricstore.errors import InvalidQuestion, StoreUnreachable
from metricstore.windows import zone
from viewer.request_context import default_selection, segments

EXTENSION = "last_answers"
"""Where the application has them; not there where its store can't hang."""


class Kept(Protocol):
    @property
    def text(self) -> str: ...

    @property
    def at(self) -> datetime: ...


class LastAnswers(Protocol):
    """Texts by key, the last of each."""

    def due(self, key: str) -> bool:
        """Whether what is kept under the key is old enough to be replaced."""

    def keep(self, key: str, text: str) -> None: ...

    def get(self, key: str) -> Kept | None: ...


@dataclass(frozen=True)
class Lasting:
    """`older`: "" for an answer of this moment, else `As of 10:15: the store does not answer`."""

    answer: Any
    older: str = ""


def lasting(key: object, words: Mapping[str, str] | None, make: Callable[[], Any]) -> Lasting:
    """What `make` makes. While the store does not answer: what it made last for the same key, the same words of the
    address and the same rights, as JSON; StoreUnreachable where there is none."""
    kept: LastAnswers | None = current_app.extensions.get(EXTENSION) if has_app_context() else None
    if kept is None:
        return Lasting(make())
    name = repr((key, sorted((words or {}).items()), segments()))
    try:
        found = make()
    except StoreUnreachable:
        old = kept.get(name)
        if old is None:
            raise
        return Lasting(json.loads(old.text), as_of(old.at, words))
    if kept.due(name):
        kept.keep(name, to_json_plotly(found if isinstance(found, dict) else as_json(found)))
    return Lasting(found)


def as_of(then: datetime, words: Mapping[str, str] | None) -> str:
    """On the viewer's clock, with the date where it was not today."""
    timezone = (words or {}).get("tz") or default_selection().timezone
    try:
        zone(timezone)
    except InvalidQuestion:
        timezone = default_selection().timezone
    text = moment(then, timezone, seconds=False)
    today = moment(datetime.now(UTC), timezone, seconds=False)[:10]
    return f"As of {text.removeprefix(today).strip()}: the store does not answer"
