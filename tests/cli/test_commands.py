"""Commands one at a time, without a running application."""

from __future__ import annotations

import json
from pathlib import Path

from collectors.registry import collectors_for
from collectors.source import Source
from dashapp.backup.scheduled import NAME as BACKUPS
from dashapp.retention.scheduled import NAME as RETENTION
from dashapp.rollup_check import NAME as ROLLUPS
from tests.cli.conftest import PASSWORD, Shell

RANGE = ("--start", "2026-10-01", "--stop", "2026-11-01", "--every", "none")


def test_help_lists_every_command(shell: Shell) -> None:
    done = shell("--help")
    assert done.returncode == 0
    for command in ("run", "web", "collect", "user", "token", "query", "doctor"):
        assert command in done.stdout


def test_a_wrong_setting_stops_every_command_with_one_sentence(shell: Shell) -> None:
    for words in (["run"], ["web"], ["collect", "--once"], ["user", "list"], ["query", "posts"], ["doctor"]):
        done = shell(*words, DASHAPP_PROT="1")
        assert done.returncode == 2, words
        assert done.stderr == "dashapp: DASHAPP_PROT isn't a setting; did you mean DASHAPP_PORT?\n"
        assert done.stdout == ""


def test_several_workers_without_a_key_are_refused(shell: Shell) -> None:
    influx = {f"INFLUXDB_V2_{name}": "x" for name in ("TOKEN", "ORG", "BUCKET")}
    done = shell("web", **influx, INFLUXDB_V2_URL="http://127.0.0.1:9")
    assert done.returncode == 2
    assert "DASHAPP_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_users_are_added_listed_and_given_passwords(shell: Shell) -> None:
    assert shell("user", "add", "ann", "--role", "analyst", "--password-stdin", stdin=f"{PASSWORD}\n").returncode == 0
    again = shell("user", "add", "Ann", "--role", "viewer", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert again.returncode == 1
    assert again.stderr == "dashapp: there is a user 'ann' already\n"
    listed = json.loads(shell("user", "list", "--json").stdout)
    assert (listed["name"], listed["role"], listed["active"]) == ("ann", "analyst", True)
    assert shell("user", "passwd", "ann", "--password-stdin", stdin="another fine password").returncode == 0
    for words, says in (
        (["user", "add", "bob", "--role", "king", "--password-stdin"], "viewer, analyst, admin"),
        (["user", "add", "bob", "--role", "viewer", "--password-stdin"], "at least 10"),
        (["user", "passwd", "nobody", "--password-stdin"], "no user 'nobody'"),
    ):
        done = shell(*words, stdin="short" if "king" not in words else PASSWORD)
        assert done.returncode == 1
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def test_a_token_is_printed_alone(shell: Shell) -> None:
    shell("user", "add", "ann", "--role", "viewer", "--password-stdin", stdin=PASSWORD)
    done = shell("token", "create", "--user", "ann", "--name", "script", "--expires", "30d")
    token = done.stdout.strip()
    assert done.stdout == f"{token}\n"
    assert done.stderr == ""
    listed = shell("token", "list").stdout
    assert token[:10] in listed
    assert token not in listed
    assert shell("token", "revoke", "1").returncode == 0
    assert "revoked" in shell("token", "list").stdout
    assert shell("token", "create", "--user", "bob", "--name", "x").returncode == 1
    assert shell("token", "create", "--user", "ann", "--name", "x", "--expires", "soon").returncode == 2


def test_collecting_once_reports_each_collector_on_its_line(shell: Shell, project: Path) -> None:
    source = {"DASHAPP_SOURCE_DIR": str(project), "DASHAPP_SOURCE_TIMEZONE": "UTC"}
    done = shell("collect", "--once", "--json", **source)
    assert done.returncode == 0, done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["name"] for r in reports] == [
        *(one.name for one in collectors_for(Source(project, "UTC"))),
        BACKUPS,
        RETENTION,
        ROLLUPS,
    ]
    assert set(reports[0]) == {"name", "outcome", "records", "points", "rejected", "duration_seconds", "warnings"}
    assert reports[0]["records"] == 4
    again = json.loads(shell("collect", "app_log", "--once", "--json", **source).stdout)
    assert (again["records"], again["points"]) == (0, 0)
    answer = json.loads(shell("query", "log_records", *RANGE, "--by", "level", "--json", **source).stdout)
    assert {row["level"]: row["value"] for row in answer["data"]} == {"INFO": 3, "ERROR": 1}


