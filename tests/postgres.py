"""A real PostgreSQL for the tests: a throwaway cluster started once a session, a database a test."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.programs import serving
from tests.stores import free_port, fresh_name

_HURRY = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB"]


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
        # SIGINT: an end that does not wait for open connections
        with serving(command, place, partial(_answering, server), PostgresUnavailable, stop=signal.SIGINT, **rights):
            yield server


@contextlib.contextmanager
def _answering(server: PostgresServer) -> Iterator[None]:
    import psycopg

    try:
        server.execute("SELECT 1")
    except psycopg.OperationalError as error:
        raise OSError("not yet") from error
    yield


def _make_cluster(programs: Path, place: Path, server: PostgresServer, rights: dict[str, Any]) -> None:
    made = subprocess.run(
        [str(programs / "initdb"), "-D", str(place / "data"), "-U", server.user, "--encoding=UTF8", "--locale=C",
         "--auth=scram-sha-256", f"--pwfile={place / 'password'}", "--no-sync"],
        capture_output=True, text=True, cwd=place, check=False, **rights,
    )  # fmt: skip
    if made.returncode:
        raise PostgresUnavailable(f"initdb failed:\n{made.stderr[-2000:]}")
