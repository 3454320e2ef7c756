"""kill -9 at any step of a restore leaves the old state or the new one, never a mixture."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.backup.conftest import Make
from tests.backup.installation import PASSPHRASE, backed_up, fill

MOMENTS = int(os.environ.get("TESTS_KILL_MOMENTS", "3"))
LAST_STEP = 22
"""More than a restore has."""


def steps() -> list[int]:
    """One before the new state counts, one after it, and as many others as are asked for."""
    chance = random.Random("restore")
    return [1, 6, *(chance.randrange(LAST_STEP) for _ in range(MOMENTS - 2))]


@pytest.mark.parametrize("kind", ["duckdb", pytest.param("influxdb", marks=pytest.mark.influx)])
def test_a_restore_killed_at_any_step_leaves_the_old_state_or_the_new(
    installation: Make, tmp_path: Path, kind: str
) -> None:
    first, second, place = installation("duckdb", "sqlite"), installation("duckdb", "sqlite"), installation(kind, "sqlite")  # fmt: skip
    for settings, count in ((first, 2), (second, 3)):
        fill(settings, count)
    backed_up(first, tmp_path / "old")
    backed_up(second, tmp_path / "new")
    plain = place.model_dump(mode="json", exclude_unset=True) | {"backup_passphrase": PASSPHRASE}
    if place.influxdb_v2_token is not None:
        plain["influxdb_v2_token"] = place.influxdb_v2_token.get_secret_value()
    given = {"settings": plain, "steps": steps(), **{name: str(tmp_path / name) for name in ("old", "new", "seen")}}
    done = subprocess.run(
        [sys.executable, "-m", "tests.backup.killed"], input=json.dumps(given) + "\n", capture_output=True, text=True,
        cwd=Path(__file__).parents[2], check=False,
    )  # fmt: skip
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == MOMENTS, done.stderr
    for one in found:
        assert one["code"] in (0, -9), done.stderr
        assert one["state"] in ("old", "new"), one
        assert one["state"] == "new" or not (one["committed"] or one["code"] == 0), one
    assert any(one["state"] == "new" and one["code"] == -9 for one in found)
    assert any(one["state"] == "old" for one in found)
