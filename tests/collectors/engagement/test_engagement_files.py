"""Audience figures: imported once, corrected in place, told apart from zeros and inventions."""

from __future__ import annotations

import csv
import io
import os
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.engagement import numbers
from collectors.engagement.collector import EngagementCollector
from collectors.source import Source
from metricstore.point import Point
from tests.collectors.memory import Crash, Driver, MemoryStore

HEADER = ["Date", "Platform", "Post_Number", "Topic", "Views", "Likes", "Comments", "Shares", "Engagement_Rate"]
EXPORT = "Date,Impressions,Clicks,Likes,Comments,Shares,Post Text,Media Type\n"
LONG_AGO = 1_760_000_000


class Project:
    def __init__(self, root: Path, **source: Any) -> None:
        self.root = root
        (root / "outputs").mkdir(parents=True, exist_ok=True)
        self.store = MemoryStore()
        self.driver = Driver(EngagementCollector(Source(root, "Europe/Berlin", **source)), self.store)
        self.clock = LONG_AGO

    def put(self, name: str, text: str) -> Path:
        path = self.root / name
        path.write_bytes(text.encode())
        self.clock += 60
        os.utime(path, (self.clock, self.clock))
        return path

    def rows(self, *names: str) -> list[Any]:
        return [tuple(row.get(name) for name in names) for row in self.store.rows("engagement")]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def metrics(*rows: tuple[Any, ...]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER, *rows])
    return out.getvalue()


def test_the_order_of_rows_and_importing_again_change_nothing(project: Project) -> None:
    rows = [
        '2025-01-01,10,1,2,,1,"A, ""quoted""\ntext",Image',
        "2025-01-02,20,2,3,1,1,B,Text",
        "2025-01-02,5,2,3,1,1,C,Text",
    ]
    project.put("export.csv", EXPORT + "\n".join(rows))
    assert project.driver.run() == 3
    known = {k: {n: v for n, v in p.fields.items() if n != "line"} for k, p in project.store.points.items()}
    project.put("export.csv", EXPORT + "\n".join(reversed(rows)))
    project.driver.run()
    project.put("export (1).csv", EXPORT + "\n".join(rows))
    project.driver.run()
    after = {k: {n: v for n, v in p.fields.items() if n != "line"} for k, p in project.store.points.items()}
    assert after.keys() == known.keys()


def test_what_is_not_given_is_absent_and_never_zero(project: Project) -> None:
    project.put("export.csv", EXPORT + "2025-01-01,10,,2,,-,A,Image\n")
    project.driver.run()
    assert project.rows("clicks", "likes", "comments", "shares", "engagements", "exposures") == [
        (None, 2, None, None, 2, 10)
    ]


def test_a_corrected_row_overwrites_and_forgets_what_it_no_longer_gives(project: Project) -> None:
    project.put("export.csv", EXPORT + "2025-01-01,10,7,2,1,1,A,Image\n")
    project.driver.run()
    project.put("export.csv", EXPORT + "2025-01-01,12,,2,1,1,A,Image\n")
    project.driver.run()
    assert project.rows("impressions", "clicks") == [(12, None)]


def test_zeros_become_figures_and_figures_zeros_without_doubling(project: Project) -> None:
    for views, provenance in ((0, "placeholder"), (50, "imported"), (0, "placeholder")):
        project.put("outputs/metrics.csv", metrics(("2025-01-01", "linkedin", 1, "A", views, 0, 0, 0, "0.00%")))
        project.driver.run()
        assert project.rows("provenance", "views") == [(provenance, views)]


@pytest.mark.parametrize(
    ("half", "rest", "topics"),
    [
        ("2025-01-01,10,1,2,3,1,A,Image\n2025-01-02,10,1", ",2,3,1,B,Image\n", [("A",), ("B",)]),
        ('2025-01-02,20,1,2,3,1,"B\nmore', '",Image\n', [("B\nmore",)]),
    ],
)
def test_a_row_being_written_waits_for_its_end(
    project: Project, half: str, rest: str, topics: list[tuple[str]]
) -> None:
    path = project.root / "export.csv"
    path.write_text(EXPORT + half)
    project.driver.run()
    assert not project.driver.letters
    path.write_text(EXPORT + half + rest)
    project.driver.run()
    assert sorted(project.rows("topic")) == topics
    assert not project.driver.letters


