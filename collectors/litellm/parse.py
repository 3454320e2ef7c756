"""LiteLLM's days and calls to a tally and points. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from collectors import local_time
from collectors.ai_reports.tally import NONE, SECOND, BadRow, Tally, amount, count, word
from collectors.prices import nano_usd
from collectors.reading import digits
from metricstore.catalogue import FieldValue
from metricstore.point import Point

DAILY, LOGS = "litellm", "litellm_logs"
_MILLISECOND = 1_000_000
_UTC = ZoneInfo("UTC")
_PROVIDERS = {"zhipuai": "zai"}
_COUNTS = {
    "input_tokens": "prompt_tokens", "output_tokens": "completion_tokens",
    "cache_read_input_tokens": "cache_read_input_tokens", "cache_write_input_tokens": "cache_creation_input_tokens",
    "requests": "api_requests", "failed_requests": "failed_requests",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """What one page says of a day: a day may be split over pages."""

    start: int
    providers: tuple[str, ...]
    models: Mapping[str, Any]
    metrics: Any


def part_of(row: Any, tally: Tally) -> Part | None:
    """None, and a dead letter, for what is no day."""
    try:
        day = date.fromisoformat(str(row["date"])[:10])
        if not 1970 < day.year < 2261:
            raise ValueError("a day that can't be stored")
    except (KeyError, TypeError, ValueError):
        tally.spoilt(0, "a day without its date", row)
        return None
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    broken = row.get("breakdown") if isinstance(row.get("breakdown"), dict) else {}
    models, providers = broken.get("models"), broken.get("providers")
    return Part(
        start, tuple(providers) if isinstance(providers, dict) else (), models if isinstance(models, dict) else {},
        row.get("metrics"),
    )  # fmt: skip


def add_days(parts: list[Part], tally: Tally) -> None:
    """All pages of some days. A provider is named where the whole day has one only."""
    providers: dict[int, set[str]] = {}
    for part in parts:
        providers.setdefault(part.start, set()).update(part.providers)
    for part in parts:
        named = providers[part.start]
        provider = _provider(next(iter(named))) if len(named) == 1 else NONE
        models = part.models or ({NONE: {"metrics": part.metrics}} if isinstance(part.metrics, dict) else {})
        for model, told in models.items():
            metrics = told.get("metrics") if isinstance(told, dict) else None
            with tally.row(part.start, told):
                if not isinstance(metrics, dict):
                    raise BadRow("a model without metrics")
                _add(part.start, provider, word(model), metrics, tally)


def _add(start: int, provider: str, model: str, metrics: dict[str, Any], tally: Tally) -> None:
    counts = {ours: count(metrics, theirs) for ours, theirs in _COUNTS.items()}
    spend = amount(metrics.get("spend"), "spend")
    shared = {"provider": provider, "model": model, "project": NONE}
    tally.usage(start, {**shared, "service_tier": NONE, "batch": NONE, "bucket": "1d"}, counts)
    # LiteLLM counts what it has no price for as 0, so a 0 for tokens that were used is no proof of "free"
    used = (counts["input_tokens"] or 0) + (counts["output_tokens"] or 0)
    tally.cost(start, {**shared, "line_item": "all"}, None if spend == 0 and used else spend)


def call_point(row: Any) -> Point:
    """One call of the spend logs; BadRow for what can't be one. Neither texts nor users nor addresses are kept."""
    if not isinstance(row, dict):
        raise BadRow("a call that isn't an object")
    name, ended = word(row.get("request_id"), ""), _time(row.get("endTime"))
    if not name or ended is None:
        raise BadRow("a call without its id or end")
    outcome = "error" if str(row.get("status") or "").lower() == "failure" else "ok"
    time = ended // _MILLISECOND * _MILLISECOND + digits(name, _MILLISECOND)
    found: dict[str, FieldValue | None] = {
        "request_id": name, "operation": _operation(row.get("call_type")), "model": word(row.get("model"), ""),
        "request_model": word(row.get("model_group"), "") or word(row.get("model"), ""),
        "project": word(row.get("team_id"), ""), "input_tokens": count(row, "prompt_tokens"),
        "output_tokens": count(row, "completion_tokens"), "duration_seconds": _duration(row, ended),
        "time_to_first_token_seconds": _first_token(row, ended), **_cost(row, outcome),
    }  # fmt: skip
    if outcome == "error":
        found["error_type"] = _error(row)
    fields = {key: value for key, value in found.items() if value is not None and value != ""}
    provider = _provider(word(row.get("custom_llm_provider")))
    return Point("gen_ai_request", time, {"source": LOGS, "provider": provider, "outcome": outcome}, fields)


def _cost(row: dict[str, Any], outcome: str) -> dict[str, FieldValue]:
    spend = amount(row.get("spend"), "spend")
    used = (count(row, "prompt_tokens") or 0) + (count(row, "completion_tokens") or 0)
    if spend is None or (spend == 0 and used and str(row.get("cache_hit")).lower() != "true"):
        return {} if outcome == "error" else {"pricing": "unknown"}
    return {"cost_nano_usd": nano_usd(spend), "pricing": "measured"}


def _duration(row: dict[str, Any], ended: int) -> float | None:
    told = amount(row.get("request_duration_ms"), "request_duration_ms")
    if told is not None and told >= 0:
        return float(told / Decimal(1000))
    started = _time(row.get("startTime"))
    return None if started is None or started > ended else (ended - started) / SECOND


def _first_token(row: dict[str, Any], ended: int) -> float | None:
    """Only while streaming: otherwise LiteLLM gives the end of the call."""
    started, first = _time(row.get("startTime")), _time(row.get("completionStartTime"))
    if started is None or first is None or not started <= first < ended:
        return None
    return (first - started) / SECOND


def _error(row: dict[str, Any]) -> str:
    """The class of an error from where LiteLLM keeps it."""
    metadata = row.get("metadata")
    told = metadata.get("error_information") if isinstance(metadata, dict) else None
    if isinstance(told, dict):
        return word(told.get("error_code"), "") or word(told.get("error_class"), "failure")
    return "failure"


def _operation(kind: Any) -> str:
    """`acompletion` and `completion` are chats; other kinds stay as LiteLLM writes them."""
    name = (
        word(kind, "").removeprefix("a") if word(kind, "").startswith(("acompletion", "aembedding")) else word(kind, "")
    )
    return {"completion": "chat", "embedding": "embeddings"}.get(name, name)


def _provider(name: str) -> str:
    plain = name.lower()
    return _PROVIDERS.get(plain, plain)


def _time(text: Any) -> int | None:
    """Nanoseconds; times without a zone are UTC."""
    return local_time.moment(text, _UTC)


def day_text(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def second_text(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"
