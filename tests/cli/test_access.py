"""Segments, and users and tokens that hold them, by command."""

from __future__ import annotations

import json

from tests.cli.conftest import PASSWORD, Shell, Started


def test_a_segment_is_made_shown_changed_and_deleted(shell: Shell) -> None:
    made = shell("segment", "create", "team", "platform=linkedin,twitter", "--outcome", "ok", "--start", "-90d",
                 "--description", "the social team")  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert "outcome is ok, platform is linkedin,twitter, from -90d" in made.stderr
    (listed,) = map(json.loads, shell("segment", "list", "--json").stdout.splitlines())
    assert listed["filters"] == {"start": "-90d", "outcome": "ok", "platform": "linkedin,twitter"}
    assert (listed["users"], listed["description"]) == (0, "the social team")
    changed = shell("segment", "set", "team", "platform=linkedin", "--every", "1d")
    assert changed.returncode == 0, changed.stderr
    shown = json.loads(shell("segment", "show", "team", "--json").stdout)
    assert shown["filters"] == {"platform": "linkedin", "every": "1d"}
    assert shown["description"] == "the social team"
    assert shell("segment", "delete", "team").returncode == 0
    assert shell("segment", "list").stdout == ""


def test_users_and_tokens_hold_segments_and_scopes(shell: Shell) -> None:
    shell("segment", "create", "team", "platform=linkedin")
    added = shell("user", "add", "ann", "--segment", "team", "--password-stdin", stdin=PASSWORD)
    assert added.returncode == 0, added.stderr
    assert "segment team" in shell("user", "list").stdout
    made = shell("token", "create", "--user", "ann", "--name", "wiki", "--scope", "read", "--scope", "export",
                 "--segment", "team")  # fmt: skip
    assert made.stdout.startswith("dash_")
    (token,) = map(json.loads, shell("token", "list", "--json").stdout.splitlines())
    assert (token["scopes"], token["segment"]) == (["read", "export"], "team")
    shown = shell("segment", "show", "team").stdout
    assert "held by users ann" in shown
    assert "held by tokens wiki (ann)" in shown
    refused = shell("segment", "delete", "team")
    assert refused.returncode == 1
    assert "held by 1 user and 1 token" in refused.stderr
    assert shell("user", "set-segment", "ann").returncode == 0
    assert shell("token", "revoke", "1").returncode == 0
    assert shell("segment", "delete", "team").returncode == 0


def test_what_cannot_be_is_one_sentence(shell: Shell) -> None:
    shell("user", "add", "ann", "--password-stdin", stdin=PASSWORD)
    for words, says in (
        (["segment", "create", "team"], "without any limit"),
        (["segment", "create", "team", "no_such_column=1"], "no_such_column"),
        (["segment", "create", "team", "--start", "soon"], "start"),
        (["segment", "create", "a/b", "platform=x"], "isn't a name for a segment"),
        (["segment", "show", "nothing"], "no segment 'nothing'"),
        (["segment", "set", "nothing", "platform=x"], "no segment 'nothing'"),
        (["user", "set-segment", "ann", "nothing"], "no segment 'nothing'"),
        (["user", "add", "bob", "--segment", "nothing", "--password-stdin"], "no segment 'nothing'"),
        (["token", "create", "--user", "ann", "--name", "x", "--scope", "all"], "'all' isn't a scope"),
        (["token", "create", "--user", "ann", "--name", "x", "--scope", "admin"], "isn't an administrator"),
    ):
        done = shell(*words, stdin=PASSWORD)
        assert done.returncode == 1, (words, done.stderr)
        assert says in done.stderr, words
        assert done.stderr.count("\n") == 1, "one sentence"
    assert "bob" not in shell("user", "list").stdout


def test_commands_take_effect_in_the_running_application(shell: Shell, running: Started) -> None:
    running.waits_for(lambda: running.get("/healthz")[0] == 200)
    token = shell("token", "create", "--user", "admin", "--name", "script", "--scope", "read").stdout.strip()
    bearer = {"Authorization": f"Bearer {token}"}
    assert running.get("/api/v1/metrics", **bearer)[0] == 200
    assert shell("segment", "create", "team", "platform=linkedin").returncode == 0
    assert shell("user", "set-segment", "admin", "team").returncode == 0
    assert running.get("/api/v1/records/log_record", **bearer)[0] == 403
    assert shell("user", "set-segment", "admin").returncode == 0
    assert running.get("/api/v1/records/log_record", **bearer)[0] == 200
    assert shell("token", "revoke", "1").returncode == 0
    assert running.get("/api/v1/metrics", **bearer)[0] == 401
