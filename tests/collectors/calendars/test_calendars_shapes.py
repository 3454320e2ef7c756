"""Calendars that are not a plain list: read where only one place can be meant, else said; and fields that are wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.calendars.collector import CalendarsCollector
from collectors.source import Source
from tests.collectors.memory import Driver, MemoryStore

ZONE = "Europe/Berlin"
ONE = {"topic": "One", "content": "Text", "platform": "linkedin", "publish_date": "2026-10-19", "status": "draft"}
TWO = {**ONE, "topic": "Two", "publish_date": "2026-10-20"}
UNDATED = {"topic": "One", "content": "Text"}


class Folder:
    """A project with one calendar, collected twice."""

    def __init__(self, root: Path, content: Any, name: str = "content_calendar.json") -> None:
        path = root / "outputs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
        self.store = MemoryStore()
        self.collector = CalendarsCollector(Source(root, ZONE))
        self.driver = Driver(self.collector, self.store)
        self.driver.run()
        assert self.driver.run() == 0

    @property
    def posts(self) -> list[dict[str, Any]]:
        return sorted(self.store.rows("post"), key=lambda row: str(row.get("topic")))

    @property
    def reasons(self) -> list[str]:
        return [letter.reason for letter in self.driver.letters.values()]

    @property
    def warnings(self) -> list[str]:
        return list(self.driver.checkpoint.get("warnings", []))


@pytest.mark.parametrize(
    "content",
    [
        {"posts": [ONE, TWO]},
        {"calendar": {"items": [ONE, TWO], "version": 3}},
        {"data": {"calendar": {"entries": [ONE, TWO]}}, "generated_at": "2026-10-10T08:00:00Z"},
        {"2026-10-19": ONE, "2026-10-20": TWO},
        {"2026-10-19": [ONE], "2026-10-20": [TWO], "2026-10-21": []},
        {"post-1": ONE, "post-2": TWO},
        {"calendar": {"a7": ONE, "b9": TWO}},
        {"linkedin": [ONE], "twitter": [TWO]},
        {"weeks": [{"week": 1, "posts": [ONE]}, {"week": 2, "posts": [TWO]}]},
        {"week_1": [ONE], "week_2": [TWO]},
        [{"day": 1, "posts": [ONE]}, {"day": 2, "posts": [TWO]}],
        json.dumps(ONE) + "\n" + json.dumps(TWO) + "\n",
        json.dumps(ONE) + "\r\n\r\n" + json.dumps(TWO),
    ],
    ids=lambda content: json.dumps(content)[:40],
)
def test_a_wrapped_calendar_is_read_where_one_place_holds_items(tmp_path: Path, content: Any) -> None:
    folder = Folder(tmp_path, content)
    assert [(post["topic"], post["time"] // 10**9) for post in folder.posts] == [
        (topic, int(datetime(2026, 10, day, tzinfo=UTC).timestamp())) for topic, day in (("One", 19), ("Two", 20))
    ]
    assert (folder.reasons, folder.warnings) == ([], [])


@pytest.mark.parametrize(
    ("content", "platform"),
    [
        ({"2026-10-19": UNDATED}, "linkedin"),
        ({"2026-10-19": [UNDATED]}, "linkedin"),
        ({"2026-10-19": {"posts": [UNDATED]}}, "linkedin"),
        ({"days": [{"date": "2026-10-19", "posts": [UNDATED]}]}, "linkedin"),
        ({"Instagram": {"2026-10-19": [UNDATED]}}, "instagram"),
        ({"platform": "X (Twitter)", "days": [{"date": "2026-10-19", "posts": [UNDATED]}]}, "twitter"),
    ],
)
def test_what_an_item_stands_under_says_what_it_does_not_say_itself(
    tmp_path: Path, content: Any, platform: str
) -> None:
    folder = Folder(tmp_path, content)
    assert [(post["platform"], post["time"] // 10**9) for post in folder.posts] == [(platform, 1792368000)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"posts": [ONE], "drafts": [TWO]}, "holds items at 2 places (drafts[], posts[])"),
        ({"theme": "dark", "columns": 3}, "holds an object with 'theme', 'columns', and no items in it"),
        ({}, "holds an empty object"),
        ({"posts": [UNDATED]}, "no items in it"),
        ("17", "holds a number"),
        ([UNDATED, UNDATED], "2 of 2 items can't be used; the first is in line 2: item has no publish date"),
        ([ONE, {**TWO, "publish_date": "soon"}], "1 of 2 items can't be used"),
    ],
)
def test_a_calendar_that_yields_nothing_or_too_little_is_a_warning_also_of_doctor(
    tmp_path: Path, content: Any, words: str
) -> None:
    folder = Folder(tmp_path, content)
    (warning,) = folder.warnings
    assert warning.startswith("outputs/content_calendar.json") and words in warning and "publish_date" in warning
    assert [problem.text for problem in folder.collector.validate()] == [warning]


def test_a_warning_goes_when_the_calendar_is_mended_or_taken_away(tmp_path: Path) -> None:
    folder = Folder(tmp_path, {"theme": "dark"})
    path = tmp_path / "outputs" / "content_calendar.json"
    path.write_text(json.dumps([ONE]))
    folder.driver.run()
    assert folder.warnings == [] and len(folder.posts) == 1
    path.write_text(json.dumps([UNDATED]))
    folder.driver.run()
    assert folder.warnings
    path.unlink()
    folder.driver.run()
    assert folder.warnings == []


def test_a_wrapped_calendar_without_items_is_an_empty_calendar(tmp_path: Path) -> None:
    folder = Folder(tmp_path, {"posts": [ONE]})
    (tmp_path / "outputs" / "content_calendar.json").write_text('{"posts": []}')
    folder.driver.run()
    assert [post["presence"] for post in folder.posts] == ["replaced"] and folder.warnings == []


def test_a_calendar_in_a_format_that_is_not_read_is_named(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "date,topic\n", "Content_Calendar.CSV")
    assert "outputs/Content_Calendar.CSV looks like a calendar" in folder.warnings[0]


def test_lines_of_items_of_which_one_is_bad_cost_that_line(tmp_path: Path) -> None:
    text = "\n".join([json.dumps(ONE), '{"topic": "cut', json.dumps(TWO), ""])
    folder = Folder(tmp_path, text, "calendar.ndjson")
    assert [post["topic"] for post in folder.posts] == ["One", "Two"]
    assert [(letter.line, "JSON" in letter.reason) for letter in folder.driver.letters.values()] == [(2, True)]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("9:00 AM", "2026-10-19T07:00"), ("2:30 pm", "2026-10-19T12:30"), ("14h30", "2026-10-19T12:30"),
        ("09:00:00Z", "2026-10-19T09:00"), ("09:00+05:30", "2026-10-19T03:30"), ("09:00 UTC", "2026-10-19T09:00"),
        ("09:00 America/New_York", "2026-10-19T13:00"), ("2026-10-19T23:30:00Z", "2026-10-19T23:30"),
        ("2026-10-18T23:30:00Z", "2026-10-18T23:30"), ("09:00 CEST", "2026-10-19T07:00"), ("12:00 AM", "2026-10-18T22:00"),
        ("", "2026-10-19T00:00"), (None, "2026-10-19T00:00"),
    ],
)  # fmt: skip
def test_a_time_of_day_means_what_it_says(tmp_path: Path, written: Any, utc: str) -> None:
    folder = Folder(tmp_path, [{**ONE, "scheduled_time": written}])
    assert [f"{datetime.fromtimestamp(post['time'] // 10**9, UTC):%Y-%m-%dT%H:%M}" for post in folder.posts] == [utc]
    assert folder.reasons == []


@pytest.mark.parametrize("written", ["2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z", "2026-10-25 01:30 UTC"])
def test_a_date_with_a_time_and_a_zone_is_an_instant_also_in_the_hour_that_comes_twice(
    tmp_path: Path, written: str
) -> None:
    folder = Folder(tmp_path, [{**ONE, "publish_date": written}])
    assert folder.posts[0]["time"] // 10**9 == int(datetime(2026, 10, 25, 1, 30, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "written",
    [
        "Oct 19, 2026", "19 okt. 2026", "19. Oktober 2026", "19 octobre 2026", "19 de octubre de 2026", "19 de outubro de 2026",
        "19 ottobre 2026", "Monday, October 19th, 2026", "lunedì 19 ott 2026", "19-Oct-2026", "10/19/2026", "19/10/2026",
    ],
)  # fmt: skip
def test_a_date_whose_month_is_a_word_or_whose_order_is_certain_is_read(tmp_path: Path, written: str) -> None:
    folder = Folder(tmp_path, [{**ONE, "publish_date": written}, {**TWO, "publish_date": f"{written} 9:00 AM"}])
    days = [f"{datetime.fromtimestamp(post['time'] // 10**9, UTC):%Y-%m-%dT%H:%M}" for post in folder.posts]
    assert (days, folder.reasons) == (["2026-10-19T00:00", "2026-10-19T07:00"], [])


@pytest.mark.parametrize("written", ["03/04/2026", "jui 14 2026", "Oct 2026", "around Oct 19 2026 maybe", "19 Oct 26"])
def test_a_date_that_could_be_several_is_refused(tmp_path: Path, written: str) -> None:
    folder = Folder(tmp_path, [{**ONE, "publish_date": written}, TWO])
    assert [post["topic"] for post in folder.posts] == ["Two"]
    assert folder.reasons == [f"publish_date {written!r} isn't a date (such as 2026-10-19)"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scheduled_time", "noon"), ("scheduled_time", "24:00"), ("scheduled_time", 900), ("scheduled_time", ["9:00"]),
        ("scheduled_time", "09:00 IST"), ("scheduled_time", "2026-11-01T09:00"), ("post_number", "7a"), ("post_number", -1),
        ("post_number", 2**70), ("post_number", True), ("topic", {"name": "n"}), ("status", True), ("content", {"a": "A", "b": "B"}),
        ("content", [5]), ("prompt_type", []), ("platform", 5), ("updated_at", "#DIV/0!"), ("tweets", {}),
    ],
)  # fmt: skip
def test_an_optional_field_that_is_wrong_costs_itself_alone(tmp_path: Path, field: str, value: Any) -> None:
    bad = {**ONE, field: value} | ({"content": None} if field == "tweets" else {})
    folder = Folder(tmp_path, [bad, TWO])
    assert len(folder.posts) == 2
    (reason,) = folder.reasons
    assert reason.startswith(f"kept without its {field}: ")
    assert folder.warnings == []


@pytest.mark.parametrize("written", [9, 9.0, "9", " 9 ", "9.0"])
def test_a_whole_number_is_one_however_it_is_written(tmp_path: Path, written: Any) -> None:
    folder = Folder(tmp_path, [{**ONE, "post_number": written}])
    assert (folder.posts[0]["post_number"], folder.reasons) == (9, [])


def test_texts_in_objects_of_their_own_are_texts(tmp_path: Path) -> None:
    folder = Folder(tmp_path, [{**ONE, "platform": "x", "content": [{"id": "1", "text": "a"}, {"tweet": "b", "n": 2}]}])
    assert (folder.posts[0]["content"], folder.posts[0]["tweets"], folder.reasons) == ("a\n\nb", 2, [])


DEEP = "[" * 50_000 + "]" * 50_000


@pytest.mark.parametrize(
    "value", [DEEP, "9" * 5_000, '{"a": ' * 20_000 + "1" + "}" * 20_000, "1e999", "NaN", '"\\ud800"']
)
@pytest.mark.parametrize("field", ["post_number", "content", "notes"])
def test_a_value_no_parser_takes_costs_its_field_and_no_neighbour(tmp_path: Path, field: str, value: str) -> None:
    first = json.dumps({**ONE, field: "HERE"}).replace('"HERE"', value)
    folder = Folder(tmp_path, f"[{first}, {json.dumps(TWO)}]")
    assert [post.get("topic") for post in folder.posts] == ["One", "Two"]
    assert len(folder.reasons) <= 1
