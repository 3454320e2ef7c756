"""One recorded AI call: a JSON object in our words, in a provider's `usage`, or in OpenTelemetry's attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from collectors.platforms import platform_named
from collectors.prices import Tokens
from collectors.tailing.json_lines import BadLine, brief, moment_of, object_of, seconds, whole_number, word
from metricstore.catalogue.ai import TOKENS

TEXTS = ("operation", "request_model", "project", "prompt_type", "platform", "error_type", "request_id")
_OTEL = {
    "gen_ai.provider.name": "provider",
    "gen_ai.system": "provider",
    "gen_ai.operation.name": "operation",
    "gen_ai.request.model": "request_model",
    "gen_ai.response.model": "model",
    "gen_ai.response.id": "request_id",
    "gen_ai.usage.input_tokens": "input_tokens",
    "gen_ai.usage.output_tokens": "output_tokens",
    "gen_ai.usage.cache_read.input_tokens": "cache_read_input_tokens",
    "gen_ai.usage.cache_write.input_tokens": "cache_write_input_tokens",
    "gen_ai.usage.cache_creation.input_tokens": "cache_write_input_tokens",
    "gen_ai.usage.reasoning.output_tokens": "reasoning_output_tokens",
    "gen_ai.client.operation.duration": "duration_seconds",
    "error.type": "error_type",
}
"""OpenTelemetry's GenAI names, older ones included, and ours."""
_ERRORS, _OKS = {"error", "failed", "failure", "timeout"}, {"ok", "success", "succeeded"}


@dataclass(frozen=True)
class Call:
    """`values` are fields of `gen_ai_request` apart from those derived from prices."""

    ended: datetime
    provider: str
    outcome: str
    values: Mapping[str, str | int | float]
    tokens: Tokens | None
    """None: not reported."""
    cost_usd: Decimal | None
    remark: str = ""
    """What was left out of it because it can't be read; empty when nothing was."""


T = TypeVar("T")


class _Notes(list[str]):
    """What is wrong with fields that a call can do without: such a field costs itself alone."""

    def without(self, read: Callable[..., T | None], *given: Any) -> T | None:
        try:
            return read(*given)
        except BadLine as reason:
            self.append(str(reason))
            return None


def parse_call(text: str, zone: ZoneInfo, now: datetime) -> Call:
    """A call from a line of NDJSON; BadLine names what is wrong. Times without an offset are in `zone`.

    Required is only when the call ended.
    """
    notes = _Notes()
    found = _flat(object_of(text), notes)
    ended = moment_of(found, zone, now, ("time", "end_time", "timestamp"), of="call")
    provider = notes.without(word, found, "provider") or "unknown"
    counts = _counts(found, notes)
    values: dict[str, str | int | float] = dict(counts)
    for name in TEXTS:
        if text_found := notes.without(word, found, name):
            values[name] = text_found
    if platform := platform_named(values.get("platform")):
        values["platform"] = platform
    model = notes.without(word, found, "model") or notes.without(word, found, "response_model")
    if model or "request_model" in values:
        values["model"] = model or values["request_model"]
    for name in ("retries", "post_number"):
        if (number := notes.without(whole_number, name, found.get(name))) is not None:
            values[name] = number
    for name in ("duration_seconds", "time_to_first_token_seconds"):
        if (length := notes.without(seconds, name, found.get(name))) is not None:
            values[name] = length
    outcome = notes.without(_outcome, found) or _outcome_of_error(found)
    cost = notes.without(_money, found.get("cost_usd"))
    remark = f"kept without what can't be read: {'; '.join(notes)}" if notes else ""
    return Call(ended, provider.lower(), outcome, values, _tokens(counts), cost, remark)


def _flat(told: Mapping[str, Any], notes: _Notes) -> dict[str, Any]:
    """Our words, whichever words the line uses; a `usage` block is put into ours. Words of ours go first."""
    attributes = told.get("attributes")
    named = {**(attributes if isinstance(attributes, dict) else {}), **told}
    found = {_OTEL[name]: value for name, value in named.items() if name in _OTEL}
    usage = told.get("usage")
    if isinstance(usage, dict):
        found |= _usage(usage, notes)
    elif usage is not None:
        notes.append(f"usage is {brief(usage)}, not an object")
    return found | {name: value for name, value in told.items() if name not in _OTEL}


def _usage(usage: Mapping[str, Any], notes: _Notes) -> dict[str, Any]:
    """A provider's usage block. Anthropic's input tokens leave cached ones out, everyone else's include them."""
    if "prompt_tokens" in usage or "completion_tokens" in usage:
        sent, received = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
        found = {
            "input_tokens": usage.get("prompt_tokens"),
            "output_tokens": usage.get("completion_tokens"),
            "cache_read_input_tokens": sent.get("cached_tokens") if isinstance(sent, dict) else None,
            "reasoning_output_tokens": received.get("reasoning_tokens") if isinstance(received, dict) else None,
        }
    elif "cache_creation_input_tokens" in usage or "cache_read_input_tokens" in usage:
        names = ("cache_read_input_tokens", "cache_creation_input_tokens", "input_tokens")
        noted = len(notes)
        read, written, fresh = (notes.without(whole_number, name, usage.get(name)) for name in names)
        if len(notes) > noted:
            fresh = None  # the whole can't be known without each of its parts
        read, written = read or 0, written or 0
        found = {
            "input_tokens": None if fresh is None else fresh + read + written,
            "output_tokens": usage.get("output_tokens"),
            "cache_read_input_tokens": read,
            "cache_write_input_tokens": written,
        }
    else:
        sent, received = usage.get("input_tokens_details"), usage.get("output_tokens_details")
        found = {
            "input_tokens": usage.get("input_tokens"),
            "output_tokens": usage.get("output_tokens"),
            "cache_read_input_tokens": sent.get("cached_tokens") if isinstance(sent, dict) else None,
            "reasoning_output_tokens": received.get("reasoning_tokens") if isinstance(received, dict) else None,
        }
    return {name: value for name, value in found.items() if value is not None}


def _counts(found: Mapping[str, Any], notes: _Notes) -> dict[str, int]:
    named = {field.name: notes.without(whole_number, field.name, found.get(field.name)) for field in TOKENS}
    counts = {name: number for name, number in named.items() if number is not None}
    cached = ("cache_read_input_tokens", "cache_write_input_tokens")
    if sum(counts.get(name, 0) for name in cached) > counts.get("input_tokens", 2**63):
        notes.append("more cached tokens than input tokens: input_tokens must include cached ones")
        return {name: number for name, number in counts.items() if name not in ("input_tokens", *cached)}
    return counts


def _tokens(counts: Mapping[str, int]) -> Tokens | None:
    if "input_tokens" not in counts or "output_tokens" not in counts:
        return None
    return Tokens(counts["input_tokens"], counts["output_tokens"],
                  counts.get("cache_read_input_tokens", 0), counts.get("cache_write_input_tokens", 0))  # fmt: skip


def _money(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        usable = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
        found = Decimal(str(value)) if usable else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not 0 <= found < 10**9:
        raise BadLine(f"cost_usd is {brief(value)}, not an amount of dollars")
    return found


def _outcome_of_error(found: Mapping[str, Any]) -> str:
    return "error" if found.get("error_type") else "ok"


def _outcome(found: Mapping[str, Any]) -> str | None:
    told = found.get("outcome", found.get("status"))
    if told is None:
        return None
    word = told.strip().lower() if isinstance(told, str) else ""
    if word in _ERRORS:
        return "error"
    if word in _OKS:
        return "ok"
    raise BadLine(f"outcome is {brief(told)}; say ok or error")
