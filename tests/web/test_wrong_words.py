"""A mistake in a filter is answered on every surface alike, with its name and the nearest known one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from callbacks.filters import describe
from dashapp.control.actions import query
from dashapp.downloads.export import export
from dashapp.embeds import keeping, links
from dashapp.embeds.model import Embed, Wanted
from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore.duck import DuckStore
from metricstore.errors import StoreError
from metricstore.point import Point, nanoseconds
from metricstore.segment import Segment
from metricstore.selection import Selection
from tests.web.conftest import PASSWORD, entered
from viewer.request_context import mistakes, read_selection

CHART, PAGE, TABLE = "posts_by_status", "content", "posts"
WRONG = [
    ("platfrom", "linkedin", "'platform'"),
    ("Status", "draft", "'status'"),
    ("tpoic", "launch", "'topic'"),
    ("platform", "linkdin", "'linkedin'"),
    ("platform", "linkedin,!twiter", "'twitter'"),
    ("status", "drafft", "'draft'"),
    ("platform", "", "no value"),
    ("topic", "", "no value"),
    ("platform", ",", "no value"),
    ("nonsense_of_nobody", "1", "nonsense_of_nobody"),
    ("status", "zzzz", "'zzzz'"),
]


@dataclass
class Board:
    app: Flask
    client: FlaskClient
    embed: Embed

    def api(self, path: str, words: dict[str, str]) -> TestResponse:
        return self.client.get(f"/api/v1/{path}", query_string=words)

    def embedded(self, kind: str, words: dict[str, str]) -> TestResponse:
        with self.app.test_request_context():
            path = links.url(self.embed, "", kind=kind)
        signed = {"sig": path.partition("sig=")[2].partition("&")[0], **words}
        return self.app.test_client(use_cookies=False).get(path.partition("?")[0], query_string=signed)

    def ways(self) -> dict[str, Callable[[dict[str, str]], TestResponse]]:
        def at(path: str) -> Callable[[dict[str, str]], TestResponse]:
            return lambda words: self.client.get(path, query_string=words)

        paths = [
            "/api/v1/metrics/posts", "/api/v1/records/post", f"/api/v1/charts/{CHART}", f"/api/v1/pages/{PAGE}",
            f"/api/v1/tables/{TABLE}/data", "/api/v1/values/post/topic",
            f"/download/chart/{CHART}.csv", f"/download/chart/{CHART}.parquet", f"/download/table/{TABLE}.ndjson",
            "/download/records/post.csv", "/download/records/post.xlsx", f"/download/page/{PAGE}.zip",
        ]  # fmt: skip
        embeds = {f"embed{kind}": lambda words, kind=kind: self.embedded(kind, words) for kind in ("", ".json", ".csv")}
        return {path: at(path) for path in paths} | embeds


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    folder: Path = tmp_path_factory.mktemp("words")
    store = DuckStore(None)
    moment = datetime.now(UTC) - timedelta(days=3)
    platforms = ["linkedin"] * 5 + ["twitter"] * 3 + ["mastodon"] * 2
    store.write(
        Point("post", nanoseconds(moment + timedelta(hours=n)), {"platform": name},
              {"post_id": f"p{n}", "status": "draft", "presence": "current", "topic": f"Topic {n}"})
        for n, name in enumerate(platforms)
    )  # fmt: skip
    app = create_app(Settings(data_dir=folder, timezone="UTC", source_timezone="UTC"), store)
    app.extensions["accounts"].add("root", "admin", PASSWORD)
    wanted = Wanted("chart", CHART, {"start": "-30d"}, narrow=("platform", "status", "topic"), download=True)
    embed = keeping.create(app.extensions["accounts"], wanted, None, Selection())
    yield Board(app, entered(app, "root"), embed)
    app.extensions["metricstore"].close()


@pytest.mark.parametrize(("name", "text", "hint"), WRONG)
def test_a_wrong_word_is_a_400_that_names_it_and_the_nearest(board: Board, name: str, text: str, hint: str) -> None:
    for surface, way in board.ways().items():
        answer = way({name: text})
        assert answer.status_code == 400, (surface, answer.text[:300])
        said = answer.text.replace("&#39;", "'")
        assert name in said and (hint in said or "is empty" in said), (surface, said)


@pytest.mark.parametrize(("name", "text", "hint"), WRONG)
def test_commands_and_new_embeds_refuse_a_wrong_word(board: Board, name: str, text: str, hint: str) -> None:
    def tell(_: object) -> None: ...

    extensions = board.app.extensions
    for refused in (
        lambda: query(extensions, tell, metric="posts", params={name: text}),
        lambda: export(extensions, tell, what=f"chart/{CHART}", form="csv", params={name: text}, base="", options={}),
    ):
        with pytest.raises(StoreError) as raised:
            refused()
        assert hint in str(raised.value) and name in str(raised.value)
    with board.app.test_request_context():
        made = board.client.post("/api/v1/embeds", json={"what": CHART, "where": {name: text}},
                                 headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
    assert made.status_code == 400 and name in made.text


@pytest.mark.parametrize(("name", "text", "hint"), WRONG)
def test_a_page_names_a_wrong_word_in_its_chip_and_goes_on(board: Board, name: str, text: str, hint: str) -> None:
    with board.app.test_request_context():
        words = {"start": "-7d", "topic": "~topic", name: text} if name != "topic" else {"start": "-7d", name: text}
        chips, label, wrong = describe(words)
        assert label.startswith("Last 7 days") and not wrong
        assert name in str(chips) and hint in str(chips)
        selection = read_selection(words)
        assert (selection.start == "-7d" and name not in selection.where) or selection.where[name] == ("linkedin",)
        assert len(mistakes(words)) == 1
        assert not mistakes({"_records": "x", "utm_source": "mail", "topic": "anything at all"})


@pytest.mark.parametrize("spelled", ["linkedin", "LinkedIn", "LINKEDIN", "\\LinkedIn"])
def test_values_of_closed_sets_match_whatever_their_case(board: Board, spelled: str) -> None:
    for surface, way in board.ways().items():
        plain, other = way({"platform": "linkedin"}), way({"platform": spelled})
        assert other.status_code == 200, surface
        if "json" in other.mimetype and surface.startswith(("/api", "embed")):
            assert counted(other.get_json()) == counted(plain.get_json()), surface
    found = board.api("metrics/posts", {"platform": spelled, "every": "none", "start": "-7d"}).get_json()
    assert found["data"][0]["value"] == 5
    excluded = board.api("metrics/posts", {"platform": f"!{spelled}".replace("!\\", "!"), "every": "none"}).get_json()
    assert excluded["data"][0]["value"] == 5
    with board.app.test_request_context():
        assert read_selection({"platform": spelled}).where["platform"][0].removeprefix("\\") == "linkedin"
    assert Segment.from_params({"platform": spelled}).where[0][1][0].removeprefix("\\") == "linkedin"


def counted(document: object) -> str:
    return "".join(part for part in str(document).split("'") if "20" not in part)


@pytest.mark.parametrize("spelled", ["mastodon", "Mastodon", "\\MASTODON"])
def test_a_value_that_a_source_has_of_its_own_is_known_once_it_is_stored(board: Board, spelled: str) -> None:
    for surface, way in board.ways().items():
        assert way({"platform": spelled}).status_code == 200, surface
    found = board.api("metrics/posts", {"platform": spelled, "every": "none"}).get_json()
    assert found["data"][0]["value"] == 2
    excluded = board.api("metrics/posts", {"platform": f"!{spelled}".replace("!\\", "!"), "every": "none"}).get_json()
    everything = board.api("metrics/posts", {"every": "none"}).get_json()
    assert excluded["data"][0]["value"] == everything["data"][0]["value"] - 2
    assert "did you mean 'mastodon'" in board.api("metrics/posts", {"platform": "mastodn"}).get_json()["detail"]


def test_what_has_no_declared_values_and_other_measurements_columns_stay_free(board: Board) -> None:
    for surface, way in board.ways().items():
        assert way({"topic": "never heard of"}).status_code == 200, surface
    assert board.client.get(f"/download/chart/{CHART}.csv?level=ERROR").status_code == 200
    with board.app.test_request_context():
        assert read_selection({"level": "error"}).where == {"level": ("ERROR",)}
        assert not mistakes({"level": "error"})
