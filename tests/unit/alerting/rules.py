"""Rules and looks as tests write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan

from alerting.course import Look
from alerting.rule import Rule
from alerting.rule_file import read_rules

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
BASE = {"id": "one", "metric": "ai_request_error_rate", "every": "1h", "fire": "> 20", "clear": "<= 10"}


def rule(**words: object) -> Rule:
    """BASE with other words; `for` is written `for_`."""
    words = {key.rstrip("_"): value for key, value in words.items()}
    chosen = {key: value for key, value in {**BASE, **words}.items() if value is not None}
    text = "[[rule]]\n" + "\n".join(f"{key} = {_toml(value)}" for key, value in chosen.items())
    (found,), wrong = read_rules(text, "rules.toml")
    assert wrong == []
    return found


def _toml(value: object) -> str:
    return (
        str(value)
        if isinstance(value, float | int)
        else str(value).replace("'", '"')
        if isinstance(value, list)
        else f'"{value}"'
    )


def looks(*values: float | str) -> list[Look]:
    """One look an hour: a number, or a kind of nothing."""
    found = []
    for hour, value in enumerate(values):
        opened, number = BEGIN + timedelta(hours=hour), nan if isinstance(value, str) else float(value)
        found.append(Look(opened, opened + timedelta(hours=1), number, number, value if isinstance(value, str) else ""))
    return found
