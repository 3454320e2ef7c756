"""Each folder in collectors/app_log/testcases gives exactly the points written down beside it.

After a change that is meant to change them: `REWRITE=1 pytest tests/collectors/app_log/test_cases.py`, then read the diff.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.collectors.app_log.reading import Collected

CASES = Path(__file__).parents[3] / "collectors" / "app_log" / "testcases"


def _told(collected: Collected) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: [{"time": point.time, **point.tags, **dict(sorted(point.fields.items()))} for point in collected.of(name)]
        for name in ("log_record", "generation", "batch", "ai_request", "ai_retry", "scheduling_attempt")
    }
    told["dead_letters"] = [[letter.file, letter.line, letter.reason] for letter in collected.letters]
    return {name: rows for name, rows in told.items() if rows}


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_a_case_gives_the_points_beside_it(case: str, tmp_path: Path) -> None:
    about = json.loads((CASES / case / "about.json").read_text())
    for file in (CASES / case).glob("app.log*"):
        shutil.copyfile(file, tmp_path / file.name)
    collected = Collected(tmp_path, about["zone"])
    collected.run()
    expected = CASES / case / "expected.json"
    if os.environ.get("REWRITE"):
        expected.write_text(json.dumps(_told(collected), indent=1, ensure_ascii=False) + "\n")
    assert _told(collected) == json.loads(expected.read_text())
