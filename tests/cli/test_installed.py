"""The commands as they are installed. Elsewhere a process that has imported them forks them: what one forgets to import shows here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import PASSWORD, Shell

pytestmark = pytest.mark.installed


def test_each_command_starts_in_an_interpreter_of_its_own(shell: Shell, project: Path) -> None:
    shell.env |= {"DASHAPP_SOURCE_DIR": str(project), "DASHAPP_SOURCE_TIMEZONE": "UTC"}
    (shell.folder / "rules.toml").write_text('[[rule]]\nid = "one"\nmetric = "posts"\nevery = "1d"\nfire = "> 2"\n')
    for words in (
        "collect --once", "backfill app_log --from -3d", "query log_records level=ERROR", "user add ann --password-stdin",
        "segment create team platform=linkedin", "token create --user ann --name x", "export records/log_record -o log.csv --proof file",
        "verify log.csv", "alert backtest rules.toml", "embed create overview --user ann", "doctor",
    ):  # fmt: skip
        done = shell(*words.split(), stdin=PASSWORD)
        assert done.returncode == 0, (words, done.stderr)
