"""A link shows one thing, to anyone, and nothing else whatever is done to it."""

from __future__ import annotations

import csv
import io
import re
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from werkzeug.serving import make_server

from dashapp.accounts import segments
from dashapp.accounts.database import now
from dashapp.accounts.user import AccountError
from dashapp.downloads.verify import verify
from dashapp.embeds import keeping, stills
from dashapp.embeds.model import columns_of, target
from layouts.pages import TILES
from metricstore.errors import StoreUnreachable
from metricstore.segment import Segment
from tests.embeds.conftest import Wiki

ALL = 50.0
LINKEDIN = 30.0
"""Posts in the history of tests.browser.scene."""


def test_a_reader_without_any_account_or_cookie_sees_the_chart(wiki: Wiki) -> None:
    answer = wiki.get(wiki.embed(label="Our <posts>"))
    assert answer.status_code == 200
    assert "Our &lt;posts&gt;" in answer.text
    assert "<svg" in answer.text
    assert "Numbers as a table" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_cookie_that_comes_along_is_neither_read_nor_answered(wiki: Wiki) -> None:
    person = wiki.app.test_client()
    name = wiki.app.config["SESSION_COOKIE_NAME"]
    person.set_cookie(name, "nonsense")
    for kind in ("", ".svg", ".png", ".json"):
        answer = person.get(wiki.path(wiki.embed(), kind))
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("kind", ["", ".svg", ".png", ".json", ".csv"])
def test_a_link_tampered_with_shows_a_notice_and_no_data(wiki: Wiki, kind: str) -> None:
    mine, other = wiki.embed(download=True), wiki.embed(download=True)
    path = wiki.path(mine, kind)
    signature = path.partition("sig=")[2]
    for wrong in (path.replace(mine.id, other.id), path[:-1], path.replace(signature, ""), path + "x",
                  path.replace(mine.id, "aaaaaaaaaaaa")):  # fmt: skip
        answer = wiki.client.get(wrong)
        assert answer.status_code == 403, wrong
        assert b"login" not in answer.data.lower()
        assert b"Posts generated" not in answer.data


@pytest.mark.parametrize("kind", ["", ".svg", ".png", ".json", ".csv"])
def test_revoked_and_expired_say_so_with_410_and_never_show_a_login(wiki: Wiki, kind: str) -> None:
    ended, over = wiki.embed(download=True), wiki.embed(download=True, expires=now() - timedelta(seconds=1))
    assert wiki.get(ended, kind).status_code == 200
    keeping.revoke(wiki.accounts, ended.id)
    for embed in (ended, over):
        answer = wiki.get(embed, kind)
        assert answer.status_code == 410
        assert answer.headers["Cache-Control"] == "no-store"
        assert b"Posts generated" not in answer.data
    assert "No longer shared" in wiki.get(ended).text


def test_a_locked_filter_is_not_widened_by_any_word_of_the_address(wiki: Wiki) -> None:
    embed = wiki.embed(words={"platform": "linkedin"})
    assert wiki.total(embed) == LINKEDIN
    for words in ({"platform": "twitter"}, {"platform": "linkedin,twitter"}, {"platform": ""}, {"start": "-365d"},
                  {"stop": "+30d"}, {"tz": "Asia/Tokyo"}, {"every": "1m"}, {"_records": "x"}):  # fmt: skip
        assert wiki.total(embed, **words) == LINKEDIN, words


def test_what_may_be_narrowed_narrows_and_nothing_more(wiki: Wiki) -> None:
    embed = wiki.embed(words={"platform": "linkedin", "start": "-5d"}, narrow=("platform", "outcome", "range"))
    whole = wiki.total(embed)
    assert 0 < whole < LINKEDIN
    assert 0 < wiki.total(embed, outcome="failed") < whole
    assert 0 < wiki.total(embed, start="-2d") < whole
    assert wiki.get(embed, ".json", platform="twitter").get_json() == {}
    assert wiki.get(embed, start="-30d").status_code in (200, 403)
    assert wiki.total(embed, platform="linkedin,twitter") == whole
    beyond = wiki.get(embed, ".json", start="-20d", stop="-10d")
    assert beyond.status_code == 403
    assert "<select" in wiki.get(embed).text


def test_an_embed_shows_at_most_what_its_owner_may_see_then_and_now(wiki: Wiki) -> None:
    segments.create(wiki.accounts, "X only", Segment.of_platforms(("twitter",)))
    before = wiki.embed(owner="ann")
    wiki.accounts.set_segment("ann", "X only")
    after = wiki.embed(owner="ann")
    assert wiki.total(before) == wiki.total(after) == ALL - LINKEDIN
    wiki.accounts.set_segment("ann", None)
    assert wiki.total(before) == ALL
    assert wiki.total(after) == ALL - LINKEDIN


