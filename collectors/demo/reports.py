"""What OpenAI would report of the invented team: the calls it recorded, and those of a colleague who records nothing."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from collectors.demo.conditions import Conditions

FILE = "services/openai.ndjson"
"""Where a demo folder keeps the organisation's reports, a finished UTC day a line."""
_HOUR, _DAY = 3_600, 86_400
_CONTENT, _EXPERIMENTS = "proj_content", "proj_experiments"
_TRIED = "gpt-4o-2024-08-06"
_PRICES = {
    "gpt-4o-mini-2024-07-18": ("0.15", "0.075", "0.60"),
    _TRIED: ("2.50", "1.25", "10.00"),
}
"""Dollars for a million tokens: sent, of these cached, received."""
_OURS = '"provider": "openai"'

Json = dict[str, Any]


@dataclass
class _Sum:
    sent: int = 0
    cached: int = 0
    received: int = 0
    calls: int = 0

    def add(self, sent: int, cached: int, received: int, calls: int = 1) -> None:
        self.sent, self.cached, self.received = self.sent + sent, self.cached + cached, self.received + received
        self.calls += calls


_Sums = dict[tuple[int, str, str], _Sum]
"""By (begin in seconds since the epoch, project, model)."""


def tell_reports(root: Path, conditions: Conditions, now: datetime) -> None:
    """Append the days that have ended since the last time; `now` is aware. Nothing where no such call was recorded."""
    calls = root / "outputs" / "ai_usage.ndjson"
    if not calls.exists():
        return
    path, today = root / FILE, now.astimezone(UTC).date()
    told = _last_day(path)
    with calls.open(encoding="utf-8") as file:
        found = list(reports(conditions, file, told, today))
    if found:
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(found)


def reports(conditions: Conditions, calls: Iterable[str], after: date | None, until: date) -> Iterator[str]:
    """A line for each day after `after`, or from the first call on, and before `until`. Pure."""
    hours: dict[date, _Sums] = defaultdict(lambda: defaultdict(_Sum))
    for line in calls:
        if _OURS not in line:
            continue
        call = json.loads(line)
        moment = datetime.fromisoformat(call["time"]).astimezone(UTC)
        usage = call.get("usage")
        if usage is None or not (after or date.min) < moment.date() < until:
            continue
        begin = int(moment.timestamp()) // _HOUR * _HOUR
        cached = usage["prompt_tokens_details"]["cached_tokens"]
        hours[moment.date()][begin, _CONTENT, call["model"]].add(
            usage["prompt_tokens"], cached, usage["completion_tokens"]
        )
    if not hours:
        return
    day = min(hours)
    while day < until:
        _experiment(conditions, day, hours[day])
        yield json.dumps({"day": f"{day}", "usage": _usage(hours[day]), "costs": _costs(day, hours[day])}) + "\n"
        day += timedelta(days=1)


def _last_day(path: Path) -> date | None:
    if not path.exists():
        return None
    with path.open(encoding="utf-8") as file:
        last = deque(file, maxlen=1)
    return date.fromisoformat(json.loads(last[0])["day"]) if last else None


def _experiment(conditions: Conditions, day: date, sums: _Sums) -> None:
    """On some workdays a colleague tries prompts, and records nothing of it."""
    rng = conditions.rng("experiment", day)
    if day.weekday() >= 5 or rng.random() > 0.3:
        return
    begin = int(datetime(day.year, day.month, day.day, rng.randint(8, 15), tzinfo=UTC).timestamp())
    calls = rng.randint(2, 5)
    sums[begin, _EXPERIMENTS, _TRIED].add(calls * rng.randint(150, 300), 0, calls * rng.randint(40, 100), calls)


def _usage(sums: _Sums) -> list[Json]:
    """Buckets by the hour, as `organization/usage/completions` tells them."""
    buckets: dict[int, list[Json]] = defaultdict(list)
    for (begin, project, model), found in sorted(sums.items()):
        buckets[begin].append({
            "object": "organization.usage.completions.result", "input_tokens": found.sent, "output_tokens": found.received,
            "input_cached_tokens": found.cached, "num_model_requests": found.calls, "project_id": project, "model": model,
            "batch": False, "service_tier": None,
        })  # fmt: skip
    return [
        {"object": "bucket", "start_time": begin, "end_time": begin + _HOUR, "results": rows}
        for begin, rows in buckets.items()
    ]


def _costs(day: date, sums: _Sums) -> Json:
    """The day's bucket, as `organization/costs` tells it."""
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    totals: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    for (_, project, model), found in sums.items():
        totals[project, model].add(found.sent, found.cached, found.received, found.calls)
    rows = [row for (project, model), found in sorted(totals.items()) for row in _lines(project, model, found)]
    return {"object": "bucket", "start_time": begin, "end_time": begin + _DAY, "results": rows}


def _lines(project: str, model: str, found: _Sum) -> Iterator[Json]:
    amounts = (("input", found.sent - found.cached), ("cached input", found.cached), ("output", found.received))
    for (kind, tokens), price in zip(amounts, _PRICES[model], strict=True):
        if tokens:
            yield {
                "object": "organization.costs.result", "project_id": project, "line_item": f"{model}, {kind}",
                "amount": {"value": str(Decimal(price) * tokens / 1_000_000), "currency": "usd"},
                "quantity": tokens, "quantity_unit": "tokens",
            }  # fmt: skip