def test_an_unknown_collector_is_told(shell: Shell) -> None:
    done = shell("collect", "nonsense", "--once")
    assert done.returncode == 1
    assert "nonsense" in done.stderr
    assert "app_log" in done.stderr


def test_a_question_takes_the_words_of_the_api(shell: Shell, project: Path) -> None:
    source = {"DASHAPP_SOURCE_DIR": str(project), "DASHAPP_SOURCE_TIMEZONE": "UTC"}
    shell("collect", "--once", **source)
    for words in (["level=ERROR"], ["--where", "level=ERROR"], ["--level", "ERROR"], ["--level=ERROR"]):
        answer = json.loads(shell("query", "log_records", *RANGE, *words, "--json", **source).stdout)
        assert [row["value"] for row in answer["data"]] == [1], words
    assert "1" in shell("query", "log_records", *RANGE, "level=ERROR", **source).stdout
    for words, says in (
        (["nope"], "unknown metric"),
        (["posts", "--every", "x"], "every"),
        (["posts", "colour=red"], "colour"),
    ):
        done = shell("query", *words, **source)
        assert done.returncode == 1
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def test_doctor_says_where_settings_come_from_and_how_to_mend(shell: Shell, project: Path) -> None:
    done = shell("doctor", "--json", DASHAPP_SOURCE_DIR=str(project), DASHAPP_SECRET_KEY="k" * 32)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    settings = {setting["variable"]: setting for setting in found["settings"]}
    assert settings["DASHAPP_SOURCE_DIR"]["origin"] == "environment"
    assert settings["DASHAPP_PORT"]["origin"] == "default"
    assert settings["DASHAPP_SECRET_KEY"]["value"] == "********"
    assert all(f["hint"] for f in found["findings"] if f["level"] != "ok")
    assert "k" * 32 not in shell("doctor", DASHAPP_SECRET_KEY="k" * 32).stdout


def test_a_project_that_is_gone_is_said_by_collect_and_doctor_and_stops_nothing(shell: Shell, project: Path) -> None:
    source = {"DASHAPP_SOURCE_DIR": str(project), "DASHAPP_SOURCE_TIMEZONE": "UTC"}
    assert shell("collect", "--once", **source).returncode == 0
    away = project.rename(project.with_name("away"))
    done = shell("collect", "--once", "--json", **source)
    assert done.returncode == 1, done.stderr
    reports = {report["name"]: report for report in map(json.loads, done.stdout.splitlines())}
    assert {name for name, report in reports.items() if report["outcome"] != "ok"} == {"app_log"}
    assert reports["app_log"]["error"].startswith(f"{project} is gone: it was there when this was last read (20")
    assert reports["app_log"]["error"].endswith("; mount it again or set DASHAPP_SOURCE_DIR")
    looked = shell("doctor", "--json", **source)
    [gone] = [found for found in json.loads(looked.stdout)["findings"] if f"{project} is gone" in found["text"]]
    assert looked.returncode == 1 and gone["level"] == "fatal"
    assert gone["hint"] == "Mount it again or set DASHAPP_SOURCE_DIR."
    away.rename(project)
    assert shell("collect", "--once", **source).returncode == 0
    never = shell("collect", "--once", DASHAPP_SOURCE_DIR=str(project.with_name("never")))
    assert (never.returncode, "which is not there" in never.stderr) == (2, True)


def test_doctor_fails_where_something_is_broken(shell: Shell) -> None:
    influx = {f"INFLUXDB_V2_{name}": "x" for name in ("TOKEN", "ORG", "BUCKET")}
    done = shell("doctor", **influx, INFLUXDB_V2_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "fatal" in done.stdout
    assert "INFLUXDB_V2_URL" in done.stdout
    wide = shell.folder / "var"
    wide.mkdir(exist_ok=True)
    (wide / "secret_key").write_text("k" * 40)
    (wide / "secret_key").chmod(0o644)
    assert "chmod 600" in shell("doctor").stdout
