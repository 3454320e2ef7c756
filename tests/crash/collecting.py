"""The programs that are killed: one collects once, and dies by itself at a given moment when its command says so, one is `dashapp run`."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import collectors.app_log.reading as app_log
import collectors.outcomes.collector as outcomes
from collectors.base import Collector
from collectors.demo_buffer.collector import DemoBufferCollector
from collectors.journey.collector import JourneyCollector
from collectors.registry import collectors_for
from collectors.runner import Runner
from collectors.source import Source
from metricstore.duck import DuckStore
from metricstore.store import Store

SMALL_BATCH = 160
"""So that a small source has many moments between batches."""


def store_of(place: dict[str, str]) -> Store:
    if "path" in place:
        return DuckStore(Path(place["path"]))
    from metricstore.influx import InfluxStore

    return InfluxStore(place["url"], place["token"], place["org"], place["bucket"])


def collect(command: dict[str, Any]) -> None:
    app_log.BATCH_POINTS = outcomes.BATCH_POINTS = SMALL_BATCH
    store = store_of(command["store"])
    if command.get("die_at"):
        arm(store, *command["die_at"])
    source = Source(Path(command["source"]), command["timezone"])
    chosen = [at_moment(one, source, command.get("now")) for one in collectors_for(source)
              if one.name in command.get("only", [one.name])]  # fmt: skip
    reports = Runner(chosen, store, Path(command["data"])).run_once()
    store.close()
    wrong = [report for report in reports if report.outcome != "ok"]
    if wrong:
        sys.exit(f"{wrong}")


def at_moment(one: Collector, source: Source, now: float | None) -> Collector:
    """The same collector at a given time (seconds since the epoch), where what it finds depends on the time: posts grow
    older from one run to the next."""
    if now is not None and isinstance(one, DemoBufferCollector):
        return DemoBufferCollector(source, lambda: now)
    if now is not None and isinstance(one, JourneyCollector):
        return JourneyCollector(source, lambda: int(now * 1e9))
    return one


def serve(command: dict[str, Any]) -> None:
    """`dashapp run`, as the command line starts it; it goes on until it is killed."""
    import collectors.registry as registry
    from dashapp.cli.serving import run

    real = registry.collectors_for
    registry.collectors_for = lambda source: [at_moment(one, source, command.get("now")) for one in real(source)]
    app_log.BATCH_POINTS = outcomes.BATCH_POINTS = SMALL_BATCH
    os.environ.update(command["env"])
    os.chdir(command["data"])
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    run(demo=False, host=None, port=0)


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def arm(store: Any, moment: str, number: int) -> None:
    """Die at the `number`-th time that `moment` comes."""
    left = number

    def due() -> bool:
        nonlocal left
        left -= 1
        return left == 0

    def around(function: Callable[..., Any], when: str, concerns: Callable[..., bool] = lambda *_: True) -> Any:
        def wrapped(*arguments: Any, **words: Any) -> Any:
            hit = concerns(*arguments) and due()
            if hit and when == "before":
                die()
            result = function(*arguments, **words)
            if hit:
                die()
            return result

        return wrapped

    when, what = moment.split(" ")
    if what in ("write", "delete"):
        setattr(store, what, around(getattr(store, what), when))
    elif what == "rename":
        pathlib.Path.replace = around(pathlib.Path.replace, when, lambda path, *_: path.suffix == ".new")  # type: ignore[method-assign]
    elif what == "fsync":
        os.fsync = around(os.fsync, when)  # type: ignore[assignment]
    else:
        raise ValueError(moment)


def main() -> None:
    command = json.loads(sys.argv[1])
    (serve if "env" in command else collect)(command)
