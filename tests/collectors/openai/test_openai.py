"""OpenAI's usage and costs as points: a real collector against a server that speaks OpenAI's reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.base import Refused, TemporaryFailure
from collectors.openai.collector import OpenAiCollector
from metricstore.store import Store
from tests.collectors.memory import Crash, Driver
from tests.collectors.reports import DAY, HOUR, NOON, World
from tests.standins import Fault
from tests.standins.openai import KEY, OpenAiStandIn, cost_row, lively, usage_row

TODAY = NOON // DAY * DAY


@pytest.fixture
def server() -> Iterator[OpenAiStandIn]:
    with OpenAiStandIn() as found:
        yield found


@pytest.fixture
def world(server: OpenAiStandIn, tmp_path: Path) -> World:
    return World(OpenAiCollector, "openai", server, tmp_path, KEY)


def test_without_a_key_nothing_is_asked(server: OpenAiStandIn, tmp_path: Path) -> None:
    nobody = World(OpenAiCollector, "openai", server, tmp_path, "")
    assert nobody.run() == 0
    assert server.calls == []


def test_cached_tokens_are_part_of_the_input_and_what_is_not_told_is_no_zero(world: World) -> None:
    world.server.usage[NOON] = [usage_row("gpt-4o", 18_250, 2_310, 12, cached=4_096), usage_row("o3", 5, 6, 1, None)]
    world.run()
    rows = {row["model"]: row for row in world.store.rows("gen_ai_usage")}
    told = rows["gpt-4o"]
    assert (told["input_tokens"], told["cache_read_input_tokens"], told["requests"]) == (18_250, 4_096, 12)
    assert (told["source"], told["provider"], told["project"], told["bucket"], told["batch"], told["service_tier"]) == (
        "openai", "openai", "proj_demo1", "1h", "false", "none",
    )  # fmt: skip
    assert told["time"] == NOON * 10**9
    assert "cache_read_input_tokens" not in rows["o3"]
    assert "failed_requests" not in told, "the report has none: that is not 0"


def test_money_is_exact_to_the_last_digit(world: World) -> None:
    for day in range(10):
        world.server.costs[TODAY - day * DAY] = [cost_row("gpt-4o, input", 0.1, 18_250.0), cost_row("Search", 0.0)]
    world.run()
    rows = world.store.rows("gen_ai_cost")
    assert sum(row["cost_nano_usd"] for row in rows) == 1_000_000_000, "ten times 0.1 is 1"
    line = next(row for row in rows if row["line_item"] == "gpt-4o, input")
    assert (line["model"], line["quantity"], line["quantity_unit"], line["pricing"]) == (
        "gpt-4o", 18_250.0, "tokens", "measured",
    )  # fmt: skip
    free = next(row for row in rows if row["line_item"] == "Search")
    assert (free["model"], free["cost_nano_usd"]) == ("none", 0)


def test_an_amount_that_is_not_told_or_not_in_dollars_is_unpriced_not_free(world: World) -> None:
    world.server.costs[TODAY] = [
        cost_row("a", None), cost_row("b", 3.0, amount=None), cost_row("c", 3.0, amount={"value": 3, "currency": "eur"}),
    ]  # fmt: skip
    world.run()
    rows = world.store.rows("gen_ai_cost")
    assert [row["pricing"] for row in rows] == ["unknown"] * 3
    assert not any("cost_nano_usd" in row for row in rows)


def test_late_corrections_overwrite_and_a_row_that_moved_is_in_one_place(world: World) -> None:
    world.server.usage[NOON] = [usage_row("gpt-4o", 100, 10, 1)]
    world.server.costs[TODAY] = [cost_row("gpt-4o, input", 1.0)]
    world.run()
    world.server.usage[NOON] = [usage_row("gpt-4o", 150, 15, 2, cached=None), usage_row("o3", 7, 7, 1)]
    world.server.costs[TODAY] = [cost_row("gpt-4o, cached input", 0.5)]
    world.run(hours=2)
    rows = world.store.rows("gen_ai_usage")
    assert {row["model"]: row["input_tokens"] for row in rows} == {"gpt-4o": 150, "o3": 7}
    assert "cache_read_input_tokens" not in next(row for row in rows if row["model"] == "gpt-4o")
    world.run(hours=5)
    assert [row["line_item"] for row in world.store.rows("gen_ai_cost")] == ["gpt-4o, cached input"]
    assert world.run(hours=1) == 0, "what has not changed is not written again"


def test_an_empty_bucket_takes_nothing_away(world: World) -> None:
    world.server.usage[NOON] = [usage_row("gpt-4o", 100, 10, 1)]
    world.run()
    world.server.usage.clear()
    world.run(hours=1)
    assert len(world.store.rows("gen_ai_usage")) == 1


def test_corrections_of_the_days_before_are_found_once_a_day(world: World) -> None:
    world.server.usage[NOON - 2 * DAY] = [usage_row("gpt-4o", 100, 10, 1)]
    world.run()
    world.server.usage[NOON - 2 * DAY] = [usage_row("gpt-4o", 101, 10, 1)]
    world.run(hours=1)
    assert world.store.rows("gen_ai_usage")[0]["input_tokens"] == 100
    world.run(hours=22.9)
    assert world.store.rows("gen_ai_usage")[0]["input_tokens"] == 101


def test_pages_are_read_to_the_end_and_a_month_at_first(world: World) -> None:
    world.server.page_buckets = 24
    lively(world.server, NOON)
    world.run()
    assert len(world.store.rows("gen_ai_usage")) == 2 * 720
    assert len(world.store.rows("gen_ai_cost")) == 3 * 90
    calls = len(world.server.calls)
    world.run(hours=0.1)
    assert len(world.server.calls) == calls, "it is not time yet"


def test_after_a_week_away_the_whole_week_is_read(world: World) -> None:
    lively(world.server, NOON)
    world.run()
    lively(world.server, NOON + 10 * DAY)
    world.run(hours=240)
    assert len({row["time"] for row in world.store.rows("gen_ai_usage")}) == 960


def test_a_cursor_that_comes_again_ends_the_reading(world: World) -> None:
    page = Fault.json(200, {"object": "page", "data": [], "has_more": True, "next_page": "same"})
    world.server.spoil(page, page)
    with pytest.raises(Refused, match="in circles"):
        world.run()


def test_a_report_that_fails_for_days_keeps_no_other_from_being_asked(world: World) -> None:
    world.server.spoil_where("usage", Fault(529))
    for day in range(3):
        world.server.costs[TODAY + day * DAY] = [cost_row("gpt-4o, input", 1.0 + day)]
        for _ in range(4):
            for _ in range(3):  # as often as the runner tries
                with pytest.raises(TemporaryFailure, match="529"):
                    world.run()
            world.clock.time += 6 * HOUR
    assert len(world.store.rows("gen_ai_cost")) == 3


@pytest.mark.parametrize("form", ["seconds", "date", "ms"])
def test_every_form_of_retry_after_is_obeyed(world: World, form: str) -> None:
    import time

    world.clock.time = time.time()
    world.server.spoil(Fault.busy(form, 300))
    with pytest.raises(TemporaryFailure) as busy:
        world.run()
    assert busy.value.retry_after == pytest.approx(300, abs=2)
    with pytest.raises(TemporaryFailure, match="retrying in"):
        world.run()
    assert len(world.server.calls) == 1


def test_spent_credit_is_not_tried_again_soon(world: World) -> None:
    world.server.spoil(Fault.json(429, {"error": {"code": "insufficient_quota", "message": "no money"}}))
    with pytest.raises(TemporaryFailure, match="credit is used up") as spent:
        world.run()
    assert spent.value.retry_after == HOUR


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_asked_with_once_and_never_shown(world: World, status: int) -> None:
    world.driver.collector = world.collector("sk-admin-wrong-but-secret")
    if status == 403:
        text = "You lack api.usage.read; key sk-admin-wrong-but-secret"
        denied = Fault.json(403, {"error": {"message": text, "type": "x", "param": None, "code": None}})
        world.server.spoil(denied, denied)
    with pytest.raises(Refused, match="DASHAPP_OPENAI_ADMIN_KEY") as refused:
        world.run()
    assert "wrong-but-secret" not in str(refused.value)
    assert "admin key" in refused.value.hint
    with pytest.raises(Refused):
        world.run(hours=3)
    assert len(world.server.calls) == (1 if status == 401 else 2), "a 403 may be about one report"
    world.driver.collector = world.collector(KEY)
    world.run()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.page(), "web page"),
        (Fault.page(503), "answered 503"),
        (Fault(cut=True), "broke the answer off"),
        (Fault.json(200, {"object": "page", "has_more": False}), "data is null"),
        (Fault.json(200, []), "the answer is a list"),
        (Fault.json(200, {"data": [], "has_more": "?", "next_page": None, "x": 1}), ""),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_and_mended_by_the_next_run(
    world: World, fault: Fault, words: str
) -> None:
    world.server.usage[NOON] = [usage_row("gpt-4o", 100, 10, 1)]
    world.server.spoil(fault, *([Fault()] * 20 if not words else []))
    if words:
        with pytest.raises((TemporaryFailure, Refused), match=words):
            world.run()
    world.run(hours=2)
    assert len(world.store.rows("gen_ai_usage")) == 1


def test_spoilt_rows_are_set_aside_and_stop_nothing_else(world: World) -> None:
    world.server.usage[NOON] = [
        usage_row("fine", 1, 1, 1), usage_row("negative", -1, 1, 1), usage_row("words", 1, 1, 1, input_tokens="many"),
        usage_row("huge", 2**70, 1, 1), usage_row("", 2, 1, 1, surprise={"x": 1}),
    ]  # fmt: skip
    world.run()
    assert {row["model"] for row in world.store.rows("gen_ai_usage")} == {"fine", "none"}
    assert sorted(letter.reason for letter in world.driver.letters.values()) == ["input_tokens isn't a count"] * 3


def test_backfill_reads_a_range_and_again_changes_nothing(world: World) -> None:
    lively(world.server, NOON - 100 * DAY)
    for _ in range(2):
        world.backfill(NOON - 110 * DAY, NOON - 105 * DAY)
        assert len(world.store.rows("gen_ai_usage")) == 2 * 24 * 5
        assert len(world.store.rows("gen_ai_cost")) == 3 * 6


def test_killed_at_any_moment_the_store_ends_the_same(world: World) -> None:
    lively(world.server, NOON)
    world.run()
    whole = dict(world.store.points)
    for killed_after in (1, 100, 400, 1500):
        other = World(OpenAiCollector, "openai", world.server, world._root, KEY)
        with pytest.raises(Crash):
            other.driver.run(keep_points=killed_after)
        other.driver.run()
        assert other.store.points.keys() == whole.keys()


def test_real_stores_hold_what_was_told(server: OpenAiStandIn, tmp_path: Path, store: Store) -> None:
    from collectors.recall import recall

    world = World(OpenAiCollector, "openai", server, tmp_path, KEY)
    world.driver = Driver(world.driver.collector, store)  # type: ignore[arg-type]
    server.usage[NOON] = [usage_row("gpt-4o", 100, 10, 1)]
    server.costs[TODAY] = [cost_row("gpt-4o, input", 0.000123456, 3.0)]
    world.run()
    server.usage[NOON] = [usage_row("o3", 100, 10, 1, cached=None)]
    world.run(hours=1)
    (row,) = recall(store, "gen_ai_usage")
    assert (row.values["model"], row.values["input_tokens"]) == ("o3", 100)
    (line,) = recall(store, "gen_ai_cost")
    assert line.values["cost_nano_usd"] == 123_456


def test_doctor_asks_once(world: World) -> None:
    assert "can be read" in world.collector(KEY).probe()
    assert len(world.server.calls) == 1
