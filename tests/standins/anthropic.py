"""Anthropic's organisation reports: usage by the hour, cost in fractional cents by the day, in pages of buckets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.standins.server import Call, Reply, StandIn

KEY = "sk-ant-admin-for-the-stand-in"
_WIDTHS = {"1m": 60, "1h": 3_600, "1d": 86_400}
_MOST = {"1m": 1440, "1h": 168, "1d": 31}


class AnthropicStandIn(StandIn):
    """`usage` and `costs` are rows by the start of their bucket."""

    def __init__(self, port: int = 0) -> None:
        self.usage: dict[int, list[dict[str, Any]]] = {}
        self.costs: dict[int, list[dict[str, Any]]] = {}
        self.page_buckets: int | None = None
        """Fewer buckets on a page than asked for."""
        super().__init__(port)

    def answer(self, call: Call) -> Reply:
        if call.headers.get("x-api-key") != KEY:
            return refusal(401, "authentication_error", "invalid x-api-key")
        if not call.headers.get("anthropic-version"):
            return refusal(400, "invalid_request_error", "anthropic-version: header is required")
        kinds = {"usage_report/messages": self.usage, "cost_report": self.costs}
        name = call.path.removeprefix("/v1/organizations/")
        if name not in kinds:
            return refusal(404, "not_found_error", "Not found")
        width = call.one("bucket_width", "1d")
        limit = int(call.one("limit", "7"))
        if (name == "cost_report" and width != "1d") or not 1 <= limit <= _MOST[width]:
            return refusal(400, "invalid_request_error", f"limit: {limit} buckets of {width}")
        return Reply(200, self._page(kinds[name], call, _WIDTHS[width], limit))

    def _page(self, rows: dict[int, list[dict[str, Any]]], call: Call, width: int, limit: int) -> dict[str, Any]:
        start, stop = (int(datetime.fromisoformat(call.one(name)).timestamp()) for name in ("starting_at", "ending_at"))
        begin = int(call.one("page", "page_0").removeprefix("page_"))
        starts = list(range(start // width * width, stop, width))
        size = min(limit, self.page_buckets or limit)
        more = begin + size < len(starts)
        data = [
            {"starting_at": _iso(at), "ending_at": _iso(at + width), "results": rows.get(at, [])}
            for at in starts[begin : begin + size]
        ]
        return {"data": data, "has_more": more, "next_page": f"page_{begin + size}" if more else None}


def _iso(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def refusal(status: int, kind: str, message: str) -> Reply:
    return Reply(status, {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"})


def usage_row(
    model: str | None, uncached: int, output: int, read: int = 0, written: int = 0, **more: Any
) -> dict[str, Any]:
    return {
        "uncached_input_tokens": uncached, "cache_read_input_tokens": read, "output_tokens": output,
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
        "server_tool_use": {"web_search_requests": 0}, "api_key_id": None, "workspace_id": None, "model": model,
        "service_tier": "standard", "context_window": None, **more,
    }  # fmt: skip


def cost_row(model: str | None, token_type: str | None, cents: str | None, **more: Any) -> dict[str, Any]:
    return {
        "amount": cents, "currency": "USD", "cost_type": "tokens", "token_type": token_type, "model": model,
        "description": f"{model} usage", "workspace_id": None, "service_tier": "standard", "context_window": "0-200k",
        **more,
    }  # fmt: skip


def lively(server: AnthropicStandIn, now: float) -> AnthropicStandIn:
    """A month of hours and days, for looking at."""
    hour, day = int(now) // 3_600 * 3_600, int(now) // 86_400 * 86_400
    for place in range(30 * 24):
        at = hour - place * 3_600
        busy = 1 + (at // 3_600) % 24 // 5
        server.usage[at] = [usage_row("claude-sonnet-4-5", 7_000 * busy, 1_900 * busy, 4_300 * busy, 1_200)]
    for place in range(90):
        scale = 1 + (day // 86_400 - place) % 4
        server.costs[day - place * 86_400] = [
            cost_row("claude-sonnet-4-5", "output_tokens", f"{17.4125 * scale:.4f}"),
            cost_row("claude-sonnet-4-5", "uncached_input_tokens", f"{6.3 * scale:.4f}"),
            cost_row("claude-sonnet-4-5", "cache_read_input_tokens", f"{0.387 * scale:.4f}"),
        ]
    return server
