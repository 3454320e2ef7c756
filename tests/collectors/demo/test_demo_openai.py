"""The made-up OpenAI organisation reports what was recorded, and what nobody recorded beside it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from collectors.demo import TIMEZONE, write_history
from collectors.demo.ai_calls import ndjson, recorded
from collectors.demo.conditions import Conditions
from collectors.demo.reports import FILE, reports, tell_reports
from collectors.demo_openai.collector import DemoOpenAiCollector
from collectors.runner import Runner
from collectors.source import Source
from metricstore.duck import DuckStore
from metricstore.query import RecordQuery

NOW = datetime(2026, 11, 20, 16, 40, tzinfo=UTC)
FIRST = date(2026, 11, 1)
CONDITIONS = Conditions(3, FIRST - timedelta(days=305))


def calls(days: int) -> list[str]:
    """Of the invented team, eight threads a day."""
    found = []
    for hour in range(days * 8):
        moment = datetime(2026, 11, 1, 8, tzinfo=UTC) + timedelta(days=hour // 8, minutes=20 * (hour % 8))
        usage = recorded(CONDITIONS, moment, {"platform": "twitter", "prompt_type": "thread"}, 200, 1.5)
        assert usage is not None
        found.append(ndjson(usage, moment))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A demo folder with the calls of nineteen days."""
    root = tmp_path / "source"
    (root / "outputs").mkdir(parents=True)
    (root / "outputs" / "ai_usage.ndjson").write_text("".join(calls(19)))
    return root


def collect(store: DuckStore, folder: Path, data: Path) -> None:
    (report,) = Runner([DemoOpenAiCollector(Source(folder, TIMEZONE))], store, data).run_once()
    assert (report.outcome, report.error, report.rejected) == ("ok", None, 0)


def rows(store: DuckStore, name: str) -> list[dict[str, object]]:
    span = (NOW - timedelta(days=100), NOW + timedelta(days=1))
    return store.records(RecordQuery(name, *span, limit=10_000)).frame.to_dict("records")  # type: ignore[return-value]


def test_reports_hold_what_was_recorded_and_what_nobody_recorded(
    folder: Path, duck_store: DuckStore, tmp_path: Path
) -> None:
    tell_reports(folder, CONDITIONS, NOW)
    collect(duck_store, folder, tmp_path)
    ours = [call for line in calls(19) if (call := json.loads(line))["provider"] == "openai"]
    found = rows(duck_store, "gen_ai_usage")
    own = [row for row in found if row["project"] == "proj_content"]
    assert sum(int(str(row["requests"])) for row in own) == len(ours) > 10
    assert sum(int(str(row["input_tokens"])) for row in own) == sum(call["usage"]["prompt_tokens"] for call in ours)
    assert {row["project"] for row in found} == {"proj_content", "proj_experiments"}
    costs = rows(duck_store, "gen_ai_cost")
    assert all(row["pricing"] == "measured" for row in costs)
    assert {row["model"] for row in costs} == {row["model"] for row in found}
    assert len(found) + len(costs) < 300, "a demo is light"


def test_a_day_is_told_once_it_has_ended_and_only_once(folder: Path, duck_store: DuckStore, tmp_path: Path) -> None:
    for hours in (0, 1, 24, 25):
        tell_reports(folder, CONDITIONS, NOW - timedelta(days=3) + timedelta(hours=hours))
        collect(duck_store, folder, tmp_path)
    days = [json.loads(line)["day"] for line in (folder / FILE).read_text().splitlines()]
    assert days == sorted(set(days))
    assert days[-1] == "2026-11-17"
    before = rows(duck_store, "gen_ai_cost")
    collect(duck_store, folder, tmp_path)
    assert rows(duck_store, "gen_ai_cost") == before


def test_money_is_tokens_times_the_price_to_the_last_digit() -> None:
    for line in reports(CONDITIONS, calls(5), None, date(2026, 11, 6)):
        for row in json.loads(line)["costs"]["results"]:
            price = {"gpt-4o-mini-2024-07-18, input": "0.15", "gpt-4o-mini-2024-07-18, output": "0.60"}.get(
                row["line_item"]
            )
            if price:
                assert Decimal(row["amount"]["value"]) * 1_000_000 == Decimal(price) * row["quantity"]


def test_who_asks_no_second_provider_has_no_reports(duck_store: DuckStore, tmp_path: Path) -> None:
    write_history(tmp_path / "source", seed=3, days=5, now=NOW)
    assert not (tmp_path / "source" / FILE).exists()
    collect(duck_store, tmp_path / "source", tmp_path)
    assert rows(duck_store, "gen_ai_usage") == []
