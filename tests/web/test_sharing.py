"""Files and embeds from the page: what is offered works as it is written there, and stays within what one may see."""

from __future__ import annotations

import html
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from dashapp.accounts.tokens import create_token
from dashapp.embeds import keeping
from metricstore.point import Point, nanoseconds
from tests.browser.scene import history
from tests.web.conftest import PASSWORD, Person, csrf

WORDS = "start=-30d&tz=UTC&platform=linkedin"


@pytest.fixture
def told(app: Flask) -> Flask:
    """The application with some history in its store."""
    app.extensions["metricstore"].write(history())
    app.extensions["accounts"].add("eve", "analyst", PASSWORD)
    return app


@pytest.fixture
def person(told: Flask) -> Callable[[str], Person]:
    def log_in(name: str) -> Person:
        found = Person(told.test_client(), name)
        assert found.log_in().status_code == 302
        return found

    return log_in


@pytest.fixture
def address(told: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, told, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def snippets(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.S)]


def test_every_format_on_the_page_leads_to_a_file(person: Callable[[str], Person]) -> None:
    ann = person("ann")
    for what in ("chart/generations_by_outcome", "table/log_records", "records/generation", "page/overview"):
        page = ann.client.get(f"/share/{what}?{WORDS}&_order=time")
        assert page.status_code == 200
        links = [html.unescape(found) for found in re.findall(r'href="(/download/[^"]+)"', page.text)]
        assert len(links) == (7 if what.startswith("page") else 8)
        for link in links:
            answer = ann.client.get(link)
            assert answer.status_code == 200, link
            assert answer.headers["Content-Disposition"].startswith("attachment")
            answer.close()
        assert "Platform: LinkedIn" in page.text
    assert ann.client.get("/share/chart/nothing").status_code == 404
    assert ann.client.get("/share/nothing/overview").status_code == 404


@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "xlsx"])
def test_the_python_and_curl_recipes_run_as_written(
    told: Flask, person: Callable[[str], Person], address: str, form: str, tmp_path: Path
) -> None:  # fmt: skip
    ann = person("ann")
    page = ann.client.get(f"/share/chart/generations_by_outcome?{WORDS}&_format={form}").text.replace(
        "http://localhost", address
    )
    link, curl, python, shell = snippets(page)
    token = create_token(told.extensions["accounts"].find("ann"), "t", accounts=told.extensions["accounts"])
    env = {**os.environ, "TOKEN": token}
    counting = "\nvalue = frame[[name for name in frame.columns if 'generations' in name][0]]\nprint(value.sum())"
    done = subprocess.run(
        [sys.executable, "-c", python + counting], env=env, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == 30
    got = subprocess.run(["bash", "-c", curl], env=env, capture_output=True, cwd=tmp_path, check=False)
    assert got.returncode == 0, got.stderr
    assert (tmp_path / f"generations_by_outcome.{form}").stat().st_size > 300
    assert link.startswith(address)
    words = shlex.split(shell)
    assert words[:4] == ["dashapp", "export", "chart/generations_by_outcome", "--format"]
    assert "--where" in words


CLOCK_CHANGE = "start=2024-03-30&stop=2024-04-02&tz=Europe/Berlin"


@pytest.mark.parametrize("what", ["records/generation", "chart/generations_by_outcome"])
@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "xlsx"])
def test_the_python_recipe_has_right_times_across_a_change_of_the_clock(
    told: Flask, person: Callable[[str], Person], address: str, what: str, form: str, tmp_path: Path
) -> None:  # fmt: skip
    """Two offsets in one column: read_csv's own parse_dates leaves texts."""
    moments = [f"2024-03-{day:02d}T{hour:02d}:30:00Z" for day, hour in ((30, 12), (31, 0), (31, 1), (31, 12))]
    told.extensions["metricstore"].write(
        Point("generation", nanoseconds(datetime.fromisoformat(text)), {"platform": "linkedin"}, {"outcome": "ok"})
        for text in moments
    )
    page = person("ann").client.get(f"/share/{what}?{CLOCK_CHANGE}&every=1h&_order=time&_format={form}")
    python = snippets(page.text.replace("http://localhost", address))[2]
    check = (
        "\nassert str(frame['time'].dt.tz) == 'Europe/Berlin', frame.dtypes"
        "\nvalue = frame.get('generations', pd.Series(1, index=frame.index))"
        "\nprint(*sorted({time.isoformat() for time in frame['time'][value > 0].dt.floor('h')}), sep='\\n')"
    )
    token = create_token(told.extensions["accounts"].find("ann"), "t", accounts=told.extensions["accounts"])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", python + check], env={**os.environ, "TOKEN": token},
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [
        "2024-03-30T13:00:00+01:00", "2024-03-31T01:00:00+01:00", "2024-03-31T03:00:00+02:00",
        "2024-03-31T14:00:00+02:00",
    ]  # fmt: skip