def test_a_quote_nobody_closes_costs_its_own_row_alone(project: Project) -> None:
    rows = ['2025-01-01,10,1,2,3,1,"A,Image', "2025-01-02,20,1,2,3,1,B,Image", '2025-01-03,30,1,2,3,1,"C\nD",Image',
            '2025-01-04,40,1,2,3,1,"E,Image', "2025-01-05,50,1,2,3,1,F,Image"]  # fmt: skip
    project.put("export.csv", EXPORT + "\n".join(rows) + "\n")
    project.driver.run()
    assert sorted(project.rows("impressions", "topic")) == [(20, "B"), (30, "C\nD"), (50, "F")]
    assert sorted(letter.line for letter in project.driver.letters.values()) == [2, 6]


def test_a_bad_row_is_set_aside_once_with_its_line(project: Project) -> None:
    for more in ("", "2025-01-03,10,1,2,3,1,C,Text\n"):
        project.put(
            "export.csv", EXPORT + '2025-01-01,10,1,2,3,1,"A\nA",Image\n2025-01-02,ten,1,2,3,1,B,Image\n' + more
        )
        project.driver.run()
    [letter] = project.driver.letters.values()
    assert (letter.file, letter.line) == ("export.csv", 4)
    assert letter.reason == "impressions: 'ten' isn't a number; the row's other figures are read"
    assert {row[1] for row in project.rows("impressions", "topic") if row[0] is None} == {"B"}


def test_other_csv_files_are_ignored_unless_they_were_named(tmp_path: Path) -> None:
    silent = Project(tmp_path / "a")
    silent.put("people.csv", "name,age\nA,3\n")
    silent.driver.run()
    assert not silent.driver.letters
    named = Project(tmp_path / "b", exports=(tmp_path / "b" / "people.csv",))
    named.put("people.csv", "name,age\nA,3\n")
    named.driver.run()
    assert "no known export has the columns" in next(iter(named.driver.letters.values())).reason


def test_a_database_is_read_while_a_writer_has_it_open(project: Project) -> None:
    path = project.root / "outputs" / "metrics.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE metrics (date TEXT, platform TEXT, post_number INT, topic TEXT, views INT, likes INT)")
    writer.execute("INSERT INTO metrics VALUES ('2025-01-01', 'linkedin', 1, 'A', 5, 1)")
    project.driver.run()
    assert project.rows("views") == [(5,)]
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO metrics VALUES ('2025-01-02', 'linkedin', 2, 'B', 6, 1)")
    project.driver.run()
    assert project.rows("views") == [(5,)]
    writer.execute("COMMIT")
    project.driver.run()
    writer.close()
    assert project.rows("views") == [(5,), (6,)]


def test_a_damaged_database_is_set_aside(project: Project) -> None:
    project.put("outputs/metrics.db", "no database " * 100)
    for _ in range(2):
        project.driver.run()
    [letter] = project.driver.letters.values()
    assert "no readable SQLite database" in letter.reason


def test_the_real_exports_and_snapshots_are_told_apart(shared_data: Path, project: Project) -> None:
    for path in (shared_data / "upstream").iterdir():
        stem, revision = path.name.split(".")[:2]
        if path.suffix == ".csv" or "twitter" in stem.lower():
            shutil.copyfile(
                path, project.root / f"{stem}{'_' + revision if path.suffix == '.csv' else ''}{path.suffix}"
            )
    project.driver.run()
    assert project.driver.run() == 0
    assert Counter(project.rows("platform", "provenance", "grain")) == {
        ("linkedin", "imported", "post"): 37, ("linkedin", "imported", "week"): 5, ("instagram", "imported", "week"): 5,
        ("linkedin", "imported", "rest"): 5, ("instagram", "imported", "rest"): 5,
        ("twitter", "imported", "account"): 3, ("twitter", "imported", "watched"): 4,
        ("twitter", "modelled", "watched"): 2,
    }  # fmt: skip
    assert not project.driver.letters


