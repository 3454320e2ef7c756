"""OpenAI's organisation reports: usage by the hour and costs by the day, in pages of buckets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.standins.server import Call, Reply, StandIn

KEY = "sk-admin-for-the-stand-in"
_WIDTHS = {"1m": 60, "1h": 3_600, "1d": 86_400}
_MOST = {"1m": 1440, "1h": 168, "1d": 31}


class OpenAiStandIn(StandIn):
    """`usage` and `costs` are rows by the start of their bucket; a row's dimensions are null unless grouped by."""

    path = "/v1"

    def __init__(self, port: int = 0) -> None:
        self.usage: dict[int, list[dict[str, Any]]] = {}
        self.costs: dict[int, list[dict[str, Any]]] = {}
        self.page_buckets: int | None = None
        """Fewer buckets on a page than asked for."""
        super().__init__(port)

    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return refusal(401, "invalid_api_key", f"Incorrect API key provided: {call.headers.get('authorization')}.")
        name = call.path.removeprefix("/v1/organization/")
        kinds = {"usage/completions": (self.usage, 31), "costs": (self.costs, 180)}
        if name not in kinds:
            return refusal(404, "not_found", "Unknown request URL")
        rows, most_days = kinds[name]
        width = call.one("bucket_width", "1d")
        if name == "costs" and width != "1d":
            return refusal(400, "invalid_value", "bucket_width must be 1d")
        limit = int(call.one("limit", "7"))
        if not 1 <= limit <= (most_days if width == "1d" else _MOST[width]):
            return refusal(400, "invalid_value", f"limit must not be {limit}")
        return Reply(200, self._page(rows, call, _WIDTHS[width], limit))

    def _page(self, rows: dict[int, list[dict[str, Any]]], call: Call, width: int, limit: int) -> dict[str, Any]:
        start, stop = int(call.one("start_time")), int(call.one("end_time"))
        begin = int(call.one("page", "page_0").removeprefix("page_"))
        starts = list(range(start // width * width, stop, width))
        size = min(limit, self.page_buckets or limit)
        shown = starts[begin : begin + size]
        more = begin + size < len(starts)
        grouped = set(call.query.get("group_by[]", []))
        data = [
            {"object": "bucket", "start_time": at, "end_time": at + width,
             "results": [_seen(row, grouped) for row in rows.get(at, [])]}
            for at in shown
        ]  # fmt: skip
        return {"object": "page", "data": data, "has_more": more, "next_page": f"page_{begin + size}" if more else None}


def _seen(row: dict[str, Any], grouped: set[str]) -> dict[str, Any]:
    dimensions = ("project_id", "user_id", "api_key_id", "model", "batch", "service_tier", "line_item")
    return row | {name: None for name in dimensions if name in row and name not in grouped}


def refusal(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})


def usage_row(
    model: str, tokens: int, output: int, requests: int, cached: int | None = 0, **more: Any
) -> dict[str, Any]:
    return {
        "object": "organization.usage.completions.result", "input_tokens": tokens, "input_cached_tokens": cached,
        "output_tokens": output, "num_model_requests": requests, "project_id": "proj_demo1", "user_id": None,
        "api_key_id": None, "model": model, "batch": False, "service_tier": None, **more,
    }  # fmt: skip


def cost_row(line_item: str, value: float | None, quantity: float | None = None, **more: Any) -> dict[str, Any]:
    return {
        "object": "organization.costs.result", "amount": {"value": value, "currency": "usd"}, "line_item": line_item,
        "project_id": "proj_demo1", "api_key_id": None, "user_id": None, "quantity": quantity,
        "quantity_unit": None if quantity is None else "tokens", **more,
    }  # fmt: skip


def lively(server: OpenAiStandIn, now: float) -> OpenAiStandIn:
    """A month of hours and days, for looking at."""
    for hour in _steps(now, 30 * 24, 3_600):
        busy = 1 + (hour // 3_600) % 24 // 4
        server.usage[hour] = [
            usage_row("gpt-4o-mini-2024-07-18", 9_000 * busy, 1_400 * busy, 3 * busy, cached=2_000 * busy),
            usage_row("gpt-4o-2024-08-06", 2_000 * busy, 300 * busy, busy, cached=0),
        ]
    for day in _steps(now, 90, 86_400):
        scale = 1 + (day // 86_400) % 5
        server.costs[day] = [
            cost_row("gpt-4o-mini-2024-07-18, input", 0.0321 * scale, 216_000.0 * scale),
            cost_row("gpt-4o-mini-2024-07-18, output", 0.0202 * scale, 33_600.0 * scale),
            cost_row("gpt-4o-2024-08-06, input", 0.12 * scale, 48_000.0 * scale),
        ]
    return server


def _steps(now: float, count: int, width: int) -> Iterator[int]:
    last = int(now) // width * width
    return (last - place * width for place in range(count))
