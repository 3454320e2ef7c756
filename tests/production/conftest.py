"""What runs in production, as real processes: gunicorn with several workers, a collector, InfluxDB."""

from __future__ import annotations

import contextlib
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import forkserver
from tests.cli.conftest import PASSWORD, Shell, Started
from tests.stores import InfluxServer, free_port, fresh_name

WORKERS = 3
RANGE = {"start": "2026-10-01", "stop": "2026-11-01", "every": "none"}
FIRST = (
    "2026-10-27 09:00:00,379 - INFO - Starting batch content generation for 1 LinkedIn posts.\n"
    '2026-10-27 09:00:04,120 - INFO - HTTP Request: POST https://api.z.ai/api/paas/v4/chat/completions "HTTP/1.1 200 OK"\n'
    "2026-10-27 09:00:04,125 - INFO - Generated post 1/1 for topic: Topic...\n"
    "2026-10-27 09:00:04,130 - ERROR - Unknown command: x\n"
)


def eventually(true: Callable[[], object], seconds: float = 60) -> None:
    """Wait until it is true; an error that HTTP may cause meanwhile only means not yet."""
    deadline = time.monotonic() + seconds
    while True:
        last: object = None
        try:
            last = true()
            if last:
                return
        except httpx.HTTPError as error:
            last = error
        assert time.monotonic() < deadline, f"never came true; last: {last!r}"
        time.sleep(0.1)


def children(pid: int) -> set[int]:
    """The processes whose parent is `pid`."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = stat.read_text().rpartition(")")[2].split()
            if words[0] != "Z" and int(words[1]) == pid:
                found.add(int(stat.parent.name))
    return found


@dataclass
class Site:
    """The three services, and the observed project beside them."""

    url: str
    web_shell: Shell
    collector_shell: Shell
    project: Path
    web: Started
    collector: Started

    def visitor(self) -> httpx.Client:
        """A browser that nobody has logged in yet. It opens a connection a request, so that any worker may answer."""
        return httpx.Client(base_url=self.url, timeout=60, limits=httpx.Limits(max_keepalive_connections=0))

    def log_in(self, visitor: httpx.Client, name: str = "ann", password: str = PASSWORD) -> httpx.Response:
        form = visitor.get("/login")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)
        assert token, form.text
        return visitor.post("/login", data={"username": name, "password": password, "csrf_token": token[1]})

    def append(self, *records: str) -> None:
        with (self.project / "app.log").open("a") as log:
            log.write("".join(f"{record}\n" for record in records))

    def start_collector(self) -> None:
        self.collector = self.collector_shell.start("collect")


def _ready(visitor: httpx.Client) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return visitor.get("/readyz").status_code == 200
    return False


def counted(visitor: httpx.Client, metric: str = "log_records", **filters: str) -> int:
    """What the API says."""
    answer = visitor.get(f"/api/v1/metrics/{metric}", params={**RANGE, **filters})
    assert answer.status_code == 200, answer.text
    return int(sum(row["value"] for row in answer.json()["data"]))


def drawn(visitor: httpx.Client, page: str, chart: str, words: dict[str, str]) -> dict[str, Any]:
    """What a chart's callback answers, asked as Dash in a browser does."""
    shown = _callback(visitor, "page.children", {}, {"url.pathname": page})
    assert f'"{chart}"' in shown.text, f"{chart} is not on {page}"
    known = {"chart-answer.wanted": {"words": words, "mode": "table", "theme": "light"}}
    answer = _callback(visitor, "chart-answer.data", {"chart": chart}, known)
    (found,) = answer.json()["response"].values()
    data: dict[str, Any] = found["data"]
    return data


def _callback(visitor: httpx.Client, output: str, match: dict[str, str], known: dict[str, Any]) -> httpx.Response:
    """Ask the callback of `output` (a pattern by its type); `known` holds inputs and states by the same kind of name."""
    for callback in visitor.get("/_dash-dependencies").json():
        if _plain(callback["output"]) != output or callback["clientside_function"] is not None:
            continue
        name, _, prop = callback["output"].rpartition(".")
        parts = {
            kind: [_item(part["id"], part["property"], match, known) for part in callback[kind]]
            for kind in ("inputs", "state")
        }
        body = {"output": callback["output"], "outputs": {"id": _filled(name, match), "property": prop},
                **parts, "changedPropIds": []}  # fmt: skip
        answer = visitor.post("/_dash-update-component", json=body, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 200, answer.text
        return answer
    raise AssertionError(f"no callback answers {output}")


def _item(name: str, prop: str, match: dict[str, str], known: dict[str, Any]) -> dict[str, Any]:
    own = _filled(name, match)
    return {"id": own, "property": prop, "value": own if prop == "id" else known.get(_plain(f"{name}.{prop}"))}


def _plain(name: str) -> str:
    """`{"chart":["MATCH"],"type":"chart-answer"}.data` as `chart-answer.data`."""
    found = re.fullmatch(r'\{.*"type":\s*"([^"]+)".*\}\.(\w+)', name)
    return f"{found[1]}.{found[2]}" if found else name


def _filled(name: str, match: dict[str, str]) -> Any:
    if not name.startswith("{"):
        return name
    found = re.search(r'"type":\s*"([^"]+)"', name)
    assert found
    return {"type": found[1], **match}


@pytest.fixture(scope="module")
def site(influxd: InfluxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Started once for all tests of a module, each of which leaves it working."""
    folder = tmp_path_factory.mktemp("production")
    bucket = fresh_name()
    common = {
        **forkserver.environment(),
        **influxd.environment(bucket),
        "DASHAPP_SOURCE_TIMEZONE": "UTC",
        "COLUMNS": "200",
    }
    project = folder / "project"
    (project / "outputs").mkdir(parents=True)
    (project / "app.log").write_text(FIRST)
    shells = []
    for name, own in (
        ("web", {"DASHAPP_SECRET_KEY": "k" * 40, "DASHAPP_WORKERS": str(WORKERS), "DASHAPP_TIMEZONE": "UTC"}),
        ("collector", {"DASHAPP_SOURCE_DIR": str(project)}),
    ):
        (folder / name).mkdir()
        shells.append(Shell(folder / name, {**common, **own, "DASHAPP_DATA_DIR": str(folder / name / "var")}, True))
    web_shell, collector_shell = shells
    added = web_shell("user", "add", "ann", "--role", "analyst", "--password-stdin", stdin=PASSWORD)
    assert added.returncode == 0, added.stderr
    port = free_port()
    web = web_shell.start("web", DASHAPP_PORT=str(port))
    found = Site(f"http://127.0.0.1:{port}", web_shell, collector_shell, project, web, collector_shell.start("collect"))
    try:
        with found.visitor() as visitor:
            web.waits_for(lambda: _ready(visitor))
        eventually(lambda: len(children(web.process.pid)) == WORKERS)
        yield found
    finally:
        for started in (found.web, found.collector):
            if started.process.poll() is None:
                started.process.send_signal(signal.SIGTERM)
        for started in (found.web, found.collector):
            started.process.wait(60)
        influxd.delete_bucket(bucket)
