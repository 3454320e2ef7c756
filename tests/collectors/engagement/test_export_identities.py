"""Two posts are never one, however a spreadsheet has cut their ids; one post is never two."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from collectors.engagement.dates import midnight
from collectors.engagement.rows import row_identity
from metricstore.point import Point
from tests.collectors.engagement.conftest import Folder

X = "Post id,Date,Post text,Post Link,Impressions,Likes,Replies,Reposts\n"
LINK = "https://x.com/a/status/197800000000000000{}"
METRICS = "Date,Platform,Post_Number,Topic,Views,Likes,Comments,Shares,Engagement_Rate\n"
EXPORT = "Date,Impressions,Likes,Post text\n"


@pytest.mark.parametrize(
    "cut", ["1.978E+18", '"1,978E+18"', "1.97800000000000E+18", "1978000000000000000", "1E+18", "1.978e18"]
)
def test_posts_whose_ids_are_cut_are_told_apart_by_their_links(folder: Folder, cut: str) -> None:
    folder.collect("x.csv", X + "".join(f"{cut},10/14/2026,Same,{LINK.format(n)},{n}00,1,0,0\n" for n in (1, 2)))
    assert folder.rows("impressions") == [(100,), (200,)]
    assert not folder.reasons


def test_a_cut_export_and_a_whole_one_are_the_same_posts(folder: Folder) -> None:
    folder.collect("whole.csv", X + "".join(f"197800000000000000{n},2026-10-14,Same,,{n}00,1,0,0\n" for n in (1, 2)))
    folder.collect("cut.csv", X + "".join(f"1.978E+18,2026-10-14,Same,{LINK.format(n)},{n}50,1,0,0\n" for n in (1, 2)))
    assert folder.rows("impressions") == [(150,), (250,)]


def test_cut_ids_in_a_spreadsheet_are_seen(folder: Folder) -> None:
    rows = [
        X.strip().split(","),
        *([1978000000000000001, "2026-10-14", "Same", LINK.format(n), n * 100, 1, 0, 0] for n in (1, 2)),
    ]
    folder.collect("x.xlsx", {"Posts": rows})
    assert folder.rows("impressions") == [(100,), (200,)]


def test_without_a_link_the_text_tells_posts_apart_and_without_a_text_the_row_is_refused(folder: Folder) -> None:
    rows = [f"1.978E+18,10/14/2026,{text},,{n}00,1,0,0\n" for n, text in enumerate(("Alpha", "Beta", ""), 1)]
    folder.collect("x.csv", X + "".join(rows))
    assert folder.rows("impressions", "topic") == [(100, "Alpha"), (200, "Beta")]
    assert ["a spreadsheet program has cut the post's id" in reason for reason in folder.reasons] == [True]


def test_an_id_that_ends_in_zeros_among_whole_ones_is_an_id(folder: Folder) -> None:
    ids = ("1978000000000000000", "1978000000000000001")
    folder.collect("x.csv", X + "".join(f'="{one}",2026-10-14,Same,,{n}00,1,0,0\n' for n, one in enumerate(ids, 1)))
    assert folder.rows("impressions") == [(100,), (200,)]


def test_instagram_posts_with_cut_ids_are_known_by_their_addresses(folder: Folder) -> None:
    header = "Beitrags-ID;Konto-Benutzername;Beschreibung;Veröffentlichungszeitpunkt;Permalink;Aufrufe;Reichweite\n"
    rows = (
        f"1,79E+16;acme;Same;14.10.2026 18:00;https://www.instagram.com/p/{code}/;{n}00;90\n"
        for n, code in enumerate("AB", 1)
    )
    folder.collect("meta.csv", header + "".join(rows))
    assert folder.rows("views") == [(100,), (200,)]


def test_what_an_older_version_stored_under_a_wrong_date_or_a_cut_id_goes(folder: Folder) -> None:
    folder.put("x.csv", X + "".join(f"1.978E+18,04/25/2026,Same,{LINK.format(n)},{n}00,1,0,0\n" for n in (1, 2)))
    folder.put("e.csv", EXPORT + "25/04/2026,1,1,A\n03/04/2026,2,2,B\n04/03/2026,3,3,C\n")
    folder.put("b.csv", EXPORT + '"Wed, Oct 14 2026 23:30 +0000",4,4,D\n')
    folder.driver.run()
    right = folder.rows("impressions", "time", "row_id")
    # as the version before stored them: one post for both ids, months first, times with a zone as dates
    zone = ZoneInfo("Europe/Berlin")
    wrong = [
        ("twitter", "2026-04-25", ["1.978E+18"], "x.csv", 200),
        ("linkedin", "2026-03-04", [None, "B"], "e.csv", 2),
        ("linkedin", "2026-10-14", [None, "D"], "b.csv", 4),
    ]
    for platform, day, about, file, impressions in wrong:
        fields = {
            "impressions": impressions,
            "row_id": row_identity(platform, "post", day, about),
            "file": file,
            "line": 3,
        }
        tags = {"platform": platform, "provenance": "imported", "grain": "post"}
        folder.store.write([Point("engagement", midnight(date.fromisoformat(day), zone) + 7, tags, fields)])
    folder.driver.checkpoint = {"files": folder.driver.checkpoint["files"], "rules": 2}
    folder.driver.run()
    assert folder.rows("impressions", "time", "row_id") == right


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        (("1,A,100", "2,B,50", "1,A,70"), [("A", 100, None), ("A", 70, None), ("B", 50, None)]),
        (("1,A,100", "1,A,70"), [("A", 70, 1)]),
        (("1,A,100", "1,A,70", "1,A,90", "1,A,70"), [("A", 70, 2)]),
        (("1,A,0", "1,A,70"), [("A", 70, None)]),
        (("1,A,70", "1,A,70"), [("A", 70, None)]),
        ((",A,100", ",A,70"), [("A", 100, None), ("A", 70, None)]),
    ],
    ids=["another-batch", "one-place", "several", "filled-in", "equal", "by-place-in-the-day"],
)
def test_metrics_rows_that_claim_one_identity_count_where_they_can_be_told_apart(
    folder: Folder, rows: tuple[str, ...], kept: list[tuple[object, ...]]
) -> None:
    # a row of zeros is one that nobody has filled in yet
    text = METRICS + "".join(
        f"2026-10-14,linkedin,{row},1,0,0,1%\n".replace(
            ",1,0,0,1%", "," + ("0" if row.endswith(",0") else "1") + ",0,0,1%"
        )
        for row in rows
    )
    folder.collect("outputs/metrics.csv", text)
    assert folder.rows("topic", "views", "conflicting_rows") == sorted(kept, key=repr)


def test_an_exports_equal_texts_of_one_day_are_two_posts_and_one_id_never_is(folder: Folder) -> None:
    folder.collect(
        "e.csv",
        EXPORT + "2026-10-14,100,1,A\n2026-10-14,200,1,A\n2026-10-13,1,1,B\n2026-10-14,300,1,B\n2026-10-13,2,1,B\n",
    )
    assert folder.rows("topic", "impressions", "conflicting_rows") == [
        ("A", 100, None), ("A", 200, None), ("B", 2, 1), ("B", 300, None)
    ]  # fmt: skip
    folder.collect("x.csv", X + "19,2026-10-14,C,,100,1,0,0\n19,2026-10-14,C,,200,1,0,0\n")
    assert ("C", 200, 1) in folder.rows("topic", "impressions", "conflicting_rows")
    folder.collect("x.csv", X + "19,2026-10-14,C,,200,1,0,0\n")
    assert ("C", 200, None) in folder.rows("topic", "impressions", "conflicting_rows")
