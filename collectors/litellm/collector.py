"""Usage, cost and calls of a LiteLLM proxy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from collectors.ai_reports.base import ReportCollector
from collectors.ai_reports.tally import Tally
from collectors.ai_reports.windows import Report
from collectors.base import Checkpoint, Problem
from collectors.http import Answer, Client, Sheet, Window, follow, listing, mapping
from collectors.litellm.parse import DAILY, LOGS, Part, add_days, call_point, day_text, part_of, second_text
from collectors.services import Service
from metricstore.point import Point

NAME = "LiteLLM"
SETTING = "DASHAPP_LITELLM_KEY"
HOUR, DAY = 3_600, 86_400
PAGE = 1000
WINDOWS = (Window("15m", 900, 300),)
"""Our own bound: a proxy has none, but its database answers slowly."""


class LiteLlmCollector(ReportCollector):
    """Asks for tokens and dollars by the day and for single calls; see README.md beside this file."""

    name = "litellm"

    def service(self) -> Service:
        return self.source.services.litellm

    def validate(self) -> list[Problem]:
        if self.service().given and not self.service().url:
            return [Problem("DASHAPP_LITELLM_KEY is set, but not where the proxy is", "Set DASHAPP_LITELLM_URL.")]
        return []

    def ready(self) -> bool:
        return self.service().given and bool(self.service().url)

    def client(self, checkpoint: Checkpoint) -> Client:
        def meaning(answer: Answer) -> Exception | None:
            if answer.status == 400 and "database" in answer.says.lower():
                return client.refuse(f"{NAME} has no database, so it keeps neither activity nor logs ({answer.says})")
            return None

        client = Client(
            NAME, self.service(), checkpoint, setting=SETTING, windows=WINDOWS, error=meaning, exact=True,
            timeout_seconds=60.0, now=self._now,
        )  # fmt: skip
        return client

    def reports(self, client: Client) -> list[Report]:
        return [
            Report("logs", LOGS, ("gen_ai_request",), _logs(client), every=900, bucket=HOUR, portion=6 * HOUR,
                   trailing=2 * HOUR, corrections=DAY, history=7 * DAY),
            Report("daily", DAILY, ("gen_ai_usage", "gen_ai_cost"), _daily(client), every=900, bucket=DAY, portion=DAY,
                   trailing=2 * DAY, corrections=7 * DAY, history=30 * DAY),
        ]  # fmt: skip


def _daily(client: Client) -> Callable[[int, int, Tally], Iterator[None]]:
    def read(start: int, stop: int, tally: Tally) -> Iterator[None]:
        asked = {"start_date": day_text(start), "end_date": day_text(stop - 1), "page_size": PAGE}
        parts: list[Part] = []

        def page(number: str | int | None) -> Sheet:
            found = mapping(NAME, client.get_json("user/daily/activity", {**asked, "page": number}))
            about = found.get("metadata")
            about = about if isinstance(about, dict) else {}
            return Sheet(listing(NAME, found.get("results"), "results"), _next(about, number, about.get("has_more")))

        for sheet in follow(NAME, page, start=1):
            parts.extend(part for row in sheet.items if (part := part_of(row, tally)) is not None)
            yield
        add_days(parts, tally)

    return read


def _logs(client: Client) -> Callable[[int, int, Tally], Iterator[None]]:
    def read(start: int, stop: int, tally: Tally) -> Iterator[None]:
        asked = {
            "start_date": second_text(start), "end_date": second_text(stop), "page_size": PAGE,
            "sort_by": "startTime", "sort_order": "asc",
        }  # fmt: skip
        seen: dict[str, Point] = {}

        def page(number: str | int | None) -> Sheet:
            found = mapping(NAME, client.get_json("spend/logs/v2", {**asked, "page": number}))
            return Sheet(listing(NAME, found.get("data"), "data"), _next(found, number, None))

        for sheet in follow(NAME, page, start=1):
            for row in sheet.items:
                with tally.row(start, row):
                    point = call_point(row)
                    seen[str(point.fields["request_id"])] = point  # pages shift while calls come in
            yield
        tally.calls.extend(seen.values())
        tally.records += len(seen)

    return read


def _next(about: dict[str, Any], number: str | int | None, more: Any) -> int | None:
    """The page after `number` by what an answer says of itself; None at the end."""
    pages = about.get("total_pages")
    last = int(pages) if isinstance(pages, int) and not isinstance(pages, bool) else None
    here = number if isinstance(number, int) else 1
    if more is True or (more is None and last is not None and here < last):
        return here + 1
    return None
