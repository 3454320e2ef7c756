"""Python programs that start in milliseconds: forked by a process that has imported the product, instead of a new interpreter.

A forked program has arguments, environment, folder, standard streams, signals and an end (exit code, `atexit`, uncaught
errors) like one that was started. `python -m tests.forkserver` is the forking process. It has one thread, so that no
lock is held by another when it forks. Where the system has no pidfd, and for an environment that changes how an
interpreter starts, an interpreter is started as ever.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

ROOT = Path(__file__).parents[1]
ROOMS = ("metricstore", "collectors", "alerting", "briefing", "layouts", "questions", "viewer", "callbacks", "dashapp")
NOT_BEFORE = (
    "__main__",
    "metricstore.clickhouse",
    "dashapp.accounts.migrations",
    "dashapp.wsgi",
    "dashapp.monitoring.",
    "dashapp.cli.workers",
)
"""What acts, reads the environment or starts a thread when it is imported."""
LIBRARIES = (
    "alembic.command", "markdown_it", "numpy.char", "rich.markdown", "sqlalchemy.dialects.sqlite", "sqlglot.dialects.duckdb",
    "typer._adapters", "tzlocal", "waitress.server",
)  # fmt: skip
"""What the product imports only when it is needed."""
AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_")
"""Beginnings of the variables an interpreter reads when it starts."""
LARGEST = 100_000
"""Bytes of a request that surely go through the socket in one piece."""


class Forked:
    """A forked program: as much of `subprocess.Popen` as tests use."""

    def __init__(self, status: socket.socket) -> None:
        self._status = status
        self.pid = self._number()
        self.returncode: int | None = None

    def _number(self) -> int:
        answer = self._status.recv(32)
        if not answer:
            raise RuntimeError("the process that forks programs has ended")
        return int(answer)

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._status.settimeout(timeout)
            try:
                self.returncode = self._number()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0) from None
            self._status.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Program = Forked | subprocess.Popen[bytes]


def start(
    code: str, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdout: IO[Any], stderr: IO[Any],
    stdin: IO[Any] | None = None,
) -> Program:  # fmt: skip
    """`python -c code arguments`, running; without `stdin` it has nothing to read."""
    request = json.dumps({"code": code, "arguments": arguments, "env": dict(env), "cwd": str(cwd)}).encode()
    if not hasattr(os, "pidfd_open") or _at_start(env) != _at_start(environment()) or len(request) > LARGEST:
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.Popen(
            command, env=env, cwd=cwd, stdin=stdin or subprocess.DEVNULL, stdout=stdout, stderr=stderr
        )
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, Path(os.devnull).open("rb") as nothing:
        streams = [stream.fileno() for stream in (stdin or nothing, stdout, stderr)]
        socket.send_fds(_server(), [request], [*streams, theirs.fileno()])
    return Forked(ours)


def run(
    code: str,
    arguments: Sequence[str] = (),
    *,
    env: Mapping[str, str],
    cwd: Path,
    stdin: str = "",
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """`python -c code arguments`, ended, with what it wrote."""
    with contextlib.ExitStack() as stack:
        given, out, err = (stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(3))
        given.write(stdin)
        given.seek(0)
        program = start(code, arguments, env=env, cwd=cwd, stdin=given, stdout=out, stderr=err)
        try:
            program.wait(timeout)
        finally:
            program.kill()
        for written in (out, err):
            written.seek(0)
        return subprocess.CompletedProcess(["python", "-c", code, *arguments], program.wait(), out.read(), err.read())


def _at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(AT_START)}


def environment() -> dict[str, str]:
    """Of the forking process: what tests hand on to the programs they start."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR") if name in os.environ}


@functools.cache
def _server() -> socket.socket:
    """The way to the forking process of this worker, started when it is first needed; it ends when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen(
            [sys.executable, "-m", "tests.forkserver", str(theirs.fileno())], pass_fds=[theirs.fileno()], cwd=ROOT,
            env={**environment(), "OPENBLAS_NUM_THREADS": "1"}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    return ours


def main() -> None:
    """The forking process; in each program it forks this function goes on to run it, then the interpreter ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests and their programs
    import_product()
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise RuntimeError("something that was imported has started a thread: programs can't be forked safely")
    gc.freeze()
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is None:
        _end(0)
    become(request)


def import_product() -> None:
    names = list(LIBRARIES)
    for room in ROOMS:
        found = (path.relative_to(ROOT).with_suffix("") for path in sorted((ROOT / room).rglob("*.py")))
        names += [".".join(path.parts).removesuffix(".__init__") for path in found]
    for name in names:
        if not name.endswith(NOT_BEFORE) and not name.startswith(NOT_BEFORE):
            importlib.import_module(name)


def serve(control: socket.socket) -> dict[str, Any] | None:
    """Fork a program for each request until the tests have ended: then None. In the forked program: the request."""
    running: dict[int, tuple[int, socket.socket]] = {}
    with selectors.DefaultSelector() as selector, contextlib.closing(control):
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not control:
                    selector.unregister(key.fileobj)
                    _report_end(key.fd, *running.pop(key.fd))
                    continue
                message, streams, _, _ = socket.recv_fds(control, 2 * LARGEST, 4)
                if not message:
                    return None
                status = socket.socket(fileno=streams.pop())
                child = os.fork()
                if child == 0:
                    _leave_behind(running, status)
                    return {**json.loads(message), "streams": streams}
                for stream in streams:
                    os.close(stream)
                status.send(b"%d" % child)
                process = os.pidfd_open(child)
                running[process] = (child, status)
                selector.register(process, selectors.EVENT_READ)


def _report_end(process: int, child: int, status: socket.socket) -> None:
    _, how = os.waitpid(child, 0)
    os.close(process)
    with contextlib.closing(status), contextlib.suppress(OSError):  # who started it may not wait for it
        status.send(b"%d" % os.waitstatus_to_exitcode(how))


def _leave_behind(running: dict[int, tuple[int, socket.socket]], own: socket.socket) -> None:
    """Close what belongs to the forking process."""
    own.close()
    for process, (_, status) in running.items():
        os.close(process)
        status.close()


def become(request: dict[str, Any]) -> None:
    """Be the program that was asked for."""
    for number, stream in enumerate(request["streams"]):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as the interpreter opens them
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    tempfile.tempdir = None
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["-c", *request["arguments"]]
    sys.path[0] = ""
    program = sys.modules["__main__"] = types.ModuleType("__main__")
    code: object = 0
    try:
        exec(compile(request["code"], "<string>", "exec"), program.__dict__)
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        gc.unfreeze()
        raise
    if not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    _end(code)


def _end(code: int) -> NoReturn:
    """As the interpreter ends, but for taking apart all that was imported, which takes most of a second."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
