"""A real influxd for the tests: found or built, started once a session, one bucket a test."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.programs import serving

BUILD_SCRIPT = Path(__file__).parent / "influxd" / "build.sh"
ORG = "tests"
TOKEN = "token-of-the-test-run"
CHEAP = {"INFLUXDB_EXP_TSI_PARTITIONS": "1", "GOGC": "400", "GODEBUG": "memprofilerate=0"}
"""Tests fill hundreds of small buckets: opening eight partitions of an index for each week of each of them, looking for garbage and profiling
memory is half of a server's work. None of them changes an answer; benchmarks measure without them.
"""


class InfluxUnavailable(RuntimeError):
    """No InfluxDB 2 could be found, built or started; the text says what was tried."""


@dataclass(frozen=True)
class InfluxServer:
    """Where the tests' InfluxDB answers and how to get in."""

    url: str
    token: str
    org: str
    pid: int = 0
    """Of a server of our own, for those who stop it."""

    def environment(self, bucket: str) -> dict[str, str]:
        """The settings that make the program use this server and `bucket`."""
        return {
            "INFLUXDB_V2_URL": self.url,
            "INFLUXDB_V2_TOKEN": self.token,
            "INFLUXDB_V2_ORG": self.org,
            "INFLUXDB_V2_BUCKET": bucket,
        }

    def call(self, method: str, path: str, body: object = None) -> dict[str, object]:
        """One call of the HTTP API; returns the decoded answer ({} when it is empty)."""
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        return _call(method, self.url + path, body, headers)

    def delete_bucket(self, name: str) -> None:
        found = self.call("GET", f"/api/v2/buckets?name={name}")
        for bucket in found.get("buckets", []):  # type: ignore[attr-defined]
            self.call("DELETE", f"/api/v2/buckets/{bucket['id']}")


def _call(method: str, url: str, body: object, headers: dict[str, str]) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else {}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fresh_name() -> str:
    return f"test-{uuid.uuid4().hex[:16]}"


def influxd_binary() -> str:
    """A 2.x `influxd` on PATH, else the one tests/influxd/build.sh makes (several minutes, once)."""
    found = shutil.which("influxd")
    if found:
        said = subprocess.run([found, "version"], capture_output=True, text=True, check=False).stdout
        if "InfluxDB 2." in said or "InfluxDB v2." in said:
            return found
    built = subprocess.run(["bash", str(BUILD_SCRIPT)], capture_output=True, text=True, check=False)
    if built.returncode:
        raise InfluxUnavailable(f"tests/influxd/build.sh failed:\n{built.stderr[-2000:]}")
    return built.stdout.strip().splitlines()[-1]


@contextlib.contextmanager
def running_influxd(
    binary: str | None = None, options: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> Iterator[InfluxServer]:
    """Start an influxd of our own in a temporary folder and on a free port; stop and remove it afterwards."""
    binary = binary or influxd_binary()
    with tempfile.TemporaryDirectory(prefix="influxd-") as folder:
        place = Path(folder)
        url = f"http://127.0.0.1:{free_port()}"
        with influxd_over(place, url, binary, options, env) as process:
            set_up(url)
            yield InfluxServer(url, TOKEN, ORG, process.pid)


def influxd_over(
    place: Path, url: str, binary: str, options: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """An influxd over a folder that is new, or that an earlier one has left."""
    command = [
        binary, "--reporting-disabled", "--bolt-path", str(place / "meta.bolt"),
        "--engine-path", str(place / "engine"), "--sqlite-path", str(place / "meta.sqlite"),
        "--http-bind-address", url.removeprefix("http://"), "--log-level", "warn", *options,
    ]  # fmt: skip
    ready = lambda: urllib.request.urlopen(f"{url}/health", timeout=2)  # noqa: E731
    return serving(command, place, ready, InfluxUnavailable, env={**(env or {}), **os.environ})


def set_up(url: str) -> None:
    """The first user, organisation and token of a new influxd."""
    body = {"username": "tester", "password": uuid.uuid4().hex, "org": ORG, "bucket": "first", "token": TOKEN}
    _call("POST", f"{url}/api/v2/setup", body, {"Content-Type": "application/json"})


def configured_server() -> InfluxServer | None:
    """The server the user names by INFLUXDB_V2_URL, _TOKEN and _ORG; None when there is none."""
    url, token, org = (os.environ.get(f"INFLUXDB_V2_{part}", "") for part in ("URL", "TOKEN", "ORG"))
    return InfluxServer(url.rstrip("/"), token, org) if url else None


@contextlib.contextmanager
def influx_server() -> Iterator[InfluxServer]:
    """The configured server, else one of our own. Raises InfluxUnavailable."""
    configured = configured_server()
    if configured is not None:
        yield configured
        return
    with running_influxd(env=CHEAP) as server:
        yield server
