"""`dashapp web` with some workers over one InfluxDB and one PostgreSQL, and browsers that use it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import httpx

from dashapp.accounts import Accounts
from dashapp.accounts.tokens import create_token
from tests import forkserver
from tests.production.conftest import children, eventually
from tests.stores import InfluxServer, free_port
from tests.web.conftest import PASSWORD

T = TypeVar("T")
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Web:
    """Machines are started by `start`, each at a port and over a data folder of its own."""

    def __init__(self, folder: Path, influxd: InfluxServer, bucket: str, url: str, workers: int) -> None:
        self.workers, self.bucket = workers, bucket
        self.rate = 200 + 60 * workers
        """Requests to the API in a day, more than other tests need."""
        self._folder, self._url = folder, url
        self._env = {
            **forkserver.environment(), **influxd.environment(bucket), "DASHAPP_DATABASE_URL": url, "DASHAPP_SECRET_KEY": "k" * 40,
            "DASHAPP_WORKERS": str(workers), "DASHAPP_TIMEZONE": "UTC", "DASHAPP_API_RATE": f"{self.rate}/day",
        }  # fmt: skip
        self.machines: list[Machine] = []

    def start(self, **env: str) -> Machine:
        folder = self._folder / f"machine{len(self.machines)}"
        folder.mkdir()
        machine = Machine(folder, {**self._env, **env}, self.workers)
        self.machines.append(machine)
        return machine

    def add(self, name: str, role: str = "analyst") -> None:
        with closing(Accounts.open(self._url)) as accounts:
            accounts.add(name, role, PASSWORD)

    def change(self, do: Callable[[Accounts], T]) -> T:
        """By another process: this one."""
        with closing(Accounts.open(self._url)) as accounts:
            return do(accounts)

    def token(self, name: str, label: str) -> dict[str, str]:
        def make(accounts: Accounts) -> str:
            return create_token(accounts.find(name), label, accounts=accounts)

        return {"Authorization": f"Bearer {self.change(make)}"}

    def end(self) -> None:
        for machine in self.machines:
            machine.program.terminate()
        for machine in self.machines:
            machine.program.wait(60)


class Machine:
    """One `dashapp web`, which can be started again at the same port."""

    def __init__(self, folder: Path, env: dict[str, str], workers: int) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder, self._workers = folder, workers
        self._env = {**env, "DASHAPP_PORT": str(self.port), "DASHAPP_DATA_DIR": str(folder)}
        self.begin()

    def begin(self) -> None:
        with (self._folder / "out").open("a") as out:
            self.program = forkserver.start(
                "from dashapp.cli import main; main()",
                ["web"],
                env=self._env,
                cwd=Path(__file__).parents[2],
                stdout=out,
                stderr=out,
            )

    @property
    def said(self) -> str:
        return (self._folder / "out").read_text()

    @property
    def crew(self) -> set[int]:
        return children(self.program.pid)

    def is_up(self) -> None:
        """Wait until all workers answer."""
        eventually(lambda: httpx.get(f"{self.url}/readyz").status_code == 200, 120)
        eventually(lambda: len(self.crew) == self._workers)


def browser(url: str, kept: int = 0) -> httpx.Client:
    """Without `kept` connections each request opens one, so that any worker may answer."""
    return httpx.Client(base_url=url, timeout=60, limits=httpx.Limits(max_keepalive_connections=kept))


def log_in(visitor: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    form = visitor.get("/login")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)
    assert token, form.text
    return visitor.post("/login", data={"username": name, "password": password, "csrf_token": token[1]})


def at_once(web: Web, ask: Callable[[], T], times: int | None = None) -> list[T]:
    """Asked so often, several at a time, so that every worker answers some."""
    with ThreadPoolExecutor(2 * web.workers) as pool:
        return list(pool.map(lambda _: ask(), range(times or 6 * web.workers)))


def statuses(answers: Iterable[httpx.Response]) -> set[int]:
    return {answer.status_code for answer in answers}
