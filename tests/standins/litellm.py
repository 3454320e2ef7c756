"""A LiteLLM proxy's daily activity and spend logs, both in numbered pages of rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.standins.server import Call, Reply, StandIn

KEY = "sk-litellm-for-the-stand-in"


class LiteLlmStandIn(StandIn):
    """`days` are (date, provider, model, metrics) rows; `logs` are calls."""

    def __init__(self, port: int = 0) -> None:
        self.days: list[tuple[str, str, str, dict[str, Any]]] = []
        self.logs: list[dict[str, Any]] = []
        self.page_rows: int | None = None
        """Fewer rows on a page than asked for: a day is then split over pages."""
        self.database = True
        super().__init__(port)

    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return refusal(
                401, f"Authentication Error, Invalid proxy server token passed: {call.headers.get('authorization')}"
            )
        if not self.database:
            return refusal(400, "Database not connected. Connect a database to your proxy")
        if not call.one("start_date") or not call.one("end_date"):
            return Reply(422, {"detail": [{"loc": ["query", "start_date"], "msg": "field required"}]})
        page, size = int(call.one("page", "1")), int(call.one("page_size", "50"))
        if not 1 <= size <= 1000:
            return Reply(422, {"detail": [{"loc": ["query", "page_size"], "msg": "at most 1000"}]})
        size = min(size, self.page_rows or size)
        if call.path == "/user/daily/activity":
            return Reply(200, self._daily(call.one("start_date"), call.one("end_date"), page, size))
        if call.path == "/spend/logs/v2":
            return Reply(200, self._spend(call.one("start_date"), call.one("end_date"), page, size))
        return Reply(404, {"detail": "Not Found"})

    def _daily(self, start: str, stop: str, page: int, size: int) -> dict[str, Any]:
        rows = [row for row in self.days if start <= row[0] <= stop]
        pages = max(1, -(-len(rows) // size))
        days: dict[str, dict[str, Any]] = {}
        for day, provider, model, metrics in rows[(page - 1) * size : page * size]:
            found = days.setdefault(day, {
                "date": day, "metrics": {}, "breakdown": {"models": {}, "providers": {}, "api_keys": {}, "entities": {}},
            })  # fmt: skip
            _merge(found["metrics"], metrics)
            for kind, name in (("models", model), ("providers", provider)):
                _merge(found["breakdown"][kind].setdefault(name, {"metrics": {}, "metadata": {}})["metrics"], metrics)
        about = {"total_spend": 0.0, "page": page, "total_pages": pages, "has_more": page < pages}
        return {"results": list(days.values()), "metadata": about}

    def _spend(self, start: str, stop: str, page: int, size: int) -> dict[str, Any]:
        first, last = (f"{text.replace(' ', 'T')}" for text in (start, stop))
        rows = sorted((r for r in self.logs if first <= str(r["startTime"])[:19] <= last), key=lambda r: r["startTime"])
        pages = max(1, -(-len(rows) // size))
        data = rows[(page - 1) * size : page * size]
        return {"data": data, "total": len(rows), "page": page, "page_size": size, "total_pages": pages}


def _merge(into: dict[str, Any], metrics: dict[str, Any]) -> None:
    for name, value in metrics.items():
        both = isinstance(value, int | float) and isinstance(into.get(name), int | float)
        into[name] = into[name] + value if both else value


def refusal(status: int, message: str) -> Reply:
    return Reply(status, {"error": {"message": message, "type": "auth_error", "param": "None", "code": str(status)}})


def metrics(spend: float | None, tokens: int, output: int, calls: int, failed: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "spend": spend, "prompt_tokens": tokens, "completion_tokens": output, "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0, "total_tokens": tokens + output, "successful_requests": calls - failed,
        "failed_requests": failed, "api_requests": calls, **more,
    }  # fmt: skip


def call_row(name: str, ended: float, model: str = "glm-4.5-air", seconds: float = 2.5, **more: Any) -> dict[str, Any]:
    end = datetime.fromtimestamp(ended, UTC)
    return {
        "request_id": name, "call_type": "acompletion", "api_key": "hash", "spend": 0.000412, "prompt_tokens": 412,
        "completion_tokens": 655, "total_tokens": 1067, "startTime": (end - timedelta(seconds=seconds)).isoformat(),
        "endTime": end.isoformat(), "completionStartTime": end.isoformat(), "request_duration_ms": seconds * 1000,
        "model": model, "model_group": model, "custom_llm_provider": "zai", "cache_hit": "False", "status": "success",
        "user": "someone@example.com", "requester_ip_address": "10.0.0.9", "team_id": None, "metadata": {},
        "messages": [{"role": "user", "content": "a secret prompt"}], "response": {"content": "a secret answer"}, **more,
    }  # fmt: skip


def lively(server: LiteLlmStandIn, now: float) -> LiteLlmStandIn:
    """A month of days and a week of calls, for looking at."""
    for place in range(30):
        day = f"{datetime.fromtimestamp(now - place * 86_400, UTC):%Y-%m-%d}"
        server.days.append((day, "zai", "glm-4.5-air", metrics(0.0179, 30_000, 7_000, 40, place % 3)))
        server.days.append((day, "openai", "gpt-4o-mini", metrics(0.0121, 11_200, 1_800, 20)))
    for place in range(7 * 48):
        failed = {"status": "failure", "spend": 0.0, "completion_tokens": 0} if place % 17 == 5 else {}
        seconds = 1.2 + place % 9 / 2
        server.logs.append(call_row(f"req-{place}", now - 300 - place * 1_800, seconds=seconds, **failed))
    return server
