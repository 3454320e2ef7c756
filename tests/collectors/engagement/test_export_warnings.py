"""A file of figures that is not read in whole is a warning for as long as it is so; other files of the project are none."""

from __future__ import annotations

import csv
import os
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.collectors.engagement.conftest import Folder

FILES = Path(__file__).parent / "files"
SWEDISH = "Publicerings-id,Kontonamn,Beskrivning,Publiceringstid,Permalänk,Visningar,Räckvidd\n18,a,Hej,10/14/2026 05:12,https://www.instagram.com/p/A/,10,9\n"
FOLLOWERS = "Date,Sponsored followers,Organic followers,Auto-invited followers,Total followers\n10/14/2026,0,1,0,1\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.csv", SWEDISH, "line 1 (Publicerings-id, Kontonamn, Beskrivning, "),
        ("x.csv", "Report\nDay;Impressions;Likes\n2026-10-14;1;2\n", "line 2 (Day, Impressions, Likes)"),
        ("linkedin_tal.csv", "Dag,Visningar\n2026-10-14,10\n", "line 1 (Dag, Visningar)"),
        ("exports/tal.csv", "Dag,Visningar,Klick\n2026-10-14,10,1\n", "line 1 (Dag, Visningar, Klick)"),
        ("f.csv", FOLLOWERS, "figures of followers, not of posts"),
        ("f.csv", FOLLOWERS.replace("Date", "Data").replace("Organic followers", "Follower organici").replace("Total followers", "Follower totali"), "figures of followers"),
        ("p.xlsx", (FILES / "protected.xlsx").read_bytes(), "protected by a password"),
        ("linkedin.csv", ",".join(f"Column {n}" for n in "ab" * 100_000) + "\n2026-10-14,1\n", "Column b, … 200000 columns"),
        ("p.xlsx", b"PK\x03\x04 not a spreadsheet", "can't be read"),
        ("p.xls", "<html><table><tr><td>Date</td></tr></table></html>", "is a web page"),
        ("e.csv", "Date,Impressions,Likes,Post text\n", "has a header (line 1: LinkedIn posts) and no rows"),
        ("e.csv", "Date,Impressions,Likes,Post text\nx,1,2,A\ny,1,2,A\n2026-10-14,1,2,A\n", "of which 1 was read; line 2: 'x' isn't a date"),
    ],
)  # fmt: skip
def test_what_looks_like_figures_of_posts_and_is_not_read_is_said(
    folder: Folder, name: str, content: Any, said: str
) -> None:
    folder.put(name, content)
    (problem,) = folder.collector.validate()
    folder.driver.run()
    (warning,) = folder.warnings
    assert warning.startswith(f"{name} ")
    assert said in warning
    assert problem.text == warning, "a first look says the same"
    folder.driver.run()
    assert folder.warnings == [warning]
    assert len(folder.reasons) == len(set(folder.reasons)), "nothing is set aside twice"
    (folder.root / name).unlink()
    folder.driver.run()
    assert not folder.warnings


def test_a_warning_ends_when_the_file_can_be_read(folder: Folder) -> None:
    folder.collect("x.csv", "Dag,Impressions,Likes,Post text\n2026-10-14,1,2,A\n")
    assert len(folder.warnings) == 1
    folder.collect("x.csv", "Date,Impressions,Likes,Post text\n2026-10-14,1,2,A\n")
    assert not folder.warnings
    assert folder.rows("topic") == [("A",)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("people.csv", "name,age\nA,3\n"),
        ("bank.csv", "Date,Amount,Balance\n2026-10-14,1.50,3.20\n"),
        ("outputs/runs.csv", "date,generated,failed\n2026-10-14,3,1\n"),
        ("topics.csv", "topic,likes it\nA,yes\n"),
        ("empty.csv", ""),
        ("one.csv", "just a text\nof lines\n"),
    ],
)
def test_other_tables_of_the_project_are_left_alone(folder: Folder, name: str, text: str) -> None:
    folder.collect(name, text)
    assert not folder.warnings
    assert not folder.reasons
    assert not folder.collector.validate()


