"""Run in the copy, with all that was added: whether pages, API, files, reference, doctor and freshness know of it.

`python -m tests.newcomer.works FOLDER`: an empty folder for a project and the dashboard's own data.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dashapp  # before its parts, as every process of it does

# isort: split
from callbacks.filters import menu_options
from callbacks.pages import show_page
from callbacks.tables import page_of_records
from dashapp.doctor import examine
from dashapp.factory import create_app
from dashapp.reference import stale, write
from dashapp.services import make_runner
from dashapp.settings import load_settings
from dashapp.stores import open_store
from layouts.pages import TABLES
from metricstore.coverage import coverage
from metricstore.selection import Selection
from questions.source_states import sources
from tests.web.conftest import NAVIGATION, entered

NOW = datetime.now(UTC)


def line(minutes: int, **values: object) -> str:
    return json.dumps({"time": (NOW - timedelta(minutes=minutes)).isoformat(), **values}) + "\n"


def project(root: Path) -> None:
    """Three plays of two episodes, one line that isn't a play, and two opens."""
    root.mkdir(parents=True)
    plays = [line(9, episode="One", app="web", seconds=60), line(8, episode="Two", app="phone"), "half a li\n"]
    (root / "plays.ndjson").write_text("".join([*plays, line(7, episode="One", app="web")]))
    (root / "newsletter.ndjson").write_text(line(6, issue="7", reader="ann") + line(5, issue="7", reader="bob"))


def works(folder: Path) -> None:
    assert Path(dashapp.__file__).is_relative_to(Path.cwd()), "this isn't the copy"
    project(folder / "project")
    environ = {
        "DASHAPP_DATA_DIR": str(folder / "var"),
        "DASHAPP_PODCAST_FILE": str(folder / "project" / "plays.ndjson"),
        "DASHAPP_TIMEZONE": "UTC",
        "DASHAPP_SOURCE_TIMEZONE": "UTC",
    }
    assert load_settings(environ, folder).has_source
    settings = load_settings(environ | {"DASHAPP_SOURCE_DIR": str(folder / "project")}, folder)
    assert not settings.model_copy(update={"source_dir": None, "podcast_file": None}).has_source
    store = open_store(settings)
    reports = {report.name: report for report in make_runner(settings, store).run_once()}
    assert (reports["podcast"].points, reports["podcast"].rejected) == (3, 1), reports["podcast"]
    assert reports["newsletter"].points == 2, reports["newsletter"]
    assert coverage(store, ["podcast_play"]).start is not None
    assert {"Podcast plays", "Newsletter"} <= {state.name for state in sources(store, NOW, "UTC")}
    texts = [f"{finding.subject} {finding.text}" for finding in examine(settings)]
    assert any("podcast" in text and "1 of 4 lines" in text for text in texts), texts
    assert stale() == ["charts.md", "collectors.md", "measurements.md", "metrics.md", "settings.md"], stale()
    write()
    app = create_app(settings, store)
    app.extensions["accounts"].add("ann", "viewer", "correct horse battery staple")
    client = entered(app, "ann")
    for name, value in (("podcast_plays", 3), ("newsletter_opens", 2), ("long_posts", None)):
        answer = client.get(f"/api/v1/metrics/{name}", query_string={"start": "-1d", "every": "none"})
        assert answer.status_code == 200, answer.text
        assert value is None or answer.json["data"][0]["value"] == value, answer.json
    assert client.get("/podcast", headers=NAVIGATION).status_code == 200
    for path in (
        "pages/podcast",
        "charts/podcast_plays_by_app",
        "charts/long_posts_by_platform",
        "tables/podcast_plays/data",
    ):
        answer = client.get(f"/api/v1/{path}", query_string={"start": "-1d"})
        assert answer.status_code == 200, answer.text
    for kind, name in (("chart", "podcast_plays_by_app"), ("table", "podcast_plays"), ("page", "podcast")):
        assert client.get(f"/share/{kind}/{name}", headers=NAVIGATION).status_code == 200
    with app.test_request_context("/podcast"):
        from flask_login import login_user

        login_user(app.extensions["accounts"].find("ann"))
        shown = str(show_page("/podcast"))
        for part in ("Who listens, and to what.", "Plays, by player", "table-title-podcast_plays", "filter-menu"):
            assert part in shown, part
        menu = {"measurement": "podcast_play", "column": "episode"}
        assert [one["label"] for one in menu_options({"start": "-1d"}, menu)] == ["One", "Two"]
        (table,) = TABLES["podcast"]
        state = {"sort": "time", "descending": True, "page": 0, "words": {}}
        scope = {"measurement": "podcast_play", "table": table.id, "columns": list(table.columns)}
        chosen = Selection(start="-1d", where={"episode": ("One",)})
        assert page_of_records(chosen, state, scope, NOW).text == "1–2 of 2"
    store.close()


if __name__ == "__main__":
    works(Path(sys.argv[1]))
