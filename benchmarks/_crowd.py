"""What `load.py` and `soak.py` share: the real program with a year of data, and viewers who do what people do."""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from _sources import fill
from _visitor import PASSWORD, USER, Connection, Visitor

PAGES = ("/", "/generation", "/delivery", "/ai")
YEAR = "start=2025-01-01&stop=2026-01-01"
USUAL = ("2025-12-25", "2025-12-02", "2025-10-03", "2025-01-01")
"""Starts of the last 7, 30 and 90 days and of the year: what most people look at."""
PAUSE_SECONDS = (0.5, 2.0)
"""So long a viewer looks at what it got, at least and at most."""
PLATFORMS = ("", "", "linkedin", "x")
_COMMAND = [sys.executable, "-c", "from dashapp.cli import main; main()"]
_INFLUX = "INFLUXDB_V2_"


@dataclass(frozen=True)
class Sample:
    """`status` 0: no answer."""

    kind: str
    status: int
    milliseconds: float


@dataclass(frozen=True)
class Program:
    """`dashapp run` in a process of its own, or `dashapp web` with its workers."""

    port: int
    pid: int
    embed: str
    """Path and query of a link to a chart."""

    @property
    def processes(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [self.pid, *map(int, children.split())]

    @property
    def megabytes(self) -> float:
        """Resident memory; of workers their own part of what they share."""
        name = "Rss" if len(self.processes) == 1 else "Pss"
        found = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.processes]
        return sum(int(re.findall(rf"^{name}:\s+(\d+)", text, re.M)[0]) for text in found) / 1024

    @property
    def processor_seconds(self) -> float:
        """Of processor time that it has taken so far."""
        return sum(processor_seconds(pid) for pid in self.processes)

    @property
    def descriptors(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())


