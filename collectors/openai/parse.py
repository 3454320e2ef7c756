"""OpenAI's buckets to a tally. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from collectors.ai_reports.tally import NONE, BadRow, Tally, amount, count, word

PROVIDER = "openai"
_OF_MODEL = re.compile(r"(.+), (?:cached |batch |audio |text |image )*(?:input|output|cache write|training)s?$", re.I)


def usage_bucket(bucket: Any, tally: Tally) -> None:
    """Tokens of an hour. `input_tokens` has cached ones in it already."""
    _rows(bucket, tally, _usage)


def cost_bucket(bucket: Any, tally: Tally) -> None:
    """Dollars of a day, by project and line item."""
    _rows(bucket, tally, _cost)


def _rows(bucket: Any, tally: Tally, take: Callable[[int, dict[str, Any], Tally], None]) -> None:
    start = bucket.get("start_time") if isinstance(bucket, dict) else None
    if isinstance(start, bool) or not isinstance(start, int) or not 0 < start < 9 * 10**9:
        tally.spoilt(0, "a bucket without its start", bucket)
        return
    rows = bucket.get("results", bucket.get("result")) or []
    for row in rows if isinstance(rows, list) else [rows]:
        with tally.row(start, row):
            if not isinstance(row, dict):
                raise BadRow("a row that isn't an object")
            take(start, row, tally)


def _usage(start: int, row: dict[str, Any], tally: Tally) -> None:
    batch = row.get("batch")
    tags = {
        "provider": PROVIDER, "model": word(row.get("model")), "project": word(row.get("project_id")),
        "service_tier": word(row.get("service_tier")), "bucket": "1h",
        "batch": {True: "true", False: "false"}[batch] if isinstance(batch, bool) else NONE,
    }  # fmt: skip
    tally.usage(start, tags, {
        "input_tokens": count(row, "input_tokens"), "output_tokens": count(row, "output_tokens"),
        "cache_read_input_tokens": count(row, "input_cached_tokens"),
        "cache_write_input_tokens": count(row, "input_cache_write_tokens"),
        "requests": count(row, "num_model_requests"),
    })  # fmt: skip


def _cost(start: int, row: dict[str, Any], tally: Tally) -> None:
    paid = row.get("amount")
    paid = paid if isinstance(paid, dict) else {}
    usd = amount(paid.get("value"), "amount")
    if str(paid.get("currency") or "usd").lower() != "usd":
        usd = None  # another currency is no dollars: the line is shown as unpriced
    line = word(row.get("line_item"))
    tags = {
        "provider": PROVIDER, "model": model_of(line), "project": word(row.get("project_id")), "line_item": line,
    }  # fmt: skip
    quantity: Decimal | None = amount(row.get("quantity"), "quantity")
    tally.cost(start, tags, usd, quantity, word(row.get("quantity_unit"), ""))


def model_of(line: str) -> str:
    """The model a line item such as `gpt-4o-mini-2024-07-18, input` is about; `none` for any other."""
    found = _OF_MODEL.fullmatch(line)
    return found[1] if found else NONE
