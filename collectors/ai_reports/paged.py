"""Reports that come in buckets of time, page by page: `data`, `has_more` and `next_page`, as OpenAI and Anthropic answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from collectors.ai_reports.tally import Tally
from collectors.http import Client, Sheet, follow, listing, mapping

Words = list[tuple[str, Any]]


def reader(
    name: str, client: Client, path: str, asked: Callable[[int, int], Words], take: Callable[[Any, Tally], None]
) -> Callable[[int, int, Tally], Iterator[None]]:
    """Reads the buckets in [start, stop) seconds into a tally, a page at each step. `name`: of the service, for errors;
    `asked`: the parameters for a range; `take`: counts one bucket."""

    def read(start: int, stop: int, tally: Tally) -> Iterator[None]:
        words = asked(start, stop)

        def page(cursor: str | int | None) -> Sheet:
            found = mapping(name, client.get_json(path, [*words, *([("page", cursor)] if cursor else [])]))
            after = found.get("next_page") if found.get("has_more") else None
            return Sheet(listing(name, found.get("data"), "data"), after)

        for sheet in follow(name, page):
            for one in sheet.items:
                take(one, tally)
            yield

    return read
