"""How far an import is, for people who wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from collectors.base import Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID


class ProgressSink(Protocol):
    """Told after every stored batch."""

    def __call__(self, name: str, progress: Progress | None, records: int) -> None:
        """Collector `name` has stored `records` records in this run; `progress` counts bytes, when known."""


class RichProgress:
    """Bars on a terminal with rate and remaining time; use as a context manager and hand it to `run_once`."""

    def __init__(self, console: Console | None = None) -> None:
        # Imported here: most processes that collect have no terminal to draw on.
        from rich import progress as bars

        self._bars = bars.Progress(
            bars.TextColumn("{task.description:<16}"), bars.BarColumn(), bars.DownloadColumn(),
            bars.TransferSpeedColumn(), bars.TextColumn("{task.fields[records]:>10,} records"),
            bars.TextColumn("{task.fields[rate]:>8,.0f}/s"), bars.TimeRemainingColumn(),
            console=console, transient=False,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> RichProgress:
        self._bars.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._bars.stop()

    def __call__(self, name: str, progress: Progress | None, records: int) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=None, records=0, rate=0.0)
        task = self._tasks[name]
        elapsed = self._bars.tasks[task].elapsed or 0.0
        rate = records / elapsed if elapsed > 0 else 0.0
        if progress is None:
            self._bars.update(task, records=records, rate=rate)
        else:
            self._bars.update(task, completed=progress.done, total=progress.total, records=records, rate=rate)