def processor_seconds(pid: int) -> float:
    """Of processor time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def program(folder: Path, points: int, store: str, *, web: bool = False) -> Iterator[Program]:
    """Over a store of about so many points: `duckdb`, or `influxdb` as the INFLUXDB_V2_ settings name it (its bucket is replaced).
    `web`: as on servers, workers that collect nothing."""
    (folder / "project").mkdir(parents=True)
    given = {name: value for name, value in os.environ.items() if not name.startswith((_INFLUX, "DASHAPP_"))}
    influx = {name: value for name, value in os.environ.items() if name.startswith(_INFLUX)}
    env = given | {
        "DASHAPP_DATA_DIR": str(folder / "var"), "DASHAPP_SOURCE_DIR": str(folder / "project"), "DASHAPP_PORT": "0",
        "DASHAPP_SOURCE_TIMEZONE": "UTC", "DASHAPP_TIMEZONE": "UTC", "DASHAPP_API_RATE": "1000000/minute",
        "DASHAPP_LOGIN_ATTEMPTS": "1000", "PYTHONPATH": str(Path(__file__).parents[1]), "DASHAPP_SECRET_KEY": secrets.token_hex(32),
    }  # fmt: skip
    (folder / "var").mkdir()
    fill(folder / "var", points, collects=True)
    if store == "influxdb":
        env |= influx
        _run(env, "move", "--to", "influxdb", "--replace")
    _run(env, "user", "add", USER, "--role", "admin", "--password-stdin")
    embed = _run(env, "embed", "create", "chart/posts_by_status", "--user", USER, "--range", "2025-01-01/2026-01-01")
    path = re.sub(r"^https?://[^/]+", "", embed)
    with (folder / "out").open("w+") as out:
        if web:
            env["DASHAPP_PORT"] = str(_free_port())
        process = subprocess.Popen([*_COMMAND, "web" if web else "run"], env=env, stdout=out, stderr=subprocess.DEVNULL)
        try:
            if web:
                port = _answering(int(env["DASHAPP_PORT"]), process)
            else:
                port = _port(folder / "out", process)
                settle(port)
            yield Program(port, process.pid, path)
        finally:
            process.terminate()
            process.wait()


def settle(port: int) -> None:
    """Until every collector has run once: the first start puts a year of posts together, which no later one does again."""
    asking = Visitor(port).connection
    while any(one["running"] or not one["last_run"] for one in asking.get("/api/v1/collectors")["data"]):
        time.sleep(1)
    asking.close()


def _run(env: dict[str, str], *words: str) -> str:
    done = subprocess.run([*_COMMAND, *words], env=env, input=PASSWORD, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def _port(out: Path, process: subprocess.Popen[bytes]) -> int:
    while process.poll() is None:
        found = re.search(r"http://[\d.]+:(\d+)", out.read_text())
        if found:
            return int(found[1])
        time.sleep(0.1)
    raise RuntimeError("the program did not start")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _answering(port: int, process: subprocess.Popen[bytes]) -> int:
    """Once workers answer there."""
    while process.poll() is None:
        try:
            if Connection(port).ask("GET", "/readyz")[0] == 200:
                return port
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the program did not start")


class Viewer:
    """Somebody with a browser and a script: pages with all their callbacks, the API, files, embeds and their pictures.

    Each page has a range of its own that nobody has asked for yet or, if `usual`, one of four ranges and, now and then, a platform.
    """

    def __init__(self, program: Program, number: int, usual: bool) -> None:
        self._usual = usual
        self._program = program
        self._chance = random.Random(number)
        self._visitor = Visitor(program.port)
        self._connection = Connection(program.port, self._visitor.connection.cookie)
        self.samples: list[Sample] = []

    def step(self) -> None:
        """One thing that a viewer does."""
        what = self._chance.choices((self._page, self._api, self._download, self._embed), (6, 2, 1, 2))[0]
        what()

    def _page(self) -> None:
        first = self._chance.randint(1, 300)
        start = self._chance.choice(USUAL) if self._usual else f"2025-{1 + first // 31:02}-{1 + first % 28:02}"
        words = {"start": f"{start}T00:00:00+00:00", "stop": "2026-01-01T00:00:00+00:00"}
        if self._usual and (platform := self._chance.choice(PLATFORMS)):
            words["platform"] = platform
        bodies: list[str] = []
        self._timed("page", lambda: bodies.extend(self._visitor.open(self._chance.choice(PAGES), words)) or 200)
        for body in bodies:
            self._timed("callback", lambda body=body: self._connection.ask("POST", "/_dash-update-component", body, "application/json")[0])  # type: ignore[misc]  # fmt: skip

    def _api(self) -> None:
        metric = self._chance.choice(("posts", "log_records", "ai_retries"))
        self._get("api", f"/api/v1/metrics/{metric}?{YEAR}&every={self._chance.choice(('1d', '1w', '1mo'))}")

    def _download(self) -> None:
        self._get("download", f"/download/chart/posts_by_status.csv?{YEAR}&every={self._chance.choice(('1d', '1w'))}")

    def _embed(self) -> None:
        self._get("embed", self._program.embed)
        self._get("picture", self._program.embed.replace("?", ".png?", 1))

    def _get(self, kind: str, path: str) -> None:
        self._timed(kind, lambda: self._connection.ask("GET", path)[0])

    def _timed(self, kind: str, ask: Callable[[], int]) -> None:
        begun = time.perf_counter()
        try:
            status = ask()
        except RuntimeError as refused:  # of a page: its status is in the text
            found = re.search(r"HTTP (\d+)", str(refused))
            status = int(found[1]) if found else 0
        except (OSError, json.JSONDecodeError):
            status = 0
        self.samples.append(Sample(kind, status, (time.perf_counter() - begun) * 1_000))


def crowd(
    program: Program, viewers: int, minutes: float, every_seconds: float, look: Callable[[], None], usual: bool = False,
    pause: tuple[float, float] = PAUSE_SECONDS,
) -> list[Sample]:  # fmt: skip
    """What all viewers met; each looks for `pause` seconds, at least and at most, at what it got. `look` is called every so often meanwhile."""
    stop = time.monotonic() + minutes * 60
    people = [Viewer(program, number, usual) for number in range(viewers)]

    def work(viewer: Viewer) -> None:
        chance = random.Random(id(viewer))
        while time.monotonic() < stop:
            viewer.step()
            time.sleep(chance.uniform(*pause))

    threads = [threading.Thread(target=work, args=(one,), daemon=True) for one in people]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        look()
        time.sleep(every_seconds)
    return [sample for one in people for sample in one.samples]
