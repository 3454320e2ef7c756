"""A page asks for its scripts and style sheets as one file each, which browsers keep until their content changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashapp import page_files
from dashapp.accounts import Accounts
from dashapp.addresses import ASSETS
from dashapp.factory import create_door
from dashapp.settings import Settings
from tests.web.conftest import Person


def test_the_index_page_names_our_files_once_and_nothing_that_is_not_needed(viewer: Person) -> None:
    page = viewer.client.get("/").get_data(as_text=True)
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    for kind in ("js", "css"):
        assert [link.partition("?")[0] for link in links if re.search(rf"/assets/[^/]+\.{kind}\b", link)] == [
            f"/assets/page.{kind}"
        ]
    assert not [link for link in links if "polyfill" in link or "dash_table" in link]
    assert [link for link in links if "dash_renderer" in link], "Dash's own scripts stay"
    assert page.index("/assets/page.js") < page.index("dash_renderer"), (
        "05-fewer-looks.js has to come before Dash's store"
    )


@pytest.mark.parametrize("kind", ["js", "css"])
def test_the_joined_file_has_every_file_in_its_order(stranger: FlaskClient, kind: str) -> None:
    answer = stranger.get(page_files.page_href(kind))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    places = [answer.data.find(path.read_bytes()) for path in sorted(ASSETS.glob(f"*.{kind}"))]
    assert len(places) > 5
    assert -1 not in places and places == sorted(places)


@pytest.mark.parametrize("kind", ["js", "css"])
def test_nobody_keeps_the_content_of_one_version_under_the_address_of_another(stranger: FlaskClient, kind: str) -> None:
    """While several machines are upgraded one after the other, a page of one may ask the other."""
    for address in (f"/assets/page.{kind}?v=0123456789ab", f"/assets/page.{kind}"):
        answer = stranger.get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_pages_of_the_process_before_get_their_files_while_this_one_starts(
    settings: Settings, accounts: Accounts
) -> None:
    client = create_door(settings, accounts).test_client()
    for kind in ("js", "css"):
        assert client.get(page_files.page_href(kind)).status_code == 200


def test_each_script_is_one_function_that_calls_itself() -> None:
    """They are one file for the browser: a name at the top of one would be seen by all."""
    for path in ASSETS.glob("*.js"):
        code = re.sub(r"^(/\*.*?\*/\s*)+", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert code.startswith("(function () {") and code.rstrip().endswith("})();"), path.name


def test_what_dash_expects_of_the_polyfill_comes_first(stranger: FlaskClient) -> None:
    assert stranger.get("/assets/page.js").data.index(b"regeneratorRuntime = runtime") < 30_000


def test_a_changed_file_gives_a_new_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "10-one.css").write_text("a { color: red }")
    monkeypatch.setattr(page_files, "ASSETS", tmp_path)
    before = page_files.page_href("css")
    assert page_files.page_href("css") == before
    (tmp_path / "20-two.css").write_text("b { color: red }")
    assert page_files.page_href("css") != before
