"""A real PostgreSQL for the tests: a throwaway cluster started once a session, a database a test."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stores import free_port, fresh_name

START_SECONDS = 60
_HURRY = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=16MB"]


class PostgresUnavailable(RuntimeError):
    """No PostgreSQL could be found or started; the text says what was tried."""


@dataclass(frozen=True)
class PostgresServer:
    """Where the tests' PostgreSQL answers; `user` may make databases."""

    port: int
    user: str
    password: str

    def url(self, database: str) -> str:
        """What somebody sets as DASHAPP_DATABASE_URL."""
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """The address of an empty database; it is removed afterwards."""
        name = fresh_name()
        self.execute(f'CREATE DATABASE "{name}"')
        try:
            yield self.url(name)
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def binaries() -> Path:
    """The folder with initdb and postgres: on PATH, else the newest Debian has installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: int(re.sub(r"\D.*", "", path.parts[-3]) or 0), default=None)
    if newest is None:
        raise PostgresUnavailable("neither on PATH nor in /usr/lib/postgresql: install the package 'postgresql'")
    return newest.parent


def _rights() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as the user its package makes, or as nobody."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise PostgresUnavailable("there is no user it could run as")


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a cluster of our own in a temporary folder and on a free port; stop and remove it afterwards."""
    programs, rights = binaries(), _rights()
    server = PostgresServer(free_port(), "tests", secrets.token_urlsafe(16))
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        (place / "password").write_text(server.password)
        if rights:
            for path in (place, place / "password"):
                os.chown(path, rights["user"], rights["group"])
        _make_cluster(programs, place, server, rights)
        settings = [*_HURRY, "listen_addresses=127.0.0.1", f"port={server.port}", f"unix_socket_directories={folder}"]
        command = [str(programs / "postgres"), "-D", str(place / "data")]
        command += [word for setting in settings for word in ("-c", setting)]
        log = place / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder, **rights)
        try:
            _wait_until_ready(server, process, log)
            yield server
        finally:
            process.terminate()  # smart shutdown would wait for open connections: the second signal does not
            process.send_signal(2)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _make_cluster(programs: Path, place: Path, server: PostgresServer, rights: dict[str, Any]) -> None:
    made = subprocess.run(
        [str(programs / "initdb"), "-D", str(place / "data"), "-U", server.user, "--encoding=UTF8", "--locale=C",
         "--auth=scram-sha-256", f"--pwfile={place / 'password'}", "--no-sync"],
        capture_output=True, text=True, cwd=place, check=False, **rights,
    )  # fmt: skip
    if made.returncode:
        raise PostgresUnavailable(f"initdb failed:\n{made.stderr[-2000:]}")


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.execute("SELECT 1")
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise PostgresUnavailable(f"it did not start:\n{log.read_text(errors='replace')[-2000:]}")
