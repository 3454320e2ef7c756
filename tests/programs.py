"""Servers that tests start: their own processes, until the block is left."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds until a server that is not ready counts as not started."""


@contextlib.contextmanager
def serving(
    command: Sequence[str], folder: Path, ready: Callable[[], contextlib.AbstractContextManager[object]],
    unavailable: type[Exception], *, stop: int = signal.SIGTERM, **options: Any,
) -> Iterator[subprocess.Popen[bytes]]:  # fmt: skip
    """A program in `folder`, once `ready()` raises no OSError; ended by the signal `stop`. `options` are those of Popen.

    Raises `unavailable` with the end of what it wrote when it does not start.
    """
    log = folder / "out"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder, **options)
    try:
        if not _is_ready(process, ready):
            raise unavailable(f"it did not start:\n{log.read_text(errors='replace')[-2000:]}")
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_ready(process: subprocess.Popen[bytes], ready: Callable[[], contextlib.AbstractContextManager[object]]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), ready():
            return True
        time.sleep(0.05)
    return False
