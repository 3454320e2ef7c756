"""Anthropic's buckets to a tally. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from collectors import local_time
from collectors.ai_reports.tally import NONE, SECOND, BadRow, Tally, amount, count, word

PROVIDER = "anthropic"
DEFAULT = "default"
"""The workspace that has no id."""
_CENTS = Decimal(100)
_UTC = ZoneInfo("UTC")


def usage_bucket(bucket: Any, tally: Tally) -> None:
    """Tokens of an hour. Anthropic counts cached tokens beside the input: here they are added to it."""
    _rows(bucket, tally, _usage)


def cost_bucket(bucket: Any, tally: Tally) -> None:
    """Cents of a day, by workspace and kind."""
    _rows(bucket, tally, _cost)


def _rows(bucket: Any, tally: Tally, take: Callable[[int, dict[str, Any], Tally], None]) -> None:
    start = _moment(bucket.get("starting_at")) if isinstance(bucket, dict) else None
    if start is None:
        tally.spoilt(0, "a bucket without its start", bucket)
        return
    rows = bucket.get("results") or []
    for row in rows if isinstance(rows, list) else [rows]:
        with tally.row(start, row):
            if not isinstance(row, dict):
                raise BadRow("a row that isn't an object")
            take(start, row, tally)


def _usage(start: int, row: dict[str, Any], tally: Tally) -> None:
    tier = word(row.get("service_tier"))
    tags = {
        "provider": PROVIDER, "model": word(row.get("model")), "project": word(row.get("workspace_id"), DEFAULT),
        "service_tier": tier, "batch": NONE if tier == NONE else "true" if tier == "batch" else "false", "bucket": "1h",
    }  # fmt: skip
    written = _written(row)
    read, plain = count(row, "cache_read_input_tokens"), count(row, "uncached_input_tokens")
    searches = row.get("server_tool_use")
    tally.usage(start, tags, {
        # without the uncached part nobody knows the whole
        "input_tokens": None if plain is None else plain + (read or 0) + (written or 0),
        "cache_read_input_tokens": read, "cache_write_input_tokens": written,
        "output_tokens": count(row, "output_tokens"),
        "web_search_requests": count(searches, "web_search_requests") if isinstance(searches, dict) else None,
    })  # fmt: skip


def _written(row: dict[str, Any]) -> int | None:
    """Tokens written to the cache, however long they are kept; a length nobody knows yet counts too."""
    kinds = row.get("cache_creation")
    if not isinstance(kinds, dict):
        return None
    found = [count(kinds, name) for name in kinds if str(name).endswith("_input_tokens")]
    told = [number for number in found if number is not None]
    return sum(told) if told else None


def _cost(start: int, row: dict[str, Any], tally: Tally) -> None:
    cents = amount(row.get("amount"), "amount")
    if str(row.get("currency") or "USD").upper() != "USD":
        cents = None  # another currency is no dollars: the line is shown as unpriced
    kind, tokens = word(row.get("cost_type")), word(row.get("token_type"))
    tags = {
        "provider": PROVIDER, "model": word(row.get("model")), "project": word(row.get("workspace_id"), DEFAULT),
        "line_item": kind if tokens == NONE else f"{kind}:{tokens}",
    }  # fmt: skip
    tally.cost(start, tags, None if cents is None else cents / _CENTS)


def _moment(text: Any) -> int | None:
    """Seconds of an RFC 3339 time."""
    found = local_time.moment(text, _UTC)
    return None if found is None else found // SECOND


def rfc3339(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
