"""Usage and cost of an Anthropic organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from collectors.ai_reports.base import ReportCollector
from collectors.ai_reports.paged import reader
from collectors.ai_reports.tally import Tally
from collectors.ai_reports.windows import Report
from collectors.anthropic.parse import cost_bucket, rfc3339, usage_bucket
from collectors.base import Checkpoint
from collectors.http import Answer, Client, Window
from collectors.services import Service

NAME = "Anthropic"
SETTING = "DASHAPP_ANTHROPIC_ADMIN_KEY"
VERSION = "2023-06-01"
HOUR, DAY = 3_600, 86_400
WINDOWS = (Window("15m", 900, 60),)
"""Our own bound: Anthropic supports asking once a minute, and publishes no other limit."""


class AnthropicCollector(ReportCollector):
    """Asks for tokens by the hour and cents by the day; see README.md beside this file."""

    name = "anthropic"
    interval_seconds = 300.0

    def service(self) -> Service:
        return self.source.services.anthropic

    def client(self, checkpoint: Checkpoint) -> Client:
        def meaning(answer: Answer) -> Exception | None:
            return refused(client, answer)

        service = self.service()
        headers = {"x-api-key": service.key.strip(), "anthropic-version": VERSION}
        client = Client(
            NAME, service, checkpoint, setting=SETTING, headers=headers, windows=WINDOWS, error=meaning, exact=True,
            now=self._now,
        )  # fmt: skip
        return client

    def reports(self, client: Client) -> list[Report]:
        usage, costs = ("model", "workspace_id", "service_tier"), ("workspace_id", "description")
        return [
            Report("usage", self.name, ("gen_ai_usage",),
                   _reader(client, "v1/organizations/usage_report/messages", "1h", HOUR, usage, usage_bucket),
                   every=300, bucket=HOUR, portion=7 * DAY, trailing=3 * HOUR, corrections=3 * DAY, history=30 * DAY),
            Report("costs", self.name, ("gen_ai_cost",),
                   _reader(client, "v1/organizations/cost_report", "1d", DAY, costs, cost_bucket),
                   every=6 * HOUR, bucket=DAY, portion=30 * DAY, trailing=7 * DAY, corrections=7 * DAY,
                   history=90 * DAY),
        ]  # fmt: skip


def _reader(
    client: Client, path: str, width: str, bucket: int, grouping: tuple[str, ...], take: Callable[[Any, Tally], None]
) -> Callable[[int, int, Tally], Iterator[None]]:
    def asked(start: int, stop: int) -> list[tuple[str, Any]]:
        return [
            ("starting_at", rfc3339(start)), ("ending_at", rfc3339(stop)), ("bucket_width", width),
            ("limit", (stop - start) // bucket), *(("group_by[]", name) for name in grouping),
        ]  # fmt: skip

    return reader(NAME, client, path, asked, take)


def refused(client: Client, answer: Answer) -> Exception | None:
    """Refusals with what to do about them, and a spend limit, which no waiting of a minute lifts."""
    error = answer.lenient.get("error") if isinstance(answer.lenient, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    code = str(details.get("error_code") or "") if isinstance(details, dict) else ""
    if answer.status == 429 and code == "enforced_spend_limit_reached":
        return client.pause(f"{NAME} says that the spend limit is reached", HOUR)
    hint = f"{SETTING} must be an admin key (sk-ant-admin…) of an organisation, made in the Console by an admin."
    return client.turned_away(answer, hint)
