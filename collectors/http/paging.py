"""Going through pages, never in circles and never without end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from collectors.base import Refused


@dataclass(frozen=True)
class Sheet:
    """One page: its items and what leads to the next one, None at the end."""

    items: list[Any]
    next: str | int | None


def follow(
    name: str, ask: Callable[[str | int | None], Sheet], *, limit: int = 200, start: str | int | None = None
) -> Iterator[Sheet]:
    """Pages by `ask(cursor)`, the first with `start`. Refused for a cursor that comes twice and after `limit` pages."""
    seen: set[str | int | None] = {start}
    cursor = start
    for _ in range(limit):
        sheet = ask(cursor)
        yield sheet
        if sheet.next is None:
            return
        if sheet.next in seen:
            raise Refused(
                f"{name}'s pages go in circles: the same cursor came twice",
                "This is the service's mistake; it is tried again in an hour.", 3600.0,
            )  # fmt: skip
        seen.add(sheet.next)
        cursor = sheet.next
    raise Refused(
        f"{name} has more than {limit} pages for one question; the rest was left out",
        "It is tried again in an hour. A shorter range (dashapp backfill --from --to) asks for fewer.", 3600.0,
    )  # fmt: skip