def test_a_signature_opens_no_other_route(wiki: Wiki) -> None:
    embed = wiki.embed()
    signature = wiki.path(embed).partition("sig=")[2]
    for rule in wiki.app.url_map.iter_rules():
        if rule.rule.startswith(("/embed/", "/login", "/logout", "/healthz", "/readyz", "/static", "/assets", "/_favicon",
                                 "/_dash-component-suites")):  # fmt: skip
            continue
        path = re.sub(r"<[^>]+>", embed.id, rule.rule)
        answer = wiki.client.get(f"{path}?sig={signature}", headers={"Accept": "text/html"})
        assert answer.status_code in (302, 401, 403, 405), path


def test_who_may_frame_it_is_said_by_the_embed_or_the_settings(make_wiki: Callable[..., Wiki]) -> None:
    wiki = make_wiki(embed_ancestors="https://wiki.example https://*.intra.example")
    own = wiki.get(wiki.embed(ancestors=("https://other.example",))).headers
    assert own["Content-Security-Policy"].endswith("frame-ancestors 'self' https://other.example")
    usual = wiki.get(wiki.embed()).headers
    assert usual["Content-Security-Policy"].endswith(
        "frame-ancestors 'self' https://wiki.example https://*.intra.example"
    )
    assert "X-Frame-Options" not in usual
    assert "frame-ancestors 'none'" in wiki.client.get("/login").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "origin", ["https://a b", "javascript:alert(1)", "https://x; script-src *", "*", "wiki.example"]
)
def test_what_is_no_origin_never_gets_into_the_policy(wiki: Wiki, origin: str) -> None:
    with pytest.raises(AccountError, match="isn't an origin"):
        wiki.embed(ancestors=(origin,))