def test_a_file_that_may_still_be_written_is_warned_of_and_not_yet_set_aside(folder: Folder) -> None:
    path = folder.put("linkedin.csv", "Dag,Visningar\n2026-10-14,1\n")
    os.utime(path)
    folder.driver.run()
    assert len(folder.warnings) == len(folder.collector.validate()) == 1
    assert not folder.reasons
    os.utime(path, (folder.clock, folder.clock))
    folder.driver.run()
    assert len(folder.warnings) == len(folder.reasons) == 1
    path.write_text("Date,Impressions,Likes,Post text\n2026-10-14,1,2,A\n")
    folder.driver.run()
    assert not folder.warnings


def test_many_warnings_are_counted(folder: Folder) -> None:
    for nth in range(30):
        folder.put(f"f{nth:02d}.csv", FOLLOWERS)
    folder.driver.run()
    assert len(folder.warnings) == 21
    assert folder.warnings[-1].startswith("10 more files")


def test_an_absurd_spreadsheet_costs_no_memory_and_is_said(folder: Folder) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 2  # type: ignore[index]
    book.save(folder.root / "wide.xlsx")
    with zipfile.ZipFile(folder.root / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 1000)
        packed.infolist()[0].file_size = 600 * 1024**2
    for name in ("wide.xlsx", "bomb.xlsx"):
        os.utime(folder.root / name, (folder.clock, folder.clock))
    folder.driver.run()
    bomb, wide = folder.warnings
    assert "unpacks to 600 MiB, more than 512" in bomb
    assert "needs more than 1 GB of memory" in wide


def test_a_bad_record_costs_itself_alone(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    from collectors.engagement import bodies

    read = bodies.row_of

    def failing(layout: Any, columns: Any, cells: Any, *rest: Any) -> Any:
        if cells["post text"] == "bad":
            raise RecursionError
        return read(layout, columns, cells, *rest)

    monkeypatch.setattr(bodies, "row_of", failing)
    folder.collect(
        "e.csv", "Date,Impressions,Likes,Post text\n2026-10-14,1,2,good\n2026-10-14,1,2,bad\n2026-10-14,3,2,fine\n"
    )
    assert folder.rows("topic") == [("fine",), ("good",)]
    assert folder.reasons == ["nested too deeply to be read"]


def test_a_file_that_breaks_its_reader_costs_itself_alone(folder: Folder) -> None:
    most = csv.field_size_limit(5_000)
    folder.put("a.csv", 'Date,Impressions,Likes,Post text\n2026-10-14,1,2,"' + "x" * 6_000 + "\n")
    try:
        folder.collect("b.csv", "Date,Impressions,Likes,Post text\n2026-10-14,1,2,B\n")
    finally:
        csv.field_size_limit(most)
    assert folder.rows("topic") == [("B",)]
    assert [text.startswith("a.csv can't be used: ") for text in folder.warnings] == [True]


def test_platforms_nobody_knows_are_listed_with_their_rows(folder: Folder) -> None:
    header = "Date,Platform,Post_Number,Topic,Views,Likes,Comments,Shares,Engagement_Rate\n"
    platforms = ["Linked-Inn", "Linked-Inn", "LinkedIn & X", "IG"]
    rows = [f"2025-01-01,{platform},{number},A,5,0,0,0,0.00%\n" for number, platform in enumerate(platforms, 1)]
    folder.collect("outputs/metrics.csv", header + "".join(rows))
    assert folder.warnings == [
        "outputs/metrics.csv: 2 rows are for the platform 'Linked-Inn', which isn't the name of a network known here; it is kept as written",
        "outputs/metrics.csv: 1 row is for the platform 'LinkedIn & X', which names 2 networks (linkedin, twitter); it is kept as written",
    ]
    assert [problem.text for problem in folder.collector.validate()] == folder.warnings