def test_the_recorded_rows_of_the_scheduler_are_placeholders(shared_data: Path, project: Project) -> None:
    recorded = shared_data / "recorded" / "dev" / "steps" / "28-service-class" / "svc-outputs" / "metrics.csv"
    shutil.copyfile(recorded, project.root / "outputs" / "metrics.csv")
    project.driver.run()
    assert Counter(project.rows("platform", "provenance")) == {
        ("linkedin", "placeholder"): 3,
        ("twitter", "placeholder"): 3,
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1,234", 1234), ("1.234.567", 1234567), ("1 234", 1234), ("1\u202f234", 1234), ("12.0", 12), ("", None), ("N/A", None), (" 7 ", 7),
     ("9007199254740993", 9007199254740993)],
)  # fmt: skip
def test_counts_are_read_however_they_are_grouped(written: str, meant: int | None) -> None:
    assert numbers.count(written) == meant


@pytest.mark.parametrize("written", ["many", "1.5", "-3", "1,23", "99999999999999999999"])
def test_what_is_no_count_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"isn't a|too large"):
        numbers.count(written)


@pytest.mark.parametrize(
    ("written", "meant"), [("5.40%", 5.4), ("5,4 %", 5.4), ("1.234,5", 1234.5), ("7", 7.0), (None, None)]
)
def test_rates_are_read_with_either_decimal_mark(written: str | None, meant: float | None) -> None:
    assert numbers.percent(written) == meant


rows = st.lists(
    st.tuples(st.sampled_from(["2025-01-01", "2025-01-02"]), st.sampled_from(["linkedin", "twitter"]), st.integers(1, 2),
              st.just("T"), st.integers(0, 3), st.integers(0, 1), st.just(0), st.just(0), st.just("1%")),
    max_size=5,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(rows, st.one_of(st.none(), st.integers(0, 6))), min_size=1, max_size=4))
def test_interrupted_imports_end_in_the_same_store(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[list[Any], int | None]]
) -> None:
    ends = []
    for crashing in (True, False):
        project = Project(tmp_path_factory.mktemp("project"))
        for content, crash in steps:
            project.put("outputs/metrics.csv", metrics(*content))
            try:
                project.driver.run(keep_points=crash if crashing else None)
            except Crash:
                project.driver.run()
        ends.append(project.store.points)
    assert ends[0] == ends[1]


@pytest.mark.parametrize("killed", [False, True])
def test_rows_stored_under_another_spelling_of_a_network_are_there_once_by_its_name(
    project: Project, killed: bool
) -> None:
    rows = [("2025-01-01", name, 1, "T", 10, 1, 0, 0, "1%") for name in ("IG", "linkedin_page", "twitter")]
    project.put("outputs/metrics.csv", metrics(*rows))
    project.driver.run()
    wanted = dict(project.store.points)
    assert {point.tags["platform"] for point in wanted.values()} == {"instagram", "linkedin", "twitter"}
    for point in wanted.values():
        spelled = {"instagram": "ig", "linkedin": "linkedin_page"}.get(point.tags["platform"])
        if spelled:
            del project.store.points[point.identity]
            fields = {**point.fields, "row_id": f"earlier {spelled}"}
            project.store.write([Point(point.measurement, point.time, {**point.tags, "platform": spelled}, fields)])
    gone = Point("engagement", 5, {**point.tags, "platform": "fb"}, {**point.fields, "file": "gone.csv", "row_id": "x"})
    project.store.write([gone])
    project.driver.checkpoint["rules"] = 2
    if killed:
        before = dict(project.driver.checkpoint)
        with pytest.raises(Crash):
            project.driver.run(keep_points=1)
        project.driver.checkpoint = before
    project.driver.run()
    moved = [point for point in project.store.points.values() if point.fields["file"] == "gone.csv"]
    assert [point.tags["platform"] for point in moved] == ["facebook"]
    assert set(project.store.points) - {point.identity for point in moved} == set(wanted)
