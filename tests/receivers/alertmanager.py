"""A real Alertmanager of Debian's package on loopback, with a webhook that its notifications go to."""

from __future__ import annotations

import contextlib
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.programs import PATIENCE, serving
from tests.receivers.taking import Taking
from tests.stores import free_port

_CONFIGURATION = """\
global: {resolve_timeout: 1h}
route: {receiver: hook, group_wait: 100ms, group_interval: 500ms, repeat_interval: 1h}
receivers:
  - name: hook
    webhook_configs: [{url: "%s/hook", send_resolved: true}]
"""


class Unavailable(RuntimeError):
    """There is no Alertmanager; the text says what was tried."""


class Alertmanager:
    def __init__(self, url: str, hook: Taking) -> None:
        self.url, self.hook = url, hook

    @property
    def notifications(self) -> list[dict[str, Any]]:
        return [call.json() for call in self.hook.calls]

    def wait_for(self, what: Callable[[Alertmanager], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not what(self):
            assert time.monotonic() < deadline, self.notifications
            time.sleep(0.05)


def binary() -> str:
    """On PATH; Debian calls it by another name."""
    found = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
    if found is None:
        raise Unavailable("not on PATH: install the package 'prometheus-alertmanager'")
    return found


@contextlib.contextmanager
def running(program: str, folder: Path) -> Iterator[Alertmanager]:
    address = f"127.0.0.1:{free_port()}"
    with Taking() as hook:
        (folder / "alertmanager.yml").write_text(_CONFIGURATION % hook.url)
        command = [program, f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/data",
                   f"--web.listen-address={address}", "--cluster.listen-address="]  # fmt: skip
        ready = lambda: urllib.request.urlopen(f"http://{address}/-/ready", timeout=2)  # noqa: E731
        with serving(command, folder, ready, Unavailable):
            yield Alertmanager(f"http://{address}", hook)
