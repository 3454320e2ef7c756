"""Links for wikis from the shell."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Shell, Started

RANGE = ("--range", "2026-10-01/2026-11-01", "--tz", "UTC")


def test_create_prints_the_link_alone_and_the_running_application_shows_it(shell: Shell, running: Started) -> None:
    running.get("/readyz")
    done = shell("embed", "create", "log_records_by_level", *RANGE, "--where", "level=ERROR", "--ancestors", "https://wiki.example",
                 "--expires", "365d", "--theme", "dark", "--download")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (link,) = done.stdout.splitlines()
    path = "/embed/" + link.partition("/embed/")[2]
    running.waits_for(lambda: "ERROR" in running.get(path.replace("?", ".csv?"))[1])
    status, text = running.get(path)
    assert status == 200
    assert "Log records, by level" in text
    assert "Level: ERROR" in text
    (found,) = [json.loads(line) for line in shell("embed", "list", "--json").stdout.splitlines()]
    assert found["url"] == link
    assert (found["state"], found["where"]["level"], found["theme"]) == ("active", "ERROR", "dark")
    assert shell("embed", "revoke", found["id"]).returncode == 0
    assert running.get(path)[0] == 410
    assert "revoked" in shell("embed", "list").stdout


def test_the_doctor_says_what_stands_in_the_way(shell: Shell, running: Started) -> None:
    running.get("/readyz")
    link = shell("embed", "create", "page/overview", DASHAPP_PUBLIC_URL=running.url).stdout.strip()
    assert shell("embed", "check", link).returncode == 0
    done = shell("embed", "check", link, "--from", "https://wiki.example")
    assert done.returncode == 1
    assert "https://wiki.example may not frame it" in done.stdout
    assert "DASHAPP_EMBED_ANCESTORS" in done.stdout
    assert "browsers refuse that mixture" in done.stdout


def test_what_can_not_be_made_is_told_in_one_sentence(shell: Shell, project: Path) -> None:
    for words, says in (
        (["nothing"], "no chart or page"), (["overview", "--range", "someday"], "someday"),
        (["overview", "--expires", "soon"], "soon"), (["overview", "--where", "x"], "COLUMN=VALUE"),
        (["overview", "--user", "nobody"], "no user"), (["overview", "--ancestors", "wiki"], "isn't an origin"),
    ):  # fmt: skip
        done = shell("embed", "create", *words)
        assert done.returncode != 0, words
        assert says in done.stderr
        assert "Traceback" not in done.stderr
    assert "no embed" in shell("embed", "revoke", "abc").stderr