def test_while_the_store_is_down_the_last_good_picture_stays_with_its_time(
    wiki: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    embed = wiki.embed()
    good = {kind: wiki.get(embed, kind) for kind in ("", ".svg", ".png")}
    monkeypatch.setattr(wiki.app.extensions["metricstore"], "ask_all", _down)
    page, still, raster = (wiki.get(embed, kind) for kind in good)
    assert page.status_code == still.status_code == raster.status_code == 200
    assert "the data can&#39;t be reached just now" in page.text
    assert "As of " in page.text
    assert 'data-chart="generations_by_outcome"' in page.text
    assert "As of " in still.text
    ElementTree.fromstring(still.text)
    assert still.headers["Cache-Control"] == "no-store"
    never_seen = wiki.get(wiki.embed("posts_by_status"))
    assert never_seen.status_code == 503
    assert "Retry-After" in never_seen.headers


def test_while_the_store_hangs_nobody_waits_for_it_to_see_the_last_good_picture(
    wiki: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    embed, over = wiki.embed(), threading.Event()
    for kind in ("", ".svg"):
        wiki.get(embed, kind)
    monkeypatch.setattr(stills, "SECONDS", 0.05)
    monkeypatch.setattr(wiki.app.extensions["metricstore"], "ask_all", lambda *_, **__: over.wait())
    try:
        page, still = wiki.get(embed), wiki.get(embed, ".svg")
        assert page.status_code == still.status_code == 200
        assert ": drawing takes too long." in page.text
        assert "As of " in still.text
    finally:
        over.set()


def _down(*_: object, **__: object) -> None:
    raise StoreUnreachable("connection refused")


def test_pictures_are_asked_for_again_only_when_something_is_new(wiki: Wiki) -> None:
    embed = wiki.embed(words={"start": "2026-01-01", "stop": "2027-01-01"})
    for kind in (".svg", ".png"):
        first = wiki.get(embed, kind)
        assert first.headers["Cache-Control"] == "public, max-age=60"
        again = wiki.get(embed, kind, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert again.data == b""
        assert wiki.get(embed, kind, headers={"If-None-Match": first.headers["ETag"]}, theme="dark").status_code == 200


def test_a_picture_says_range_zone_filters_and_age_by_itself(wiki: Wiki) -> None:
    embed = wiki.embed(
        words={"start": "2026-03-01", "stop": "2026-04-01", "tz": "Europe/Berlin", "platform": "linkedin"}
    )
    told = wiki.get(embed, ".svg").text
    assert "1 Mar 2026 – 31 Mar 2026, Europe/Berlin" in told
    assert "Platform: LinkedIn" in told


def test_numbers_can_be_taken_away_only_where_that_is_allowed(wiki: Wiki) -> None:
    closed, open_ = wiki.embed(), wiki.embed(download=True, words={"platform": "linkedin"})
    assert wiki.get(closed, ".csv").status_code == 403
    answer = wiki.get(open_, ".csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = [line.split(",") for line in answer.text.splitlines()[1:] if line.startswith(('"20', "20"))]
    assert sum(float(row[2]) for row in rows if row[2]) == LINKEDIN
    page = wiki.embed("overview", kind="page", download=True)
    assert wiki.get(page, ".zip").data.startswith(b"PK")
    assert wiki.get(page, ".csv").status_code == 403


def test_a_spreadsheet_can_import_the_link_itself(wiki: Wiki) -> None:
    """As =IMPORTDATA(link) asks: a bare GET, no header but the host's, no cookie, nobody to log in."""
    embed = wiki.embed(download=True, words={"platform": "linkedin"})
    server = make_server("127.0.0.1", 0, wiki.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=20) as asking:
            asking.sendall(f"GET {wiki.path(embed, '.csv')} HTTP/1.0\r\n\r\n".encode())
            answer = asking.makefile("rb").read()
    finally:
        server.shutdown()
        server.server_close()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *headers = head.decode().split("\r\n")
    assert status.split()[1] == "200", "no redirect, to a login least of all"
    assert "Content-Type: text/csv; charset=utf-8" in headers
    assert not [line for line in headers if line.startswith(("Set-Cookie", "Location"))]
    rows = list(csv.reader(io.StringIO(body.decode())))
    assert rows[0] == ["time", "outcome", "generations", "generations_missing"]
    assert {len(row) for row in rows} == {len(rows[0])}
    assert sum(float(row[2]) for row in rows[1:] if row[2]) == LINKEDIN


def test_an_embeds_numbers_are_plain_unless_a_proof_is_asked_for_and_guarded(wiki: Wiki, tmp_path: Path) -> None:
    frozen = {"start": (now() - timedelta(days=30)).isoformat(), "stop": now().isoformat()}
    embed = wiki.embed(download=True, words=frozen)
    plain = wiki.get(embed, ".csv")
    assert b"_proof" not in plain.data
    assert b"_proof" in wiki.get(embed, ".csv", proof="1").data
    (tmp_path / "file.csv").write_bytes(plain.data)
    (tmp_path / "file.csv.proof.json").write_bytes(wiki.get(embed, ".csv", proof="file").data)
    assert verify(tmp_path / "file.csv").state == "complete"
    assert wiki.get(embed, ".csv", excel="1").data.startswith(b'\xef\xbb\xbf"time [UTC]","time_utc_offset"')
    assert wiki.get(embed, ".csv", proof="maybe").status_code == 400


@pytest.mark.parametrize("name", list(TILES))
def test_whole_pages_are_shown_with_their_key_figures(wiki: Wiki, name: str) -> None:
    embed = wiki.embed(name, kind="page")
    answer = wiki.get(embed)
    assert answer.status_code == 200
    assert 'class="figures"' in answer.text
    still = wiki.get(embed, ".svg", width="1000")
    assert still.status_code == 200
    ElementTree.fromstring(still.text)


def test_use_is_noted_with_the_page_and_without_its_query(wiki: Wiki) -> None:
    embed = wiki.embed()
    wiki.get(embed, headers={"Referer": "https://wiki.example/Team/Numbers?secret=1"})
    found = keeping.get(wiki.accounts, embed.id)
    assert found is not None
    assert (found.uses, found.used_on) == (1, "https://wiki.example/Team/Numbers")
    assert found.last_used is not None


def test_the_moment_an_embed_is_made_fixes_what_its_words_mean(make_wiki: Callable[..., Wiki]) -> None:
    wiki = make_wiki()
    embed = wiki.embed(words={})
    assert embed.wanted.words["tz"] == "UTC"
    assert embed.wanted.words["start"] == "-30d"


def test_what_can_not_be_embedded_is_refused_in_a_sentence(wiki: Wiki) -> None:
    for wanted, says in (
        ({"theme": "pink"}, "light, dark, follow"), ({"refresh_seconds": 5}, "60 to"), ({"height": 7}, "pixels"),
        ({"narrow": ("password",)}, "can't be narrowed"), ({"words": {"nonsense": "1"}}, "nonsense"),
        ({"words": {"start": "someday"}}, "someday"), ({"label": "a\nb"}, "one line"),
    ):  # fmt: skip
        with pytest.raises(AccountError, match=re.escape(says)):
            wiki.embed(**wanted)  # type: ignore[arg-type]
    with pytest.raises(AccountError, match="no chart or page"):
        target("nothing")
    assert target("overview") == ("page", "overview")
    assert "platform" in columns_of("chart", "generations_by_outcome")


def test_files_for_embeds_are_those_and_no_others(wiki: Wiki) -> None:
    for name, status in (("embed/embed.js", 200), ("vendor/plotly-4.1.1-scatter-bar-heatmap.min.js", 200),
                         ("fonts/inter-regular.woff2", 200), ("fonts/inter-semibold.woff2", 200), ("fonts/LICENSE.txt", 404),
                         ("40-charts.js", 404), ("../pyproject.toml", 404), ("__init__.py", 404)):  # fmt: skip
        answer = wiki.client.get(f"/embed/assets/{name}")
        assert answer.status_code in (status, 308), name
        if status == 200:
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_that_nothing_happened_is_not_told_as_nothing_was_collected(wiki: Wiki) -> None:
    told = wiki.get(wiki.embed("content_problems", words={"platform": "instagram"})).text
    assert "No items holding failure text in this range." in told
