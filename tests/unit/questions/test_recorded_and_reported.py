"""What providers report stands beside what was recorded: compared by provider and UTC day, never added up."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest

from dashapp.downloads.sources import chart_table
from layouts.charts import ChartData
from layouts.pages import CHARTS
from layouts.panel import joined
from layouts.pictures import picture
from metricstore import nothing
from metricstore.caveats import bound_of
from metricstore.errors import NotAllowed
from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.point import Point, nanoseconds
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from metricstore.store import Store
from questions.charts import ask, ask_chart

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DOLLAR = 1_000_000_000
CHOSEN = Selection("2026-11-15", "now", "America/New_York")
TOKENS, MONEY = CHARTS["ai_tokens_recorded_and_reported"], CHARTS["ai_cost_recorded_and_billed"]


def at(day: int, hour: int = 0) -> int:
    return nanoseconds(datetime(2026, 11, day, hour, tzinfo=UTC))


def call(
    day: int, provider: str, tokens: int, cost: int | None, *, number: int = 0, platform: str = "linkedin"
) -> Point:
    fields: dict[str, str | int] = {"model": "m", "platform": platform, "input_tokens": tokens, "output_tokens": 0}
    fields |= {"pricing": "unknown"} if cost is None else {"pricing": "estimated", "cost_nano_usd": cost}
    tags = {"source": "app", "provider": provider, "outcome": "ok"}
    return Point("gen_ai_request", at(day, 10) + number, tags, fields)


def usage(day: int, source: str, provider: str, tokens: int) -> Point:
    tags = {
        "source": source,
        "provider": provider,
        "model": "m",
        "project": "none",
        "service_tier": "none",
        "batch": "none",
    }
    return Point("gen_ai_usage", at(day, 10), {**tags, "bucket": "1h"}, {"input_tokens": tokens, "output_tokens": 0})


def bill(day: int, source: str, provider: str, cost: int | None) -> Point:
    tags = {"source": source, "provider": provider, "model": "m", "project": "none", "line_item": "m, input"}
    fields: dict[str, str | int] = (
        {"pricing": "unknown"} if cost is None else {"pricing": "measured", "cost_nano_usd": cost}
    )
    return Point("gen_ai_cost", at(day), tags, fields)


@pytest.fixture
def filled(store: Store) -> Store:
    """Recorded since the 15th, reported since the 14th; Z.AI reports nothing; a gateway tells of OpenAI's calls too."""
    store.write([
        usage(14, "openai", "openai", 500), call(15, "zai", 70, DOLLAR), call(16, "openai", 100, DOLLAR),
        usage(16, "openai", "openai", 130), usage(16, "litellm", "openai", 130),
        bill(16, "openai", "openai", DOLLAR * 3), bill(16, "litellm", "openai", DOLLAR * 3),
        usage(17, "openai", "openai", 40), bill(17, "openai", "openai", DOLLAR), bill(17, "anthropic", "anthropic", None),
        call(18, "openai", 9, None), usage(18, "openai", "openai", 9), bill(18, "openai", "openai", DOLLAR // 2),
        usage(20, "openai", "openai", 7), call(20, "openai", 1, 1),
        *(Point("collector_run", at(20, 11) + place, {"collector": name, "outcome": "ok"}, {"records": 1})
          for place, name in enumerate(("ai_usage", "openai"))),
    ])  # fmt: skip
    return store


def data(store: Store, chart: str, selection: Selection = CHOSEN) -> ChartData:
    found = ask_chart(store, CHARTS[chart], selection, NOW).data(selection)
    assert found is not None
    return found


def line(store: Store, chart: str, name: str, selection: Selection = CHOSEN) -> dict[str, float | None]:
    (trace,) = [one for one in CHARTS[chart].draw(data(store, chart, selection)).data if one["name"] == name]
    return {str(x)[8:10]: y for x, y in zip(trace["x"], trace["y"], strict=True)}


def test_a_gateway_and_the_provider_behind_it_are_never_added_up(filled: Store) -> None:
    def value(name: str, **where: tuple[str, ...]) -> float:
        whole = Selection("2026-11-15", "now", "UTC", "none", where=where)
        return float(evaluate(filled, metric(name), whole, now=NOW).frame["value"].sum())

    assert value("ai_billed_cost") == 4.5
    assert value("ai_billed_cost", source=("litellm",)) == 3.0
    assert value("ai_reported_input_tokens") == 130 + 40 + 9 + 7
    assert value("ai_cost") == 2.000000001, "what was recorded knows nothing of reports"
    billed = metric("ai_billed_cost")
    bound = bound_of(evaluate(filled, billed, Selection("2026-11-15", "now", "UTC"), now=NOW))
    assert bound is not None and (bound.side, bound.count) == ("lower", 1)


def test_days_are_those_of_the_provider_whatever_zone_the_viewer_chose(filled: Store) -> None:
    assert line(filled, TOKENS.id, "reported") == {"15": None, "16": 130, "17": 40, "18": 9, "19": None, "20": 7}
    assert line(filled, TOKENS.id, "recorded here")["16"] == 100
    assert CHARTS[TOKENS.id].draw(data(filled, TOKENS.id)).layout["xaxis"]["title"]["text"] == "UTC"


def test_the_difference_is_of_whole_days_and_what_nobody_recorded_is_all_of_it(filled: Store) -> None:
    assert line(filled, TOKENS.id, "difference") == {"16": 30, "17": 40, "18": 0}
    assert line(filled, MONEY.id, "difference") == {"16": 2.0, "17": 1.0, "18": 0.5}


def test_before_anything_was_recorded_there_is_no_difference(filled: Store) -> None:
    early = replace(CHOSEN, start="2026-11-13")
    assert line(filled, TOKENS.id, "reported", early)["14"] == 500
    assert "14" not in line(filled, TOKENS.id, "difference", early)
    difference = evaluate(filled, metric("ai_tokens_difference"), replace(early, every="1d", timezone="UTC"), now=NOW)
    by_day = {
        time.day: (value, why)
        for time, value, why in zip(difference.frame["time"], difference.frame["value"], difference.why, strict=True)
    }
    assert by_day[14][1] == nothing.NOT_COLLECTED
    assert by_day[17] == (40.0, "")


def test_a_sentence_says_what_it_comes_to_and_of_whom_nobody_reports(filled: Store) -> None:
    says = TOKENS.says
    assert says is not None
    assert says(data(filled, TOKENS.id)) == (
        "On 3 whole days: 109 recorded, 179 reported; 70 tokens (39.1 % of the report) more reported than recorded. "
        "Not reported by a provider: 70 tokens recorded of Z.ai, left out here."
    )
    money = says(data(filled, MONEY.id))
    assert "≥ 1.0000 recorded, 4.5000 reported; at most 3.5000 USD" in money
    assert "as 1 recorded call has no known price" in money


def test_who_reports_nothing_is_not_reported_in_tables_and_files_never_0(filled: Store) -> None:
    answers = list(ask(filled, TOKENS, CHOSEN, NOW).values())
    rows = joined(answers)
    silent = rows[rows["provider"] == "zai"]
    assert silent["value0"].isna().all()
    assert set(silent[f"{nothing.COLUMN}0"]) == {nothing.NOT_REPORTED}
    assert silent["value1"].sum() == 70
    (frame,) = chart_table(filled, TOKENS, CHOSEN, NOW).frames()
    assert set(frame.loc[frame["provider"] == "zai", f"{nothing.COLUMN}0"]) == {nothing.NOT_REPORTED}


def test_what_reports_do_not_tell_filters_neither_side(filled: Store) -> None:
    filled.write([call(16, "openai", 1, 0, number=5, platform="twitter")])
    chosen = replace(CHOSEN, where={"platform": ("twitter",)})
    assert line(filled, TOKENS.id, "recorded here", chosen)["16"] == 101
    alone = replace(CHOSEN, where={"source": ("litellm",)})
    assert line(filled, TOKENS.id, "difference", alone) == {}
    assert TOKENS.says is not None
    assert TOKENS.says(data(filled, TOKENS.id, alone)).startswith("No difference, as one source alone was chosen")


def test_a_part_is_not_compared_with_the_whole(filled: Store) -> None:
    limited = restricted(filled, Segment(where=(("platform", ("linkedin",)),)))
    with pytest.raises(NotAllowed, match="platform"):
        ask(limited, TOKENS, CHOSEN, NOW)
    ask(restricted(filled, Segment(where=(("provider", ("openai",)),))), TOKENS, CHOSEN, NOW)


def test_nothing_reported_is_drawn_as_nothing(filled: Store) -> None:
    chosen = replace(CHOSEN, where={"provider": ("zai",)})
    shown = data(filled, TOKENS.id, chosen)
    assert [trace["y"] for trace in TOKENS.draw(shown).data] == [[], [], []]
    assert TOKENS.says is not None
    assert TOKENS.says(shown) == "Not reported by a provider: 70 tokens recorded of Z.ai, left out here."
    drawn = TOKENS.draw(data(filled, TOKENS.id))
    assert "difference" in picture(drawn, 600, 300, "light", title="Tokens")
    assert all(math.isfinite(pd.Timestamp(x).timestamp()) for trace in drawn.data for x in trace["x"])
