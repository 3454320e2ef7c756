"""Anthropic's usage and cost as points: a real collector against a server that speaks Anthropic's reports."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.anthropic.collector import AnthropicCollector
from collectors.base import Refused, TemporaryFailure
from tests.collectors.reports import DAY, HOUR, NOON, World
from tests.standins import Fault
from tests.standins.anthropic import KEY, AnthropicStandIn, cost_row, lively, usage_row

TODAY = NOON // DAY * DAY


@pytest.fixture
def server() -> Iterator[AnthropicStandIn]:
    with AnthropicStandIn() as found:
        yield found


@pytest.fixture
def world(server: AnthropicStandIn, tmp_path: Path) -> World:
    return World(AnthropicCollector, "anthropic", server, tmp_path, KEY)


def test_cached_tokens_are_added_to_the_input_which_comes_without_them(world: World) -> None:
    made = {"ephemeral_5m_input_tokens": 1_200, "ephemeral_1h_input_tokens": 30, "ephemeral_2d_input_tokens": 4}
    world.server.usage[NOON] = [
        usage_row("claude-sonnet-4-5", 9_100, 2_050, 4_300, cache_creation=made,
                  server_tool_use={"web_search_requests": 3})
    ]  # fmt: skip
    world.run()
    (row,) = world.store.rows("gen_ai_usage")
    assert row["input_tokens"] == 9_100 + 4_300 + 1_234
    assert (row["cache_read_input_tokens"], row["cache_write_input_tokens"]) == (4_300, 1_234)
    assert (row["output_tokens"], row["web_search_requests"]) == (2_050, 3)
    assert (row["project"], row["service_tier"], row["batch"]) == ("default", "standard", "false")
    assert "requests" not in row, "the report does not count requests: that is not 0"


def test_batches_and_tiers_nobody_knows_are_kept_apart(world: World) -> None:
    tiers = ("batch", "flex_discount", None)
    world.server.usage[NOON] = [usage_row("m", 1, 1, service_tier=tier, workspace_id="wrkspc_1") for tier in tiers]
    world.run()
    rows = {row["service_tier"]: row["batch"] for row in world.store.rows("gen_ai_usage")}
    assert rows == {"batch": "true", "flex_discount": "false", "none": "none"}


def test_fractional_cents_are_added_exactly_and_rounded_once(world: World) -> None:
    world.server.costs[TODAY] = [
        cost_row("claude-sonnet-4-5", "output_tokens", "7.4125"),
        cost_row("claude-sonnet-4-5", "output_tokens", "0.00000005", context_window="200k-1M"),
        cost_row("claude-sonnet-4-5", "output_tokens", "0.00000005", service_tier="batch"),
        cost_row("claude-sonnet-4-5", "uncached_input_tokens", "123.45"),
        cost_row(None, None, "0", cost_type="web_search"),
    ]
    world.run()
    rows = {row["line_item"]: row for row in world.store.rows("gen_ai_cost")}
    assert rows["tokens:output_tokens"]["cost_nano_usd"] == 74_125_001
    assert rows["tokens:uncached_input_tokens"]["cost_nano_usd"] == 1_234_500_000
    assert (rows["web_search"]["cost_nano_usd"], rows["web_search"]["model"]) == (0, "none")
    assert rows["web_search"]["pricing"] == "measured"


@pytest.mark.parametrize("told", [{"cents": None}, {"cents": "3", "currency": "EUR"}])
def test_an_amount_that_is_not_told_is_unpriced_not_free(world: World, told: dict[str, str | None]) -> None:
    cents = told.pop("cents")
    world.server.costs[TODAY] = [cost_row("m", "output_tokens", cents, **told)]
    world.run()
    (row,) = world.store.rows("gen_ai_cost")
    assert row["pricing"] == "unknown"
    assert "cost_nano_usd" not in row


def test_pages_history_and_corrections(world: World) -> None:
    world.server.page_buckets = 24
    lively(world.server, NOON)
    world.run()
    assert len(world.store.rows("gen_ai_usage")) == 720
    assert len(world.store.rows("gen_ai_cost")) == 270
    world.server.usage[NOON - HOUR] = [usage_row("claude-opus-4-5", 5, 5)]
    world.run(hours=0.5)
    models = {row["time"] // 10**9: row["model"] for row in world.store.rows("gen_ai_usage")}
    assert models[NOON - HOUR] == "claude-opus-4-5"
    assert len(models) == 720


@pytest.mark.parametrize("row", [{"amount": "lots"}, {"amount": "NaN"}, {"amount": "1e999"}, {"amount": True}])
def test_spoilt_rows_are_set_aside_and_stop_nothing_else(world: World, row: dict[str, object]) -> None:
    world.server.costs[TODAY] = [cost_row("m", "output_tokens", "1"), cost_row("m", "x", "1", **row)]
    world.run()
    assert len(world.store.rows("gen_ai_cost")) == 1
    assert [letter.reason for letter in world.driver.letters.values()] == ["amount isn't an amount"]


def test_a_refused_key_is_asked_with_once_and_never_shown(world: World) -> None:
    world.driver.collector = world.collector("sk-ant-admin-wrong-but-secret")
    with pytest.raises(Refused, match="DASHAPP_ANTHROPIC_ADMIN_KEY") as refused:
        world.run()
    assert "wrong-but-secret" not in str(refused.value)
    with pytest.raises(Refused):
        world.run(hours=3)
    assert len(world.server.calls) == 1


@pytest.mark.parametrize("form", ["seconds", "date", "ms"])
@pytest.mark.parametrize("status", [429, 529])
def test_every_form_of_retry_after_is_obeyed(world: World, form: str, status: int) -> None:
    world.clock.time = time.time()
    world.server.spoil(Fault.busy(form, 200, status))
    with pytest.raises(TemporaryFailure) as busy:
        world.run()
    assert busy.value.retry_after == pytest.approx(200, abs=2)


def test_a_spend_limit_is_not_tried_again_soon(world: World) -> None:
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": "limit",
                                       "details": {"error_code": "enforced_spend_limit_reached"}}}  # fmt: skip
    world.server.spoil(Fault.json(429, body))
    with pytest.raises(TemporaryFailure, match="spend limit") as spent:
        world.run()
    assert spent.value.retry_after == HOUR


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.page(), "web page"),
        (Fault(cut=True), "broke the answer off"),
        (Fault(reset=True), "broke the answer off|can't be asked"),
        (Fault.json(200, {"has_more": False}), "data is null, not a list"),
        (Fault.json(500, {"type": "error", "error": {"type": "api_error", "message": "oops"}}), "500: oops"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_and_mended_by_the_next_run(
    world: World, fault: Fault, words: str
) -> None:
    world.server.usage[NOON] = [usage_row("m", 1, 1)]
    world.server.spoil(fault)
    with pytest.raises((TemporaryFailure, Refused), match=words):
        world.run()
    world.run(hours=2)
    assert len(world.store.rows("gen_ai_usage")) == 1


def test_backfill_reads_a_range_and_again_changes_nothing(world: World) -> None:
    lively(world.server, NOON - 100 * DAY)
    for _ in range(2):
        world.backfill(NOON - 110 * DAY, NOON - 105 * DAY)
        assert len(world.store.rows("gen_ai_usage")) == 24 * 5


def test_doctor_asks_once(world: World) -> None:
    assert "can be read" in world.collector(KEY).probe()
    assert len(world.server.calls) == 1
