"""Values of records: one column has one form, money is money, and moments stand on the page's clock."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from layouts.briefing.words import reason_words
from layouts.field_texts import decimals_of, field_text
from layouts.formats import decimals_at, measured
from layouts.pages import TABLES
from layouts.table import rows, table
from layouts.value_names import name_of
from metricstore.catalogue import measurement
from metricstore.errors import InvalidQuestion
from metricstore.metrics import metric
from metricstore.query import Filter
from questions.tables import conditions


def test_moments_are_on_the_pages_clock_and_dates_stay_dates() -> None:
    post, journey = measurement("social_post"), measurement("post_journey")
    assert field_text(post, "created", "2026-11-24T08:16:01Z", "Europe/Berlin") == "2026-11-24 09:16:01"
    assert field_text(journey, "first_told", "2026-10-31T23:00:00Z", "Europe/Berlin") == "2026-11-01 00:00:00"
    assert field_text(journey, "due", "2026-11-24", "Europe/Berlin") == "2026-11-24"
    assert field_text(post, "due", "some day next week", "UTC") == "some day next week"
    assert field_text(post, "error_text", "2026-11-24T08:16:01Z", "Europe/Berlin") == "2026-11-24T08:16:01Z"


def test_the_filter_of_moments_says_that_it_looks_in_utc() -> None:
    shown = {one.id: str(table(one)) for tables in TABLES.values() for one in tables}
    assert "placeholder='contains, in UTC'" in next(text for text in shown.values() if "Filter Created" in text)


def test_money_kept_in_billionths_is_shown_and_asked_for_in_dollars() -> None:
    calls = measurement("gen_ai_request")
    assert field_text(calls, "cost_nano_usd", 133_575, "UTC") == "0.000134"
    assert field_text(calls, "cost_nano_usd", 0, "UTC") == "0.000000"
    assert conditions(calls, "cost_nano_usd", ">=0.0001") == [Filter("cost_nano_usd", "min", (100_000.0,))]
    assert conditions(calls, "input_tokens", "≤9") == [Filter("input_tokens", "max", (9.0,))]
    assert conditions(measurement("social_post"), "created", "2026-11-24 08") == [
        Filter("created", "contains", ("2026-11-24T08",))
    ]
    assert conditions(measurement("social_post"), "error_text", "too long") == [
        Filter("error_text", "contains", ("too long",))
    ]


def test_numbers_of_one_column_have_the_same_decimals() -> None:
    frame = pd.DataFrame({"time": pd.to_datetime(["2026-11-24", "2026-11-25"], utc=True), "_id": ["a", "b"],
                          "duration_seconds": [104.37, 97.0], "requested": [10, 5], "failed": [None, 2]})  # fmt: skip
    shown = str(rows(measurement("batch"), ("time", "duration_seconds", "requested", "failed"), frame, "UTC"))
    assert "'97.00'" in shown and "'104.37'" in shown and "'10'" in shown
    assert "number faint" in shown, "what is missing stands where numbers stand"
    assert decimals_of(measurement("batch"), "requested", [1.0, None, 3]) == 0


def test_money_too_small_for_the_usual_decimals_is_not_shown_as_nothing() -> None:
    calls = measurement("gen_ai_request")
    assert field_text(calls, "cost_nano_usd", 400, "UTC") == "0.00000040"
    assert field_text(calls, "cost_nano_usd", 1, "UTC") == "0.000000001"
    assert decimals_of(calls, "cost_nano_usd", [400, None, 133_575]) == 8, "all of a column alike"
    assert field_text(calls, "cost_nano_usd", 133_575, "UTC", 8) == "0.00013358"


def asked(source: str, column: str, text: str) -> tuple[float, ...]:
    return tuple(float(one.values[0]) for one in conditions(measurement(source), column, text))


@pytest.mark.parametrize("stored", [133_575, 65_000, 400, 1, 0, 133_500, 134_500, 5, 999_999_500, 4_200_000_000, 9_995])
def test_what_a_cost_is_shown_as_finds_it_and_nothing_that_is_shown_otherwise(stored: int) -> None:
    calls = measurement("gen_ai_request")
    text = field_text(calls, "cost_nano_usd", stored, "UTC")
    places = len(text.partition(".")[2])
    least, most = asked("gen_ai_request", "cost_nano_usd", text)
    assert least <= stored <= most
    for inside in (least, most):
        assert field_text(calls, "cost_nano_usd", inside, "UTC", places).lstrip("-") == text
    for outside in (least - 1, most + 1):
        assert field_text(calls, "cost_nano_usd", outside, "UTC", places).lstrip("-") != text


@pytest.mark.parametrize("stored", [104.3712, 104.375, 97.0, 0.005, 0.0, 1e-9, 1_234_567.891])
def test_what_a_length_is_shown_as_finds_it(stored: float) -> None:
    text = field_text(measurement("batch"), "duration_seconds", stored, "UTC", 2)
    least, most = asked("batch", "duration_seconds", text)
    assert least <= stored <= most
    assert [
        field_text(measurement("batch"), "duration_seconds", end, "UTC", 2).lstrip("-") for end in (least, most)
    ] == [text] * 2


def test_a_field_shows_the_signs_that_its_refusal_names() -> None:
    shown = next(str(table(one)) for tables in TABLES.values() for one in tables if one.source.name == "batch")
    with pytest.raises(InvalidQuestion) as refused:
        conditions(measurement("batch"), "requested", "many")
    (placeholder,) = set(re.findall(r"placeholder='(≥[^']+)'", shown))
    assert placeholder in str(refused.value)


def test_limits_of_money_are_whole_billionths_and_counts_are_exact() -> None:
    assert asked("gen_ai_request", "cost_nano_usd", "≥0.000065") == (65_000.0,)
    assert asked("gen_ai_request", "input_tokens", "9") == (9.0, 9.0)


@pytest.mark.parametrize("text", ["abc", "nan", "inf", "1e999", "≥", "0,5", "1,23"])
def test_what_is_no_number_is_refused_in_the_words_of_the_field(text: str) -> None:
    for source, column in (("gen_ai_request", "cost_nano_usd"), ("batch", "duration_seconds")):
        with pytest.raises(InvalidQuestion, match="isn't a number; write 5, ≥5 or ≤9"):
            conditions(measurement(source), column, text)


@pytest.mark.parametrize(
    ("largest", "declared", "decimals"),
    [
        (999.4, 1, 1),
        (1000.0, 1, 0),
        (-2734.1, 1, 0),
        (0.00023, 4, 5),
        (0.00099, 4, 5),
        (0.001, 4, 4),
        (0.1413, 4, 4),
        (0.04, 1, 1),
        (0.0, 4, 4),
    ],
)
def test_decimals_are_those_a_number_is_worth(largest: float, declared: int, decimals: int) -> None:
    assert decimals_at(largest, declared) == decimals


def test_tiles_write_thousands_whole_and_small_money_with_two_digits() -> None:
    assert measured(2734.1, metric("revenue_goal_progress")) == ("2,734", "%")
    assert measured(0.000231, metric("ai_cost_per_post")) == ("0.00023", "USD")


def test_codes_are_names_for_people() -> None:
    assert name_of("http_400", "outcome_reason") == "HTTP 400"
    codes = ("http_400", "http_5xx", "http_4XX", "http_502_from_proxy", "http_timeout")
    names = ["HTTP 400", "HTTP 5xx", "HTTP 4XX", "HTTP 502 from proxy", "HTTP timeout"]
    assert [name_of(code, "outcome_reason") for code in codes] == [reason_words(code) for code in codes] == names
    assert [name_of("text_day", "service_match"), name_of("15m", "window"), name_of("zai", "provider")] == [
        "By text and day", "15 minutes", "Z.ai",
    ]  # fmt: skip
    assert name_of("text", "topic") == "text", "elsewhere it may be anything"


def test_posts_followed_are_called_alike_as_a_number_and_in_sentences_about_their_records() -> None:
    assert metric("journey_posts").title == measurement("post_journey").title == "Posts followed"


def test_lists_have_a_blank_behind_each_comma_and_kinds_of_content_are_written_alike() -> None:
    assert field_text(measurement("post_performance"), "not_reported", "clicks,saves", "UTC") == "clicks, saves"
    assert [name_of(kind, "prompt_type") for kind in ("story", "case_study", "Own words")] == [
        "Story",
        "Case study",
        "Own words",
    ]
    assert name_of("story", "topic") == "story"
