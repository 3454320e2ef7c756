"""Usage and costs of an OpenAI organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from collectors.ai_reports.base import ReportCollector
from collectors.ai_reports.paged import reader
from collectors.ai_reports.tally import Tally
from collectors.ai_reports.windows import Report
from collectors.base import Checkpoint
from collectors.http import Answer, Client, Window
from collectors.openai.parse import cost_bucket, usage_bucket
from collectors.services import Service

NAME = "OpenAI"
SETTING = "DASHAPP_OPENAI_ADMIN_KEY"
HOUR, DAY = 3_600, 86_400
WINDOWS = (Window("15m", 900, 60),)
"""Our own bound: OpenAI does not publish one for these reports."""
_NO_MONEY = {"insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached"}


class OpenAiCollector(ReportCollector):
    """Asks for tokens by the hour and dollars by the day; see README.md beside this file."""

    name = "openai"

    def service(self) -> Service:
        return self.source.services.openai

    def client(self, checkpoint: Checkpoint) -> Client:
        def meaning(answer: Answer) -> Exception | None:
            return spent(client, answer)

        client = Client(
            NAME, self.service(), checkpoint, setting=SETTING, windows=WINDOWS, error=meaning, exact=True, now=self._now
        )
        return client

    def reports(self, client: Client) -> list[Report]:
        usage = [("group_by[]", name) for name in ("model", "project_id", "batch", "service_tier")]
        costs = [("group_by[]", name) for name in ("project_id", "line_item")]
        return [
            Report("usage", self.name, ("gen_ai_usage",),
                   _reader(client, "organization/usage/completions", "1h", HOUR, usage, usage_bucket),
                   every=900, bucket=HOUR, portion=7 * DAY, trailing=3 * HOUR, corrections=3 * DAY, history=30 * DAY),
            Report("costs", self.name, ("gen_ai_cost",),
                   _reader(client, "organization/costs", "1d", DAY, costs, cost_bucket),
                   every=6 * HOUR, bucket=DAY, portion=30 * DAY, trailing=7 * DAY, corrections=7 * DAY,
                   history=90 * DAY),
        ]  # fmt: skip


def _reader(
    client: Client, path: str, width: str, bucket: int, grouping: list[tuple[str, str]],
    take: Callable[[Any, Tally], None],
) -> Callable[[int, int, Tally], Iterator[None]]:  # fmt: skip
    def asked(start: int, stop: int) -> list[tuple[str, Any]]:
        return [
            ("start_time", start), ("end_time", stop), ("bucket_width", width), ("limit", (stop - start) // bucket),
            *grouping,
        ]  # fmt: skip

    return reader(NAME, client, path, asked, take)


def spent(client: Client, answer: Answer) -> Exception | None:
    """A 429 that means money rather than speed: no sense in trying soon."""
    error = answer.lenient.get("error") if isinstance(answer.lenient, dict) else None
    if not isinstance(error, dict):
        return None
    code = str(error.get("code") or error.get("type") or "")
    if answer.status == 429 and code in _NO_MONEY:
        return client.pause(f"{NAME} says that the account's credit is used up ({code})", HOUR)
    hint = f"{SETTING} must be an admin key, made by an owner of the organisation; ordinary keys may not read usage."
    return client.turned_away(answer, hint)