def test_a_tick_on_the_page_puts_the_proof_into_the_file(person: Callable[[str], Person], tmp_path: Path) -> None:
    ann = person("ann")
    address = f"/share/records/generation?{WORDS}"
    for ticked in (False, True):
        page = ann.client.get(f"{address}&proof=1" if ticked else address).text
        assert ("checked" in page) == ticked
        links = [html.unescape(found) for found in re.findall(r'href="(/download/[^"]+)"', page)]
        for link in links:
            if ".csv" in link and "proof=file" not in link:
                assert (b"_proof" in ann.client.get(link).data) == ticked, link
        curl = snippets(page)[1]
        assert ("proof=1" in curl) == ticked
        beside = next(link for link in links if "proof=file" in link)
        assert ann.client.get(beside).get_json()["rows"] == 30


def test_an_embed_is_made_shown_checked_and_revoked_in_the_app(
    told: Flask, person: Callable[[str], Person]
) -> None:  # fmt: skip
    eve = person("eve")
    form = eve.client.get(f"/embeds/new/chart/generations_by_outcome?{WORDS}")
    assert "Platform: LinkedIn" in form.text
    fields = {"csrf_token": csrf(form), "label": "Our posts", "time": "frozen", "theme": "dark", "refresh": "300",
              "expires": "90d", "ancestors": "https://wiki.example", "narrow": ["range"], "download": "y"}  # fmt: skip
    made = eve.client.post(f"/embeds/new/chart/generations_by_outcome?{WORDS}", data=fields)
    assert made.status_code == 302
    page = eve.client.get(made.headers["Location"])
    for part in (
        "MediaWiki",
        "Confluence",
        "DokuWiki",
        "Notion",
        "Markdown",
        "Will it show?",
        "&lt;iframe",
        "https://wiki.example",
    ):
        assert part in page.text, part
    (embed,) = keeping.listed(told.extensions["accounts"], "eve")
    assert (embed.title, embed.wanted.theme, embed.wanted.narrow, embed.wanted.download) == (
        "Our posts",
        "dark",
        ("range",),
        True,
    )
    assert embed.wanted.words["platform"] == "linkedin"
    assert embed.wanted.words["start"].startswith("20"), "frozen: no moving range"
    shown = html.unescape(re.findall(r'<iframe src="(/embed/[^"]+)"', page.text)[0])
    assert told.test_client().get(shown).status_code == 200
    for picture in pictures_as_wikis_read_them(html.unescape(page.text)):
        assert told.test_client().get(picture).mimetype == "image/png", picture
    assert "Our posts" in eve.client.get("/embeds").text
    assert "frozen" in eve.client.get("/embeds").text
    edited = eve.client.get(f"/embeds/{embed.id}/edit")
    assert 'value="Our posts"' in edited.text
    again = {
        "csrf_token": csrf(edited),
        "label": "Posts",
        "time": "kept",
        "theme": "light",
        "refresh": "0",
        "expires": "kept",
    }
    assert eve.client.post(f"/embeds/{embed.id}/edit", data=again).status_code == 302
    (changed,) = keeping.listed(told.extensions["accounts"], "eve")
    assert (changed.title, changed.wanted.theme, changed.wanted.narrow, changed.wanted.download) == (
        "Posts",
        "light",
        (),
        False,
    )
    assert (changed.wanted.words, changed.wanted.expires) == (embed.wanted.words, embed.wanted.expires)
    assert told.test_client().get(shown).status_code == 200
    ended = eve.client.post(f"/embeds/{embed.id}/revoke", data={"csrf_token": csrf(page)})
    assert ended.status_code == 302
    assert told.test_client().get(shown).status_code == 410


