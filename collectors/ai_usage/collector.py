"""Reads `outputs/ai_usage.ndjson`, which the observed system appends a line to for each AI call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property

from collectors.ai_usage.parse import Call, parse_call
from collectors.base import Problem
from collectors.platform_moves import respelled_fields
from collectors.prices import PriceError, PriceTable, load_prices, nano_usd
from collectors.source import Source
from collectors.tailing.json_lines import point_time
from collectors.tailing.line_collector import LineCollector
from metricstore.point import Point
from metricstore.query import Filter
from metricstore.store import Store

_OWN = (Filter("source", "any", ("app",)),)


class AiUsageCollector(LineCollector):
    """AI calls with tokens, latency, outcome and cost."""

    name = "ai_usage"
    lines_are = "AI calls"
    understood = 'one JSON object a line with at least {"time": …}, see docs/ai-usage.md'
    version = 2

    def __init__(self, source: Source) -> None:
        super().__init__(source, source.ai_usage_path())

    @cached_property
    def _prices(self) -> PriceTable:
        return load_prices(self.source.price_table)

    def validate(self) -> list[Problem]:
        try:
            load_prices(self.source.price_table)
        except PriceError as error:
            return [Problem(str(error), "mend the file or unset DASHAPP_PRICE_TABLE", fatal=True)]
        return super().validate()

    def parse(self, text: str, file: str, line: int) -> tuple[Point, str]:
        call = parse_call(text, self.source.zone, datetime.now(UTC))
        time = point_time(call.ended, str(call.values.get("request_id") or text))
        tags = {"source": "app", "provider": call.provider, "outcome": call.outcome}
        return Point(
            "gen_ai_request", time, tags, {**call.values, **self._cost(call), "file": file, "line": line}
        ), call.remark

    def brought_up_to_date(self, store: Store) -> Iterator[list[Point]]:
        """Calls that an older version stored get the networks' names."""
        return respelled_fields(store, "gen_ai_request", _OWN)

    def _cost(self, call: Call) -> dict[str, str | int]:
        if call.cost_usd is not None:
            return {"cost_nano_usd": nano_usd(call.cost_usd), "pricing": "measured"}
        if call.outcome == "error" and call.tokens is None:
            return {}  # refused before anything was counted
        price = self._prices.find(call.provider, str(call.values.get("model", "")), call.ended)
        if price is None or call.tokens is None:
            return {"pricing": "unknown"}
        cost = nano_usd(price.usd(call.tokens))
        return {"cost_nano_usd": cost, "pricing": "estimated", "price_table": price.version}
