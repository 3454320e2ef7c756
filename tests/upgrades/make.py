"""Makes the data folders of earlier states anew, by running the code of their commits: `python -m tests.upgrades.make`.

Each is kept as a small archive beside this file; what must be there after an upgrade is read from the folders themselves.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STATES = {
    "accounts-0001": "2533414",
    "accounts-0004": "10f29ce",
    "accounts-0005": "2282911",
}
"""Name and commit: users and tokens alone; before dates and alerts; with alert rules in force."""
PASSWORD = "correct horse battery staple"
_MAIN = "from dashapp.cli import main; main()"
_LOG = """2026-10-27 09:00:00,379 - INFO - Starting batch content generation for 2 LinkedIn posts.
2026-10-27 09:00:04,120 - INFO - HTTP Request: POST https://api.z.ai/api/paas/v4/chat/completions "HTTP/1.1 200 OK"
2026-10-27 09:00:04,125 - INFO - Generated post 1/2 for topic: Topic...
2026-10-27 09:00:09,125 - ERROR - Failed to generate post 2/2 for topic 'Other': Connection error.
2026-10-27 09:00:09,130 - ERROR - Unknown command: x
"""
_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("user", "add", "ann", "--role", "admin", "--password-stdin"),
    ("user", "add", "bob", "--role", "viewer", "--password-stdin"),
    ("token", "create", "--user", "ann", "--name", "reports"),
    ("segment", "create", "linked", "platform=linkedin"),
    ("embed", "create", "chart/posts_by_status", "--user", "ann"),
    ("alert", "apply", "rules.toml"),
)
"""What a state does not know yet is left out."""
_RULES = """
[[rule]]
id = "ai-errors"
title = "AI requests fail"
metric = "ai_request_error_rate"
by = ["provider"]
every = "1h"
fire = "> 20"
clear = "<= 10"
quiet = "3h"
"""


def project(folder: Path) -> None:
    """A small observed project."""
    (folder / "outputs").mkdir(parents=True)
    (folder / "app.log").write_text(_LOG)
    posts = [{"post_number": number, "topic": f"Topic {number}", "platform": "linkedin", "content": f"Text {number}",
              "publish_date": f"2026-10-{20 + number}", "status": "scheduled"} for number in range(1, 5)]  # fmt: skip
    (folder / "outputs" / "content_calendar.json").write_text(json.dumps(posts))


def make(name: str, commit: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, code = Path(place), Path(place) / "code"
        subprocess.run(["git", "worktree", "add", "--detach", "--quiet", str(code), commit], cwd=ROOT, check=True)
        try:
            project(folder / "project")
            (folder / "rules.toml").write_text(_RULES)
            env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | {
                "PYTHONPATH": str(code), "DASHAPP_DATA_DIR": str(folder / "var"), "DASHAPP_SOURCE_TIMEZONE": "Europe/Berlin",
                "DASHAPP_SOURCE_DIR": str(folder / "project"),
            }  # fmt: skip
            for words in (("collect", "--once"), *_COMMANDS):
                done = subprocess.run([sys.executable, "-c", _MAIN, *words], env=env, cwd=folder, input=PASSWORD, text=True,
                                      capture_output=True, check=False)  # fmt: skip
                sys.stdout.write(f"{name}: {' '.join(words)}: {done.returncode} {done.stderr.strip()[-200:]}\n")
            with tarfile.open(HERE / f"{name}.tar.xz", "w:xz") as archive:
                for kept in ("var", "project"):
                    archive.add(folder / kept, kept, filter=_anonymous)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(code)], cwd=ROOT, check=True)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return None if entry.name.endswith((".lock", "runner.owner.json")) else entry


if __name__ == "__main__":
    for state, commit in STATES.items():
        make(state, commit)
