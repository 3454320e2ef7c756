"""What the invented team records of its AI calls, once it has begun to: tokens, latency, model, outcome. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from collectors.demo.conditions import Conditions

_BEGUN = timedelta(days=60)
"""For so long after its first day the team counted no tokens: there is nothing to tell, which is not 0."""
_TRIAL = timedelta(days=300)
"""From then on some calls go to a model whose price nobody has looked up."""
_SECOND = timedelta(days=305)
"""From then on some threads are written by a second provider, which reports what it was asked and bills."""
_TOKENS = {"linkedin": (620, 410), "twitter": (480, 95)}
"""Usual (input, output) of a call."""


def recorded(
    conditions: Conditions, ended: datetime, about: Mapping[str, Any], status: int, latency: float
) -> Mapping[str, Any] | None:  # fmt: skip
    """The line for a call that was answered at `ended` (local time), still without its time; None: none was written."""
    age = ended.date() - conditions.epoch
    if age < _BEGUN:
        return None
    rng = conditions.rng("ai call", ended.isoformat())
    provider, asked, model = _answering(rng, str(about["platform"]), age)
    found = {"provider": provider, "request_model": asked, "model": model, "operation": "chat", **about,
             "outcome": "ok" if status == 200 else "error", "duration_seconds": round(latency, 3),
             "request_id": f"{rng.getrandbits(64):016x}"}  # fmt: skip
    if status != 200:
        return {**found, "error_type": str(status)}
    sent, received = (round(rng.lognormvariate(0, 0.25) * usual) for usual in _TOKENS[str(about["platform"])])
    cached = round(sent * rng.choice((0, 0, 0.3, 0.45)))
    usage = {"prompt_tokens": sent, "completion_tokens": received, "total_tokens": sent + received,
             "prompt_tokens_details": {"cached_tokens": cached}}  # fmt: skip
    return {**found, "usage": usage}


def ndjson(usage: Mapping[str, Any], ended: datetime) -> str:
    """The line as it is written; `ended` knows its zone."""
    return json.dumps({"time": ended.isoformat(timespec="milliseconds"), **usage}) + "\n"


def _answering(rng: Random, platform: str, age: timedelta) -> tuple[str, str, str]:
    """(provider, the model asked for, the one that answers)."""
    luck = rng.random()
    if age >= _SECOND and platform == "twitter" and luck > 0.7:
        return "openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18"
    model = _model(luck, platform, age)
    return "zai", model, model


def _model(luck: float, platform: str, age: timedelta) -> str:
    if age >= _TRIAL and luck < 0.04:
        return "glm-5.3-preview"
    return "glm-4.5-air" if platform == "linkedin" and luck < 0.6 else "glm-4.5-flash"
