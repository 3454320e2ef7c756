"""What stands in brackets behind a column's name is obeyed where it is understood, else said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.zone_names import zone_named
from tests.collectors.engagement.conftest import Folder

ROWS = ",Platform,Impressions,Likes,Post text\n2026-10-14 23:30,LinkedIn,100,5,A\n2026-10-15,LinkedIn,100,5,B\n"


def moments(folder: Folder) -> list[tuple[Any, str, str]]:
    return [
        (topic, kind, f"{datetime.fromtimestamp(time // 10**9, UTC):%m-%d %H:%M}")
        for topic, kind, time in folder.rows("topic", "time_kind", "time")
    ]


@pytest.mark.parametrize(
    ("heading", "utc"),
    [
        ("Date (CET)", "10-14 22:30"), ("Date [UTC]", "10-14 23:30"), ("Published time (GMT+1)", "10-14 22:30"),
        ("Datum (UTC−05:30)", "10-15 05:00"), ("Publish time (America/New_York)", "10-15 03:30"), ("Created date (EDT)", "10-15 03:30"),
    ],
)  # fmt: skip
def test_times_are_of_the_zone_that_the_heading_names_and_dates_stay_dates(
    folder: Folder, heading: str, utc: str
) -> None:
    folder.collect("e.csv", heading + ROWS)
    assert moments(folder) == [("A", "instant", utc), ("B", "date", "10-15 00:00")]
    assert (folder.reasons, folder.warnings) == ([], [])


def test_a_spreadsheets_times_are_of_that_zone_too(folder: Folder) -> None:
    rows = [["Date (UTC)", "Impressions", "Likes", "Post text"], [datetime(2026, 10, 14, 23, 30), 100, 5, "A"], [datetime(2026, 10, 15), 1, 1, "B"]]  # fmt: skip
    folder.collect("e.xlsx", {"Posts": rows})
    assert moments(folder) == [("A", "instant", "10-14 23:30"), ("B", "date", "10-15 00:00")]


@pytest.mark.parametrize("said", ["IST", "CET/CEST", "Berlin", "Europe/Nowhere", "GMT+30"])
def test_times_in_a_zone_that_is_not_one_are_refused_by_its_name(folder: Folder, said: str) -> None:
    folder.collect("e.csv", f"Date ({said}){ROWS}")
    assert moments(folder) == [("B", "date", "10-15 00:00")]
    assert [f"its times are in {said!r}" in reason for reason in folder.reasons] == [True]
    assert len(folder.warnings) == 1


@pytest.mark.parametrize("said", ["local time", "day", "YYYY-MM-DD HH:MM"])
def test_what_says_no_zone_changes_nothing(folder: Folder, said: str) -> None:
    folder.collect("e.csv", f"Date ({said}){ROWS}")
    assert moments(folder) == [("A", "date", "10-14 00:00"), ("B", "date", "10-15 00:00")]
    assert folder.reasons == []


@pytest.mark.parametrize(("said", "day"), [("DD/MM/YYYY", "2026-04-03"), ("mm/dd/yy", "2026-03-04")])
def test_a_heading_may_say_which_comes_first(folder: Folder, said: str, day: str) -> None:
    folder.collect("e.csv", f"Date ({said}),Impressions,Likes,Post text\n03/04/2026,1,1,A\n")
    assert folder.days() == {"A": day}


def test_units_that_say_nothing_are_no_part_of_a_name_and_thousands_are_said(folder: Folder) -> None:
    folder.collect(
        "e.csv", "Date,Platform,Likes (count),Comments (#),Impressions (in thousands)\n2026-10-14,X,5,2,1.2\n"
    )
    assert folder.rows("platform", "likes", "impressions") == [("twitter", 5, None)]
    assert ["Impressions (in thousands)" in text for text in folder.warnings] == [True]


def test_a_column_that_names_the_network_goes_before_what_the_columns_look_like(folder: Folder) -> None:
    folder.collect(
        "e.csv", "Date,Platform,Impressions,Post text\n2026-10-14,LinkedIn 💼,1,A\n2026-10-14,\u00a0Instagram\u200b,2,B\n2026-10-14,𝕏,3,C\n2026-10-14,,4,D\n"
    )  # fmt: skip
    assert folder.rows("topic", "platform") == [
        ("A", "linkedin"), ("B", "instagram"), ("C", "twitter"), ("D", "linkedin"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "Z", "+25:00", "IST", "Berlin", "UTC+1 (Paris)"])
def test_only_a_zone_alone_is_one(text: str) -> None:
    assert (zone_named(text) is None) is (text != "Z")
