"""ClickHouse for the tests: the server named by CLICKHOUSE_TEST_URL, else its engine (tests/clickhouse/engine.py)."""

from __future__ import annotations

import base64
import contextlib
import os
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tests.clickhouse.engine import PASSWORD, USER
from tests.programs import serving
from tests.stores import free_port, fresh_name

if TYPE_CHECKING:
    from metricstore.clickhouse.connection import Server

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / ".venv" / "chdb"
"""Where `.ci/prepare` puts chdb: beside the other packages, since the Arrow it brings changes what pandas does."""


class ClickHouseUnavailable(RuntimeError):
    """Neither a server was named nor the engine is installed; the text says what to do."""


@dataclass(frozen=True)
class ClickHouseServer:
    """Where the tests' ClickHouse answers and how to get in. `url` is without user and password."""

    url: str
    user: str
    password: str

    def named(self, database: str) -> Server:
        from metricstore.clickhouse.connection import Server

        return Server(self.url, self.user, self.password, database)

    def environment(self, database: str) -> dict[str, str]:
        """The settings that make the program use this server and `database`."""
        return {
            "CLICKHOUSE_URL": self.url, "CLICKHOUSE_USER": self.user, "CLICKHOUSE_PASSWORD": self.password,
            "CLICKHOUSE_DATABASE": database,
        }  # fmt: skip

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """An empty database, removed afterwards."""
        name = fresh_name().replace("-", "_")
        self.run(f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            self.run(f"DROP DATABASE {name}")

    def empty(self, database: str) -> None:
        """Take all rows out of a database's tables, and rollups with their tables."""
        filled = f"SELECT name FROM system.tables WHERE database = '{database}' AND total_rows > 0 FORMAT TabSeparated"
        for table in self.run(filled).splitlines():
            self.run(f'TRUNCATE TABLE {database}."{table}"')
        rollups = f"SELECT name FROM system.tables WHERE database = '{database}' AND startsWith(name, 'rollups ') FORMAT TabSeparated"
        for table in self.run(rollups).splitlines():
            self.run(f'DROP TABLE {database}."{table}"')

    def run(self, statement: str) -> str:
        login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "text/plain"}
        request = urllib.request.Request(f"{self.url}/", statement.encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()) from None


def configured_server() -> ClickHouseServer | None:
    """The server of CLICKHOUSE_TEST_URL, as http://user:password@host:8123; None when there is none."""
    url = urlsplit(os.environ.get("CLICKHOUSE_TEST_URL", ""))
    if not url.hostname:
        return None
    place = url._replace(netloc=url.netloc.rpartition("@")[2]).geturl().rstrip("/")
    return ClickHouseServer(place, unquote(url.username or "default"), unquote(url.password or ""))


@contextlib.contextmanager
def clickhouse_server() -> Iterator[ClickHouseServer]:
    """The configured server, else the engine in a process of its own. Raises ClickHouseUnavailable."""
    configured = configured_server()
    if configured is not None:
        yield configured
        return
    if not (ENGINE / "chdb").is_dir():
        raise ClickHouseUnavailable("`make tools` installs its engine; or name a server: CLICKHOUSE_TEST_URL")
    with tempfile.TemporaryDirectory(prefix="clickhouse-") as folder:
        server = ClickHouseServer(f"http://127.0.0.1:{free_port()}", USER, PASSWORD)
        command = [sys.executable, str(Path(__file__).with_name("engine.py")), server.url.rpartition(":")[2], folder]
        # who asks without a login is refused, which is an answer, too
        ready = lambda: contextlib.closing(_refused(server.url))  # noqa: E731
        env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ENGINE), str(ROOT)))}
        with serving(command, Path(folder), ready, ClickHouseUnavailable, env=env):
            yield server


def _refused(url: str) -> urllib.error.HTTPError:
    try:
        urllib.request.urlopen(url, timeout=30)
    except urllib.error.HTTPError as answer:
        return answer
    raise AssertionError("the engine asks for no password")
