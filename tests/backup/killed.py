"""A process that forks restoring processes, kills each at a step of its own, and says what state was left.

Input: a JSON line with the settings, two backups and the steps. Output: a JSON line for each step.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from influxdb_client import BucketsApi

from dashapp.backup import switching
from dashapp.backup.restoring import prepare
from dashapp.settings import Settings
from dashapp.settings.unfinished import is_unfinished
from tests.backup.installation import content


def arm(step: int) -> None:
    """Die before the step-th change of what is on disk or in InfluxDB."""
    left = step

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def change(*arguments: Any, **words: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), 9)
            return real(*arguments, **words)

        return change

    for owner, names in (
        (Path, ("rename", "replace")), (shutil, ("rmtree",)), (switching, ("put_in_place",)),
        (BucketsApi, ("create_bucket", "update_bucket", "delete_bucket")),
    ):  # fmt: skip
        for name in names:
            setattr(owner, name, counted(getattr(owner, name)))


def restore(settings: Settings, file: Path, step: int | None) -> None:
    if step is not None:
        arm(step)
    prepare(settings, file, replace=True, say=lambda _: None)
    switching.finish(settings)


def forked(work: Callable[[], object]) -> int:
    """How a child that does it ended: 0, or the signal that killed it, negative."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(3)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def digest(settings: Settings, target: Path) -> None:
    found = content(settings)
    target.write_text(hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest())


def main() -> None:
    given = json.loads(sys.stdin.readline())
    settings = Settings(**given["settings"])
    old, new, seen = Path(given["old"]), Path(given["new"]), Path(given["seen"])

    def state() -> str:
        assert forked(lambda: digest(settings, seen)) == 0
        return seen.read_text()

    truth = {}
    for name, file in (("new", new), ("old", old)):
        assert forked(lambda file=file: restore(settings, file, None)) == 0  # type: ignore[misc]
        truth[state()] = name
    for step in given["steps"]:
        code = forked(lambda step=step: restore(settings, new, step))  # type: ignore[misc]
        committed = is_unfinished(settings.data_dir)
        assert forked(lambda: switching.finish(settings)) == 0
        left = truth.get(state(), "a mixture")
        sys.stdout.write(json.dumps({"step": step, "code": code, "committed": committed, "state": left}) + "\n")
        sys.stdout.flush()
        if left != "old":
            assert forked(lambda: restore(settings, old, None)) == 0


if __name__ == "__main__":
    main()
