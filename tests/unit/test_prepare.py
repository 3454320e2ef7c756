"""`make tools` on a machine where Chromium is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

PREPARE = Path(__file__).parents[2] / ".ci" / "prepare"


def test_a_missing_chromium_is_noticed(tmp_path: Path) -> None:
    for program in ("bash", "dirname", "id"):
        (tmp_path / program).symlink_to(shutil.which(program) or program)
    env = {"PATH": str(tmp_path), "HOME": os.environ["HOME"]}
    done = subprocess.run([str(tmp_path / "bash"), str(PREPARE)], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "need Chromium" in done.stderr