def test_all_embeds_of_a_user_are_revoked_at_once(told: Flask, person: Callable[[str], Person]) -> None:
    eve, root, accounts = person("eve"), person("root"), told.extensions["accounts"]
    fields = {"time": "moving", "theme": "follow", "refresh": "0", "expires": "never"}
    for maker, name in ((eve, "overview"), (eve, "ai"), (root, "value")):
        token = csrf(maker.client.get(f"/embeds/new/page/{name}"))
        assert maker.client.post(f"/embeds/new/page/{name}", data={"csrf_token": token, **fields}).status_code == 302
    token = csrf(eve.client.get("/embeds"))
    assert eve.client.post("/embeds/revoke-all", data={"csrf_token": token, "owner": "root"}).status_code == 403
    assert eve.client.post("/embeds/revoke-all", data={}).status_code == 400
    assert "Revoke all embeds" in root.client.get("/admin/users/eve").text
    token = csrf(root.client.get("/admin/users/eve"))
    assert root.client.post("/embeds/revoke-all", data={"csrf_token": token, "owner": "eve"}).status_code == 302
    assert [one.owner for one in keeping.listed(accounts) if one.revoked is None] == ["root"]
    assert eve.client.get(f"/embeds/{keeping.listed(accounts, 'eve')[0].id}/edit").status_code == 404


def pictures_as_wikis_read_them(page: str) -> list[str]:
    """DokuWiki takes for itself what follows the last question mark, and both know a picture by its ending."""
    (dokuwiki,) = re.findall(r"\{\{(http.+)\?.*\|.*\}\}", page)
    (mediawiki,) = re.findall(
        r'<div style="overflow-x:auto">(https?://[^<>\s]+/[A-Za-z0-9_.,~%\-+&;#*?!=()@]+\.png)</div>', page
    )
    assert dokuwiki.endswith(".png")
    return [dokuwiki, mediawiki]


def test_viewers_make_no_embeds_and_nobody_touches_those_of_others(
    told: Flask, person: Callable[[str], Person]
) -> None:
    ann, eve, root = person("ann"), person("eve"), person("root")
    assert ann.client.get("/embeds").status_code == 403
    assert ann.client.get("/embeds/new/page/overview").status_code == 403
    form = root.client.get("/embeds/new/page/overview")
    fields = {"csrf_token": csrf(form), "time": "moving", "theme": "follow", "refresh": "0", "expires": "never"}
    made = root.client.post("/embeds/new/page/overview", data=fields)
    assert eve.client.get(made.headers["Location"]).status_code == 404
    token = csrf(eve.client.get("/embeds/new/page/overview"))
    assert eve.client.post(f"{made.headers['Location']}/revoke", data={"csrf_token": token}).status_code == 404
    assert root.client.post(f"{made.headers['Location']}/revoke", data={}).status_code == 400
    assert "root" in root.client.get("/embeds").text
    assert eve.client.get("/embeds/new/chart/nothing").status_code == 404


@pytest.mark.parametrize(
    "changed", [{"ancestors": "wiki"}, {"height": "7"}, {"label": "x" * 101}, {"narrow": "password"}]
)
def test_mistakes_are_told_and_make_nothing(
    told: Flask, person: Callable[[str], Person], changed: dict[str, str]
) -> None:
    eve = person("eve")
    form = eve.client.get("/embeds/new/page/overview")
    fields = {
        "csrf_token": csrf(form),
        "time": "moving",
        "theme": "follow",
        "refresh": "0",
        "expires": "never",
        **changed,
    }
    answer = eve.client.post("/embeds/new/page/overview", data=fields)
    assert answer.status_code == 400
    assert 'class="message error"' in answer.text
    assert keeping.listed(told.extensions["accounts"]) == []


def test_a_narrowed_maker_embeds_only_what_it_sees(told: Flask, person: Callable[[str], Person]) -> None:
    told.extensions["accounts"].set_platforms("eve", ["twitter"])
    eve = person("eve")
    form = eve.client.get("/embeds/new/chart/generations_by_outcome?start=-30d")
    assert "Your own view is limited" in form.text
    fields = {"csrf_token": csrf(form), "time": "moving", "theme": "light", "refresh": "0", "expires": "never"}
    made = eve.client.post("/embeds/new/chart/generations_by_outcome?start=-30d", data=fields)
    shown = html.unescape(re.findall(r'<iframe src="(/embed/[^"]+)"', eve.client.get(made.headers["Location"]).text)[0])
    figures = told.test_client().get(shown.replace("?", ".json?")).get_json()
    total = sum(value or 0 for trace in figures["generations_by_outcome"]["data"] for value in trace["y"])
    assert total == 20
