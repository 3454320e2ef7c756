"""`dashapp alert`: rules checked with file and line, tried on the past, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Shell


def test_the_example_can_be_checked_and_tried_at_once(shell: Shell, project: Path) -> None:
    rules = shell.folder / "rules.toml"
    rules.write_text(shell("alert", "example").stdout)
    checked = shell("alert", "check", "rules.toml")
    assert (checked.returncode, checked.stderr) == (0, "19 rules checked: all can be used.\n")
    assert shell("collect", "--once", DASHAPP_SOURCE_DIR=str(project)).returncode == 0
    tried = shell(
        "alert", "backtest", "rules.toml", "--since", "-10000d", "--rule", "ai-errors", DASHAPP_SOURCE_DIR=str(project)
    )
    assert tried.returncode == 1
    assert "more than 20,000" in tried.stderr.replace("20000", "20,000")
    tried = shell(
        "alert", "backtest", "rules.toml", "--rule", "nothing-made", "--json", DASHAPP_SOURCE_DIR=str(project)
    )
    assert tried.returncode == 0, tried.stderr
    (found,) = map(json.loads, tried.stdout.splitlines())
    assert (found["rule"], found["timezone"]) == ("nothing-made", "Europe/Berlin")
    told = shell("alert", "backtest", "rules.toml", DASHAPP_SOURCE_DIR=str(project))
    assert told.returncode == 0
    assert "ai-errors: AI requests fail\n  " in told.stdout


def test_mistakes_are_named_with_file_and_line_and_end_with_2(shell: Shell) -> None:
    (shell.folder / "bad.toml").write_text('[[rule]]\nid = "one"\nmetric = "postz"\nevery = "1d"\nfire = "> 2"\n')
    found = shell("alert", "check", "bad.toml")
    assert (found.returncode, found.stderr) == (
        2,
        "bad.toml:1: rule 'one': unknown metric 'postz'; did you mean 'posts'?\n",
    )
    tried = shell("alert", "backtest", "bad.toml")
    assert (tried.returncode, tried.stderr) == (2, found.stderr)


def test_a_file_that_is_not_there_or_not_text_is_one_sentence(shell: Shell) -> None:
    assert (
        shell("alert", "check", "none.toml").stderr == "dashapp: none.toml can't be read: No such file or directory\n"
    )
    (shell.folder / "bytes.toml").write_bytes(b"[[rule]]\nid = '\xff'\n")
    found = shell("alert", "check", "bytes.toml")
    assert (found.returncode, found.stderr) == (2, "dashapp: bytes.toml can't be read: it is not UTF-8 (byte 16)\n")


def test_a_rule_that_is_not_there_is_named_with_those_that_are(shell: Shell) -> None:
    (shell.folder / "rules.toml").write_text('[[rule]]\nid = "one"\nmetric = "posts"\nevery = "1d"\nfire = "> 2"\n')
    found = shell("alert", "backtest", "rules.toml", "--rule", "two")
    assert (found.returncode, found.stderr) == (2, "dashapp: rules.toml has no rule 'two'; it has one\n")


def test_a_rule_is_tried_now_from_a_file_or_as_it_is_in_force(shell: Shell, project: Path) -> None:
    receiver = '[[receiver]]\nname = "ops"\nkind = "webhook"\nurl = "http://127.0.0.1:9/hook"\n'
    rule = '[[rule]]\nid = "one"\nmetric = "generations"\nevery = "1d"\nfire = "> 2"\nnotify = ["ops"]\n'
    (shell.folder / "rules.toml").write_text(rule + receiver)
    assert shell("collect", "--once", DASHAPP_SOURCE_DIR=str(project)).returncode == 0
    of_file = shell("alert", "try", "one", "--file", "rules.toml", "--json", DASHAPP_SOURCE_DIR=str(project))
    assert of_file.returncode == 0, of_file.stderr
    found = json.loads(of_file.stdout)
    assert (found["rule"], found["notifies"]["recipients"]) == ("one", [["ops", "ops"]])
    assert shell("alert", "try", "one").stderr == "dashapp: there is no rule 'one'; there are none\n"
    assert shell("alert", "apply", "rules.toml").returncode == 0
    for option in ((), ("--preview",)):
        mistyped = shell("alert", "silence", "--rule", "ones", "--reason", "we move", *option)
        assert (mistyped.returncode, mistyped.stdout) == (1, "")
        assert mistyped.stderr == "dashapp: there is no rule 'ones'; there are one\n"
    labelled = shell("alert", "silence", "--rule", "one", "--label", "b", "--reason", "we move")
    assert labelled.stderr == "dashapp: alerts of rule 'one' have no labels, not 1\n"
    silenced = shell("alert", "silence", "--rule", "one", "--reason", "we move")
    assert silenced.returncode == 0
    told = shell("alert", "try", "one", "--windows", "3", DASHAPP_SOURCE_DIR=str(project))
    assert told.returncode == 0, told.stderr
    assert "one: one\n  Its data are known until " in told.stdout
    assert "Would be written to: ops" in told.stdout
    assert "But not now: silenced by command line: we move" in told.stdout
