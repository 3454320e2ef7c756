"""A LiteLLM proxy's days and calls as points: a real collector against a server that speaks LiteLLM's interface."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.base import Refused, TemporaryFailure
from collectors.litellm.collector import LiteLlmCollector
from collectors.services import Service, Services
from collectors.source import Source
from tests.collectors.reports import DAY, HOUR, NOON, World
from tests.standins import Fault
from tests.standins.litellm import KEY, LiteLlmStandIn, call_row, lively, metrics

TODAY = f"{datetime.fromtimestamp(NOON, UTC):%Y-%m-%d}"


@pytest.fixture
def server() -> Iterator[LiteLlmStandIn]:
    with LiteLlmStandIn() as found:
        yield found


@pytest.fixture
def world(server: LiteLlmStandIn, tmp_path: Path) -> World:
    return World(LiteLlmCollector, "litellm", server, tmp_path, KEY)


def test_a_key_without_an_address_is_said_and_nothing_is_asked(tmp_path: Path) -> None:
    source = Source(tmp_path, "UTC", services=Services(litellm=Service("", "key")))
    collector = LiteLlmCollector(source)
    assert "where the proxy is" in collector.validate()[0].text
    assert list(collector.collect({}, None)) == []  # type: ignore[arg-type]


def test_a_day_split_over_pages_is_added_up_before_it_is_written(world: World) -> None:
    world.server.page_rows = 1
    for spend in (0.1, 0.2, 0.3):
        world.server.days.append((TODAY, "zai", "glm-4.5-air", metrics(spend, 100, 10, 4, 1)))
    world.run()
    (usage,) = world.store.rows("gen_ai_usage")
    assert (usage["input_tokens"], usage["requests"], usage["failed_requests"]) == (300, 12, 3)
    assert (usage["provider"], usage["source"], usage["bucket"]) == ("zai", "litellm", "1d")
    (cost,) = world.store.rows("gen_ai_cost")
    assert cost["cost_nano_usd"] == 600_000_000
    assert cost["pricing"] == "measured"


def test_a_day_of_several_providers_names_none_of_them(world: World) -> None:
    world.server.days = [(TODAY, "zai", "glm", metrics(0.1, 1, 1, 1))]
    world.run()
    world.server.days.append((TODAY, "openai", "gpt", metrics(0.1, 1, 1, 1)))
    world.run(hours=1)
    assert [(row["provider"], row["model"]) for row in world.store.rows("gen_ai_cost")] == [
        ("none", "glm"), ("none", "gpt"),
    ]  # fmt: skip


def test_a_zero_for_tokens_that_were_used_is_unpriced_not_free(world: World) -> None:
    world.server.days = [
        (TODAY, "zai", "new-model", metrics(0.0, 500, 10, 1)),
        (TODAY, "zai", "idle", metrics(0.0, 0, 0, 1)),
    ]
    world.server.logs = [call_row("a", NOON, spend=0.0), call_row("b", NOON, spend=0.0, cache_hit="True")]
    world.run()
    rows = {row["model"]: row for row in world.store.rows("gen_ai_cost")}
    assert rows["new-model"]["pricing"] == "unknown"
    assert "cost_nano_usd" not in rows["new-model"]
    assert rows["idle"]["cost_nano_usd"] == 0
    calls = {row["request_id"]: row for row in world.store.rows("gen_ai_request")}
    assert (calls["a"]["pricing"], calls["b"]["pricing"]) == ("unknown", "measured")


def test_calls_are_stored_with_numbers_and_names_and_nothing_anybody_wrote(world: World) -> None:
    world.server.logs = [
        call_row("ok", NOON), call_row("streamed", NOON - 60, completionStartTime=_iso(NOON - 61)),
        call_row("bad", NOON, status="failure", metadata={"error_information": {"error_code": "429"}}),
    ]  # fmt: skip
    world.run()
    calls = {row["request_id"]: row for row in world.store.rows("gen_ai_request")}
    ok = calls["ok"]
    assert (ok["source"], ok["provider"], ok["operation"], ok["outcome"]) == ("litellm_logs", "zai", "chat", "ok")
    assert (ok["cost_nano_usd"], ok["duration_seconds"], ok["time"] // 10**9) == (412_000, 2.5, NOON)
    assert "time_to_first_token_seconds" not in ok
    assert calls["streamed"]["time_to_first_token_seconds"] == pytest.approx(1.5)
    assert (calls["bad"]["outcome"], calls["bad"]["error_type"]) == ("error", "429")
    stored = json.dumps(list(calls.values()))
    assert not any(word in stored for word in ("secret", "example.com", "10.0.0.9", "hash"))


def test_a_call_that_ends_in_the_next_window_is_kept_and_read_once(world: World) -> None:
    edge = NOON // (6 * HOUR) * 6 * HOUR
    world.server.logs = [call_row("over", edge + 5, seconds=20)]
    world.run()
    world.run(hours=0.3)
    assert len(world.store.rows("gen_ai_request")) == 1


def test_history_pages_and_backfill(world: World) -> None:
    world.server.page_rows = 7
    lively(world.server, NOON)
    world.run()
    assert len(world.store.rows("gen_ai_request")) == 7 * 48
    assert len(world.store.rows("gen_ai_usage")) == 60
    before = dict(world.store.points)
    world.backfill(NOON - 3 * DAY, NOON)
    assert world.store.points == before


def test_a_proxy_without_a_database_says_so(world: World) -> None:
    world.server.database = False
    with pytest.raises(Refused, match="has no database"):
        world.run()


def test_a_refused_key_is_asked_with_once_and_never_shown(world: World) -> None:
    world.driver.collector = world.collector("sk-wrong-but-secret")
    with pytest.raises(Refused, match="DASHAPP_LITELLM_KEY") as refused:
        world.run()
    assert "wrong-but-secret" not in str(refused.value)
    with pytest.raises(Refused):
        world.run(hours=3)
    assert len(world.server.calls) == 1


@pytest.mark.parametrize("form", ["seconds", "date", "ms"])
def test_every_form_of_retry_after_is_obeyed(world: World, form: str) -> None:
    world.clock.time = time.time()
    world.server.spoil(Fault.busy(form, 200))
    with pytest.raises(TemporaryFailure) as busy:
        world.run()
    assert busy.value.retry_after == pytest.approx(200, abs=2)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.page(), "web page"),
        (Fault(cut=True), "broke the answer off"),
        (Fault.json(200, {"total": 0}), "data is null, not a list"),
        (Fault.json(422, {"detail": [{"msg": "field required"}]}), "422: field required"),
        (Fault.json(500, {"error": "oops"}), "500: oops"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_and_mended_by_the_next_run(
    world: World, fault: Fault, words: str
) -> None:
    world.server.logs = [call_row("a", NOON)]
    world.server.spoil(fault)
    with pytest.raises((TemporaryFailure, Refused), match=words):
        world.run()
    world.run(hours=2)
    assert len(world.store.rows("gen_ai_request")) == 1


def test_spoilt_rows_are_set_aside_and_stop_nothing_else(world: World) -> None:
    world.server.logs = [call_row("fine", NOON), call_row("", NOON), call_row("timeless", NOON, endTime=None)]
    world.server.days = [
        (TODAY, "zai", "glm", metrics(0.1, 1, 1, 1, prompt_tokens="many")),
        (TODAY, "zai", "ok", metrics(0.1, 1, 1, 1)),
    ]
    world.run()
    assert len(world.store.rows("gen_ai_request")) == 1
    assert [row["model"] for row in world.store.rows("gen_ai_usage")] == ["ok"]
    assert len(world.driver.letters) == 3


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
