"""Exports as the platforms hand them out and people keep them: read in whole, in every language declared."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.engagement.languages import header_of, languages
from collectors.engagement.layouts import LAYOUTS, layout_of
from collectors.month_names import MONTHS
from tests.collectors.engagement.conftest import Folder

FILES = Path(__file__).parent / "files"
POST = "https://www.linkedin.com/feed/update/urn:li:activity:70000000000000000{:02d}"
PAGE_POSTS = (
    "Post title,Post link,Post type,Campaign name,Posted by,Created date,Campaign start date,Campaign end date,Audience,"
    "Impressions,Views,Offsite Views,Clicks,Click through rate (CTR),Likes,Comments,Reposts,Follows,Engagement rate,Content Type"
)
PAGE_DAYS = (
    "Date,Impressions (organic),Impressions (sponsored),Impressions (total),Unique impressions (organic),Clicks (organic),"
    "Clicks (sponsored),Clicks (total),Reactions (total),Comments (total),Reposts (total),Engagement rate (total)"
)
META = (
    "Post ID,Account ID,Account username,Account name,Description,Duration (sec),Publish time,Permalink,Post type,Data comment,"
    "Date,Views,Reach,Likes,Shares,Follows,Comments,Saves"
)
FACEBOOK = (
    "Post ID,Page ID,Page name,Title,Description,Duration (sec),Publish time,Caption type,Permalink,Post type,Data comment,Date,"
    'Views,Reach,"Reactions, Comments and Shares",Reactions,Comments,Shares,Total clicks'
)
STORY = META.replace("Comments,Saves", "Replies,Profile visits,Link clicks,Navigation,Sticker taps")
GENERIC = "Date,Impressions,Clicks,Likes,Comments,Shares,Post text\n"


def test_a_linkedin_pages_posts_are_read_below_their_preface(folder: Folder) -> None:
    preface = '"Aggregated engagement metrics from 10/01/2026 to 10/31/2026",,,,,,,,,,,,,,,,,,'
    row = f"What,{POST.format(1)},Organic,,Jo,10/04/2026,,,All,1000,,,40,0.04,50,7,3,2,0.061,Image"
    folder.collect("acme_content.csv", f"{preface}\n{PAGE_POSTS}\n{row}\n")
    names = ("platform", "grain", "impressions", "clicks", "likes", "comments", "shares", "views", "followers")
    assert folder.rows(*names) == [("linkedin", "post", 1000, 40, 50, 7, 3, None, None)]
    assert folder.rows("media_type", "reported_rate") == [("Image", pytest.approx(6.1))]
    assert folder.days() == {"What": "2026-10-04"}, "LinkedIn writes the month first, whatever the language"


def test_an_old_spreadsheet_in_portuguese_gives_posts_and_days(folder: Folder) -> None:
    folder.collect("acme_content.xls", (FILES / "linkedin_page_pt.xls").read_bytes())
    posts = folder.rows("impressions", "clicks", "likes", "comments", "reported_rate", "line", grain="post")
    assert posts == [(1000, 40, 50, 7, 10.0, 3), (500, 5, 10, None, 2.6, 4)]
    assert folder.days() == {"Planos": "2026-07-10", "Equipe": "2026-07-14", "None": "2026-07-06"}
    assert folder.rows("impressions", "reach", "clicks", "likes", grain="day") == [(100, 70, 10, 5)]
    assert not folder.reasons
    assert not folder.warnings


def test_a_linkedin_persons_workbook_gives_its_posts_and_days(folder: Folder) -> None:
    ranking = ["Post URL", "Post publish date", "Engagements", None, "Post URL", "Post publish date", "Impressions"]
    folder.collect(
        "Content_2026.xlsx",
        {
            "DISCOVERY": [["Overall Performance", "10/8/2026 - 10/9/2026"], ["Impressions", 12], ["Members reached", 8]],
            "ENGAGEMENT": [["Date", "Impressions", "Engagements"], ["10/18/2026", 4, 0], ["10/19/2026", 8, 2]],
            "TOP POSTS": [
                ["Maximum of 50 posts available to include in this list"], [], ranking,
                [POST.format(1), "10/3/2026", 2, None, POST.format(2), "10/2/2026", 30],
                [POST.format(2), "10/2/2026", 1, None, POST.format(1), "10/3/2026", 10],
                ["481", "481", "481", "481", POST.format(3), "9/1/2026", 5],
            ],
            "FOLLOWERS": [["Total followers on 10/9/2026", 101], [], ["Date", "New followers"], ["10/8/2026", 3]],
            "DEMOGRAPHICS": [["Top Demographics", "Value", "Percentage"], ["Company size", "2-10", 0.1]],
        },
    )  # fmt: skip
    assert folder.rows("impressions", "engagements", grain="post") == [(10, 2), (30, 1), (5, None)]
    assert folder.rows("impressions", "engagements", "followers", grain="day") == [(4, 0, None), (8, 2, None)]
    assert not folder.reasons
    assert not folder.warnings


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (META, "18,17,acme,Acme,Office,0,10/14/2026 05:12,https://www.instagram.com/p/A/,IG image,,Lifetime,1500,1200,80,4,2,6,9",
         ("instagram", None, 1500, 1200, 80, 6, 4, 9, None)),
        (FACEBOOK, "1,2,Acme,Office,,0,10/14/2026 05:12,,https://www.facebook.com/a/posts/1,Photos,,Lifetime,100,90,8,5,2,1,7",
         ("facebook", None, 100, 90, 5, 2, 1, None, 7)),
        (STORY, "18,17,acme,Acme,Office,0,10/14/2026 05:12,https://www.instagram.com/stories/a/1,IG story,,Lifetime,15,12,8,1,0,2,3,4,5,6",
         ("instagram", None, 15, 12, 8, 2, 1, None, 4)),
        ("Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,Reposts,URL Clicks",
         '19,"Wed, Oct 14, 2026",Office,https://x.com/a/status/19,500,7,9,1,3,0,2,4,6', ("twitter", 500, None, None, 7, 2, 4, 1, 6)),
        ("Date,Channel,Text,Impressions,Reactions,Comments,Shares,Clicks,Engagement Rate",
         "2026-10-14 09:00,Instagram: acme,Office,100,5,1,0,2,6%", ("instagram", 100, None, None, 5, 1, 0, None, 2)),
        ("Published,Post,Permalink,Impressions,Likes,Comments",
         "2026-10-14 09:00,Office,https://www.linkedin.com/posts/a-share-1-b,100,5,1", ("linkedin", 100, None, None, 5, 1, None, None, None)),
    ],
    ids=["instagram", "facebook", "story", "x", "buffer", "another-tool"],
)  # fmt: skip
def test_posts_of_every_platform_are_read(folder: Folder, header: str, row: str, expected: tuple[Any, ...]) -> None:
    folder.collect("Oct-01-2026_Oct-31-2026_123.csv", f"{header}\n{row}\n")
    names = ("platform", "impressions", "views", "reach", "likes", "comments", "shares", "saves", "clicks")
    assert folder.rows(*names) == [expected]
    assert folder.days() == {"Office": "2026-10-14"}
    assert not folder.reasons


def test_insights_by_day_are_read_by_their_titles(folder: Folder) -> None:
    blocks = ("Facebook reach", "1200", "90"), ("Instagram link clicks", "7", "0")
    text = "sep=,\r\n" + "\r\n\r\n".join(
        f'"{title}"\r\n"Date","Primary"\r\n"2026-10-14T00:00:00","{one}"\r\n"2026-10-15T00:00:00","{two}"'
        for title, one, two in blocks
    )
    folder.collect("Results.csv", text.encode("utf-16"))
    days = folder.rows("platform", "reach", "clicks", grain="day")
    assert days == [("facebook", 1200, None), ("facebook", 90, None), ("instagram", None, 0), ("instagram", None, 7)]


def test_a_posts_days_are_not_added_up_where_it_has_its_lifetime(folder: Folder) -> None:
    rows = [f"18,17,acme,Acme,Office,0,10/14/2026 05:12,https://www.instagram.com/p/A/,IG image,,{day},{n},{n},8,4,2,6,9"
            for day, n in (("Total", 100), ("10/14/2026", 60), ("10/15/2026", 50))]  # fmt: skip
    folder.collect("a.csv", "\n".join([META, *rows]) + "\n")
    assert folder.rows("views", "conflicting_rows") == [(100, None)]
    assert not folder.warnings
    folder.collect("b.csv", "\n".join([META, *(row.replace("/A/", "/B/") for row in rows[1:])]) + "\n")
    assert len(folder.rows("views")) == 1
    assert ["b.csv has 2 rows for single days" in text for text in folder.warnings] == [True]


LANGUAGES = [language for language in languages() if language.code != "en"]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
@pytest.mark.parametrize(
    "columns",
    [
        ("post title", "post link", "created date", "impressions", "clicks", "likes", "comments", "reposts"),
        (
            "post id",
            "account username",
            "publish time",
            "permalink",
            "views",
            "reach",
            "likes",
            "comments",
            "shares",
            "saves",
        ),
        ("post id", "page name", "publish time", "permalink", "views", "reach", "reactions", "comments", "shares"),
        ("date", "impressions total", "clicks total", "reactions total", "comments total", "reposts total"),
        ("post url", "post publish date", "engagements"),
        ("date", "impressions", "post text", "likes"),
        ("date", "primary"),
    ],
    ids=lambda columns: columns[1],
)
def test_each_declared_language_makes_each_export_the_same(language: Any, columns: tuple[str, ...]) -> None:
    english = layout_of(columns)
    assert english is not None
    spoken = {name: word for word, name in language.columns.items()}
    header = header_of([spoken.get(name, name).title() for name in columns])
    assert header.names == columns
    assert layout_of(header.names) == english


def test_every_word_of_a_language_means_one_column() -> None:
    known = {
        name
        for layout in LAYOUTS
        for names in (layout.needs, *layout.any_of, *layout.counts.values())
        for name in names
    }
    known |= {"engagements", "engagement rate", "engagement rate total", "title", "description", "caption", "post text", "post title",
              "post type", "content type", "media type", "organic followers", "total followers", "account name", "account id", "page id",
              "publish date", "post id", "permalink"}  # fmt: skip
    for language in LANGUAGES:
        assert set(language.columns.values()) <= known, language.code
        assert language.order == "day"
    assert {code: len(set(names.split())) for code, names in MONTHS.items()} == dict.fromkeys(
        (language.code for language in languages()), 12
    )


def test_one_word_shared_with_another_language_does_not_choose_its_dates(folder: Folder) -> None:
    folder.collect("e.csv", "Date,Impressions,Likes,Post text,Engagement\n03/04/2026,1,1,A,2\n")
    assert not folder.rows("topic")
    assert "may be 2026-04-03 or 2026-03-04" in folder.reasons[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("EXPORT.CSV", "Date,Impressions,Likes,Post text\n2026-10-14,1234,5,A\n"),
        ("export (1).csv", "sep=;\r\nDate;Impressions;Likes;Post text\r\n14.10.2026;1.234;5;A\r\n"),
        ("exports/2026/../a.tsv", "Datum\tImpressionen\tGefällt mir\tBeitragstext\n14.10.26\t1 234\t5,0\tA\n"),
        ("analytics/a.csv", "\ufeffFecha;Impresiones;Me gusta;Texto de la publicación\n14 de octubre de 2026;1.234;5;A\n"),
        ("outputs/a.csv", "Date,Impressions,J'aime,Texte du post\n14 oct. 2026,1\u202f234,5,A\n"),
        ("long.csv", "".join(f"Report line {n}\n" for n in range(30)) + "Data;Impressioni;Mi piace;Testo del post\n14/10/2026;1.234;5;A\n"),
        ("u.csv", "Datum;Impressies;Vind-ik-leuks;Berichttekst\r\n14 okt. 2026;1234;5;A\r\n".encode("utf-16-le")),
        ("a.xlsx", {"Notes": [["See the next sheet"]], "Data": [["Date", "Impressions", "Likes", "Post text"], [datetime(2026, 10, 14, 9), 1234, 5.0, "A"]]}),
        ("b.csv", "Date,Impressions,Likes,Post text\n46309,1234,5,A\nTotal,1234,5,\nFigures may change for some days\n"),
    ],
)  # fmt: skip
def test_files_are_read_however_they_are_named_and_written(folder: Folder, name: str, content: Any) -> None:
    (folder.root / "exports" / "2026").mkdir(parents=True)
    folder.collect(name, content)
    assert folder.rows("impressions", "likes", "topic") == [(1234, 5, "A")]
    assert folder.days() == {"A": "2026-10-14"}
    assert not folder.reasons
    assert not folder.warnings


def test_a_named_folder_is_read_in_place_of_the_usual_ones(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "project", exports=(tmp_path / "downloads",))
    folder.put("a.csv", GENERIC + "2026-10-14,1,1,1,1,1,A\n")
    folder.collect("../downloads/b.csv", GENERIC + "2026-10-14,2,1,1,1,1,B\n")
    assert folder.rows("topic") == [("B",)]


@pytest.mark.parametrize("nothing", ["", "-", "–", "N/A", "#DIV/0!", "#N/V", "#####", "k. A.", "n/d", "n.v.t."])
def test_a_figure_that_is_not_there_costs_itself_alone(folder: Folder, nothing: str) -> None:
    folder.collect("e.csv", GENERIC + f"2026-10-14,100,{nothing},5,1,1,A\n")
    assert folder.rows("impressions", "clicks", "likes") == [(100, None, 5)]
    assert not folder.reasons


@pytest.mark.parametrize("wrong", ["ten", "1.5", "-3", "9" * 5000, "1e400", "[[[[", "NaN%"])
def test_a_figure_that_is_wrong_is_told_and_costs_itself_alone(folder: Folder, wrong: str) -> None:
    folder.collect("e.csv", GENERIC + f"2026-10-14,100,{wrong},5,1,1,A\n2026-10-14,50,1,5,1,1,B\n")
    assert folder.rows("impressions", "clicks", "likes") == [(100, None, 5), (50, 1, 5)]
    assert [reason.startswith("clicks: ") for reason in folder.reasons] == [True]


@pytest.mark.parametrize(
    ("channel", "network"),
    [
        ("X / Twitter", "twitter"),
        ("ig", "instagram"),
        ("FB Page", "facebook"),
        ("linkedin_page", "linkedin"),
        ("LinkedIn: Acme", "linkedin"),
    ],
)
def test_a_channels_column_says_the_network_by_any_of_its_names(folder: Folder, channel: str, network: str) -> None:
    folder.collect("buffer.csv", f"Date,Channel,Text,Impressions,Likes\n2026-10-14,{channel},A,100,1\n")
    assert folder.rows("platform") == [(network,)]


@pytest.mark.parametrize("channel", ["Content", "outputs/content", "Acme"])
def test_a_channel_that_names_no_network_is_taken_for_none(folder: Folder, channel: str) -> None:
    folder.collect("buffer.csv", f"Date,Channel,Text,Impressions,Likes\n2026-10-14,{channel},A,100,1\n")
    assert folder.rows("platform") == []
