"""Whether 03/04/2026 is in March or April is decided once a column, by all its rows, and never guessed."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.engagement.dates import date_column, is_date
from tests.collectors.engagement.conftest import Folder

HEADER = "Date,Impressions,Likes,Post text"
ZONE = ZoneInfo("Europe/Berlin")
FORMS = {"day": ("{0.day:02d}{1}{0.month:02d}{1}{0.year}", "{0.day}{1}{0.month}{1}{0.year} 18:30"),
         "month": ("{0.month:02d}{1}{0.day:02d}{1}{0.year}", "{0.month}{1}{0.day}{1}{0.year}, 6:30 PM")}  # fmt: skip
DAYS = st.dates(date(2020, 1, 1), date(2027, 12, 31))


def export(*dates: str) -> str:
    return "\n".join([HEADER, *(f'"{text}",1,1,{nth}' for nth, text in enumerate(dates))]) + "\n"


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (("25/04/2026", "03/04/2026", "04/03/2026"), ("2026-04-25", "2026-04-03", "2026-03-04")),
        (("03/04/2026", "04/25/2026", "04/03/2026"), ("2026-03-04", "2026-04-25", "2026-04-03")),
        (("03-04-2026", "31-12-2026"), ("2026-04-03", "2026-12-31")),
        (("3/4/26", "4/30/26"), ("2026-03-04", "2026-04-30")),
        (("03.04.2026", "04.05.2026"), ("2026-04-03", "2026-05-04")),
        (("2026/04/03", "2026-04-03T10:00:00+02:00", "2026-04-03 23:30"), ("2026-04-03",) * 3),
        (("Fri, Apr 3, 2026", "3. April 2026", "3 avr. 2026", "viernes, 3 de abril de 2026", "ven 3 apr 2026"), ("2026-04-03",) * 5),
        (("46115", "46115,75", "46115.5"), ("2026-04-03",) * 3),
        (("10/10/2026", "03.04.2026"), ("2026-10-10", "2026-04-03")),
    ],
)  # fmt: skip
def test_one_date_settles_its_column(folder: Folder, dates: tuple[str, ...], expected: tuple[str, ...]) -> None:
    folder.collect("e.csv", export(*dates))
    assert tuple(folder.days()[str(nth)] for nth in range(len(dates))) == expected
    assert not folder.reasons


def test_dates_that_nothing_settles_are_set_aside_and_said(folder: Folder) -> None:
    folder.collect("e.csv", export("03/04/2026", "05/06/2026", "07/07/2026"))
    assert folder.days() == {"2": "2026-07-07"}
    assert sorted(folder.reasons)[0].startswith(
        "'03/04/2026' may be 2026-04-03 or 2026-03-04: no other date settles it"
    )
    assert ["e.csv has 3 rows" in text and "of which 1 was read" in text for text in folder.warnings] == [True]


def test_a_column_of_both_orders_settles_nothing(folder: Folder) -> None:
    folder.collect("e.csv", export("25/04/2026", "04/25/2026", "03/04/2026"))
    assert folder.days() == {"0": "2026-04-25", "1": "2026-04-25"}
    assert "dates of both orders" in folder.reasons[0]


def test_a_header_in_a_language_with_one_order_settles_it(folder: Folder) -> None:
    folder.collect("e.csv", export("03/04/2026").replace(HEADER, "Datum,Impressionen,Likes,Beitragstext"))
    assert folder.days() == {"0": "2026-04-03"}


def test_dates_that_a_spreadsheet_has_swapped_are_not_believed(folder: Folder) -> None:
    rows = [HEADER.split(","), ["25/04/2026", 1, 1, "text"], [datetime(2026, 3, 4), 1, 1, "date"]]
    folder.collect("e.xlsx", {"S": rows})
    assert folder.days() == {"text": "2026-04-25"}
    assert "day and month swapped" in folder.reasons[0]
    folder.collect("f.xlsx", {"S": [*rows, [datetime(2026, 3, 30), 1, 1, "late"]]})
    assert folder.days()["late"] == "2026-03-30"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(DAYS, min_size=1, max_size=8), st.sampled_from(["day", "month"]), st.sampled_from("/.-"), st.integers(0, 1)
)
def test_a_column_is_read_right_or_refused(days: list[date], order: str, mark: str, form: int) -> None:
    cells = [FORMS[order][form].format(day, mark) for day in days]
    column = date_column(cells, None, None)
    settled = any(day.day > 12 for day in days)
    for day, cell in zip(days, cells, strict=True):
        if settled or day.day == day.month or (mark == "." and order == "day"):
            assert column.day(cell, ZONE) == day
        elif mark != ".":
            with pytest.raises(ValueError, match="may be"):
                column.day(cell, ZONE)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "10/14", "2026", "14/14/2026", "1978000000000000001", "1.5", "10:30", "2026-13-01", "May"]
)
def test_what_names_no_day_is_refused(text: str) -> None:
    assert not is_date(text)
    with pytest.raises(ValueError, match=r"isn't a date|no date"):
        date_column([text], None, None).day(text, ZONE)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-10-14 23:30:00 UTC", "2026-10-15T01:30"),
        ("Wed, 14 Oct 2026 23:30:00 +0000", "2026-10-15T01:30"),
        ("Oct 14, 2026 11:30 PM GMT", "2026-10-15T01:30"),
        ("14.10.2026, 23:30 +02:00", "2026-10-14T23:30"),
        ("10/14/2026 23:30 -0500", "2026-10-15T06:30"),
        ("2026-10-14T23:30Z", "2026-10-15T01:30"),
    ],
)
def test_a_time_of_day_with_its_zone_is_an_instant_however_it_is_spelled(folder: Folder, text: str, meant: str) -> None:
    folder.collect("e.csv", export(text))
    moment = datetime.fromisoformat(meant).replace(tzinfo=ZONE).timestamp()
    assert [(kind, time // 10**9) for kind, time in folder.rows("time_kind", "time")] == [("instant", moment)]


@pytest.mark.parametrize("text", ["2026-10-14 23:30", "14 Oct 2026 23:30 IST", "Oct 14, 2026, 11:30 PM"])
def test_a_time_of_day_without_a_certain_zone_leaves_a_date(folder: Folder, text: str) -> None:
    folder.collect("e.csv", export(text))
    assert folder.rows("time_kind") == [("date",)]
    assert folder.days() == {"0": "2026-10-14"}


@pytest.mark.parametrize("text", ["2026-10-14 00:00:00 UTC", "10/14/2026 12:00 AM UTC", "Oct 14, 2026 11:30 PM GMT"])
def test_the_day_of_figures_of_a_whole_day_is_the_one_written(text: str) -> None:
    column = date_column([text], "month", None)
    for zone in (ZoneInfo("America/New_York"), ZONE):
        assert column.day(text, zone, instants=False) == date(2026, 10, 14)


def test_rows_of_days_with_a_time_and_a_zone_count_on_their_day(folder: Folder) -> None:
    folder.collect("days.csv", "Date,Impressions,Reposts\n2026-10-14 23:30:00 UTC,100,1\n")
    assert folder.rows("impressions", grain="day") == [(100,)]
    assert set(folder.days().values()) == {"2026-10-14"}
