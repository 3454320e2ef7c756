"""When a service is asked next: remembered in the checkpoint, so that a restart asks nothing twice. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.http.breaker import fingerprint
from collectors.services import Service

_EARLY = 0.95
"""A scheduler comes a little early at times."""


def state_of(checkpoint: Mapping[str, Any], service: Service, *drop: str) -> dict[str, Any]:
    """What the checkpoint says of this service; nothing when it was another address, credential or account."""
    mark = fingerprint(service)
    if checkpoint.get("credential") != mark:
        return {"credential": mark}
    return {name: value for name, value in checkpoint.items() if name not in drop}


def is_due(state: Mapping[str, Any], name: str, every_seconds: float, now: float) -> bool:
    """Whether `every_seconds` have passed since `state[name]`; a time in the future is a mistake and counts as passed."""
    last = state.get(name)
    if not isinstance(last, int | float) or last > now + 60:
        return True
    return now - last >= every_seconds * _EARLY
