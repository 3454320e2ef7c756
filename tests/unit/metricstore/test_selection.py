"""Selections: their words in an address come back as they went, and moments are what people mean by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore.errors import InvalidQuestion
from metricstore.query import Filter
from metricstore.selection import NOTHING, PRESETS, RESERVED, Selection, join_values, literal, resolve, split_values
from metricstore.windows import Window

NOW = datetime(2024, 4, 3, 15, 20, tzinfo=UTC)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda word: word != NOTHING)
COLUMNS = st.text("abcdefg_", min_size=1, max_size=8).filter(lambda name: name not in RESERVED)
SELECTIONS = st.builds(
    Selection,
    start=st.sampled_from([*PRESETS, "2024-01-01", "2024-01-01T05:00:00+02:00"]),
    stop=st.sampled_from(["now", "+30d", "2030-01-01"]),
    timezone=st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe"]),
    every=st.sampled_from(["auto", "none", "1h", "1mo"]),
    compare=st.sampled_from([None, "previous", "weekdays", "year"]),
    where=st.dictionaries(COLUMNS, st.lists(WORDS, min_size=1, max_size=4).map(tuple), max_size=3),
)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(SELECTIONS)
def test_a_selection_comes_back_from_its_parameters(selection: Selection) -> None:
    again = Selection.from_params(selection.params())
    assert again == selection
    assert again.params() == selection.params()


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(WORDS, min_size=1).map(tuple))
def test_words_come_back_whatever_they_hold(words: tuple[str, ...]) -> None:
    assert split_values(join_values(words)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b", ("a", "b")), (r"a\,b", ("a,b",)), (r"a\\,b", ("a\\", "b")), ("a,,b,", ("a", "b")), ("", ()),
        (",", ()), ('""', ("",)), ('"",x', ("", "x")), (r"C:\logs", (r"C:\logs",)), ("a\nb", ("a\nb",)),
    ],
)  # fmt: skip
def test_an_address_is_read_leniently(text: str, words: tuple[str, ...]) -> None:
    assert split_values(text) == words


def test_defaults_are_left_out_of_the_address() -> None:
    assert Selection().params() == {}
    assert Selection(timezone="Europe/Berlin").params() == {"tz": "Europe/Berlin"}


def test_words_become_filters() -> None:
    params = {"platform": "linkedin,twitter", "outcome": "!ok,!unknown", "topic": "~launch", "position": ">=2,<=9.5"}
    assert Selection.from_params(params).filters() == (
        Filter("outcome", "none", ("ok", "unknown")),
        Filter("platform", "any", ("linkedin", "twitter")),
        Filter("position", "min", (2.0,)),
        Filter("position", "max", (9.5,)),
        Filter("topic", "contains", ("launch",)),
    )
    assert [one.column for one in Selection.from_params(params).filters(("platform",))] == ["platform"]


def test_narrowing_replaces_one_filter_and_leaves_the_rest() -> None:
    selection = Selection.from_params({"platform": "linkedin", "outcome": "ok", "start": "-7d"})
    narrowed = selection.narrowed("platform", ("twitter",))
    assert narrowed.where == {"platform": ("twitter",), "outcome": ("ok",)}
    assert narrowed.start == "-7d"
    assert narrowed.narrowed("platform", ()).where == {"outcome": ("ok",)}


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"start": "yesterday"}, "start"), ({"stop": "soon"}, "stop"), ({"tz": "Mars"}, "tz"), ({"every": "5x"}, "every"),
        ({"compare": "month"}, "compare"), ({"start": "now"}, "start"), ({"start": "2024-02-01", "stop": "2024-01-01"}, "start"),
        ({"start": "-999999999y"}, "start"), ({"start": "-99999999999d"}, "start"), ({"start": "0001-01-01"}, "start"),
    ],
)  # fmt: skip
def test_a_bad_parameter_is_named(params: dict[str, str], name: str) -> None:
    with pytest.raises(InvalidQuestion) as refused:
        Selection.from_params(params)
    assert refused.value.parameter == name


def test_no_comparison_has_a_word_for_pages_that_compare_by_themselves() -> None:
    assert Selection.from_params({"compare": "off"}, Selection(compare="year")).compare is None


@pytest.mark.parametrize("word", [">=x", "<=", ">=nan", "<=inf"])
def test_a_range_that_is_no_number_is_refused_by_its_column(word: str) -> None:
    with pytest.raises(InvalidQuestion) as refused:
        Selection.from_params({"position": word}).filters()
    assert refused.value.parameter == "position"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2024-04-03T17:20:00+02:00"), ("-1h", "2024-04-03T16:20:00+02:00"), ("-3d", "2024-03-31T17:20:00+02:00"),
        ("-4d", "2024-03-30T17:20:00+01:00"), ("+1w", "2024-04-10T17:20:00+02:00"), ("-1mo", "2024-03-03T17:20:00+01:00"),
        ("-1y", "2023-04-03T17:20:00+02:00"), ("day", "2024-04-03T00:00:00+02:00"), ("week", "2024-04-01T00:00:00+02:00"),
        ("month", "2024-04-01T00:00:00+02:00"), ("quarter", "2024-04-01T00:00:00+02:00"), ("year", "2024-01-01T00:00:00+01:00"),
        ("2024-03-31", "2024-03-31T00:00:00+01:00"), ("2024-03-31T12:00", "2024-03-31T12:00:00+02:00"),
        ("2024-03-31T12:00:00Z", "2024-03-31T14:00:00+02:00"),
    ],
)  # fmt: skip
def test_moments_are_those_of_the_zone(text: str, expected: str) -> None:
    found = resolve("start", text, NOW, ZoneInfo("Europe/Berlin"))
    assert found.isoformat() == datetime.fromisoformat(expected).astimezone(UTC).isoformat()


def test_a_month_back_from_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    assert resolve("start", "-1mo", datetime(2024, 3, 31, 9, tzinfo=UTC), ZoneInfo("UTC")).day == 29


def test_the_range_of_a_selection_is_half_open_in_utc() -> None:
    assert Selection("-7d").range(NOW) == (NOW - timedelta(days=7), NOW)
    assert Selection("-7d", "2024-01-08").range(NOW) == (
        datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2024, 1, 8, tzinfo=UTC),
    )


def test_windows_are_chosen_given_or_none() -> None:
    assert Selection("-7d").window(NOW) == Window(6, "h")
    assert Selection("-7d", every="1d").window(NOW) == Window(1, "d")
    assert Selection("-7d", every="none").window(NOW) is None


@given(st.text(min_size=1, max_size=12).filter(str.strip), st.text(max_size=6))
def test_any_value_survives_from_a_click_to_its_filter(value: str, other: str) -> None:
    address = join_values((literal(value), literal(other)))
    (found,) = Selection.from_params({"topic": address}).filters()
    assert (found.operator, set(found.values)) == ("any", {value, other})


def test_an_explicit_choice_of_utc_is_kept_where_another_zone_is_the_default() -> None:
    usual = Selection(timezone="Europe/Berlin")
    chosen = Selection.from_params({"tz": "UTC", "start": "-7d"}, usual)
    assert chosen.params(usual) == {"tz": "UTC", "start": "-7d"}
    assert Selection.from_params(chosen.params(usual), usual) == chosen
    assert usual.params(usual) == {}
