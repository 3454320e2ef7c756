"""`dashapp export` and `dashapp verify`: files from the shell, and whether they are whole."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import base64
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from dashapp.cli.output import FAILED, plainly, remark, say, stop
from metricstore.quantities import quantity

if TYPE_CHECKING:
    from dashapp.downloads.verify import Verdict


@plainly
def export(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="chart/ID, table/ID, records/MEASUREMENT or page/ID; the name alone "
                                        "where only one thing is called so.")],
    filters: Annotated[list[str] | None, typer.Argument(metavar="[COLUMN=VALUE]…", help="Filters.")] = None,
    form: Annotated[str, typer.Option("--format", "-f", help="csv, xlsx, parquet, json or ndjson; of a page's zip, "
                                      "that of the files in it.")] = "csv",
    output: Annotated[str | None, typer.Option("--output", "-o", help="File or folder; - for standard output. "
                                               "Default: this folder.")] = None,
    start: Annotated[str | None, typer.Option(help="First moment: ISO 8601, -7d, month…")] = None,
    stop_: Annotated[str | None, typer.Option("--stop", help="First moment not included; default now.")] = None,
    every: Annotated[str | None, typer.Option(help="Window: 1h, 1d, 1w, 1mo, auto or none.")] = None,
    tz: Annotated[str | None, typer.Option(help="Time zone; default DASHAPP_TIMEZONE, as on the pages.")] = None,
    compare: Annotated[str | None, typer.Option(help="previous, weekdays or year.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="A filter COLUMN=VALUE; may be repeated.")] = None,
    decimal: Annotated[str, typer.Option(help="point or comma (then with semicolons), for CSV.")] = "point",
    excel: Annotated[bool, typer.Option("--excel", help="Write a CSV as spreadsheets want it: marked as UTF-8, "
                                        "times without a zone.")] = False,
    guard: Annotated[bool, typer.Option("--guard/--no-guard", help="Put a ' before texts of a CSV that a spreadsheet "
                                        "would run as formulas.")] = True,
    proof: Annotated[str, typer.Option(help="Of CSV and NDJSON: 0: none; 1: in the file, as column or key _proof; "
                                       "file: beside it, as NAME.proof.json.")] = "0",
    progress: Annotated[bool | None, typer.Option("--progress/--no-progress", help="Show how far it is; "
                                                  "default: on a terminal.")] = None,
) -> None:  # fmt: skip
    """Write what a chart, table, page or record list holds to a file: the very same as its Download."""
    from dashapp.cli.asking import filter_words
    from dashapp.cli.reaching import perform
    from dashapp.settings import load_settings

    if decimal not in ("point", "comma"):
        stop("--decimal is point or comma", 2)
    if proof == "file" and output == "-":
        stop("--proof file writes a file beside the other: name one with --output", 2)
    settings = load_settings()
    options = {"decimal": decimal, "excel": str(int(excel)), "guard": str(int(guard)), "proof": proof}
    given = {"start": start, "stop": stop_, "every": every, "tz": tz or settings.timezone, "compare": compare}
    params = {key: value for key, value in given.items() if value is not None}
    for column, value in filter_words([*(filters or []), *context.args], where or []):
        params[column] = f"{params[column]},{value}" if column in params else value
    show = progress if progress is not None else sys.stderr.isatty()
    with _Target(output, show=show) as target:
        result = perform(
            settings, "export", target.take, what=what, form=form, params=params, options=options,
            base=f"http://{settings.host}:{settings.port}",
        )  # fmt: skip
        target.finished()
    rows = "" if result["rows"] is None else f": {quantity(result['rows'], 'rows')}"
    if target.path is not None:
        remark(f"Wrote {target.path}{rows}.")


class _Target:
    """The file being written, and what goes beside it. Until it is whole it has another name; what broke off leaves
    nothing behind."""

    def __init__(self, output: str | None, *, show: bool) -> None:
        self._output = output
        self._show = show
        self._stack = contextlib.ExitStack()
        self._file: IO[bytes] | None = None
        self._part: Path | None = None
        self._bar: Any = None
        self._proof = ("", "")
        self.path: Path | None = None

    def __enter__(self) -> _Target:
        if self._show:
            self._bar = self._stack.enter_context(_bar())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        if self._file is not None and self.path is not None:
            with contextlib.suppress(OSError):  # a full disk; what is left unwritten goes with the file
                self._file.close()
        if self._part is not None:
            self._part.unlink(missing_ok=True)

    def take(self, message: Any) -> None:
        """One message of the export."""
        if "file" in message:
            self._open(str(message["file"]))
        elif "beside" in message:
            self._proof = (str(message["beside"]), str(message["text"]))
        elif "piece" in message and self._file is not None:
            with self._writing():
                self._file.write(base64.b64decode(message["piece"]))
        elif self._bar is not None and "rows" in message:
            self._bar(message["rows"], message["total"])

    def _open(self, name: str) -> None:
        if self._output == "-":
            self._file = sys.stdout.buffer
            return
        wanted = Path(self._output or ".")
        self.path = wanted / name if wanted.is_dir() else wanted
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        with self._writing():
            self._file = part.open("wb")
        self._part = part

    def finished(self) -> None:
        if self._file is None:
            return
        with self._writing():
            self._file.flush()
            if self._part is not None and self.path is not None:
                self._file.close()
                self._part.replace(self.path)
                self._part = None
                self._put_beside(self.path, *self._proof)

    @staticmethod
    def _put_beside(path: Path, suffix: str, text: str) -> None:
        """The proof. One of an earlier file of that name would prove another."""
        if suffix:
            path.with_name(f"{path.name}{suffix}").write_text(text, encoding="utf-8")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """A folder that is not there, a full disk: one sentence. Who closes the pipe has enough."""
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            stop(f"{self.path or 'standard output'} can't be written: {error.strerror}")


@contextlib.contextmanager
def _bar() -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("rows", total=None)
        yield lambda rows, total: progress.update(task, completed=rows, total=total)


@plainly
def verify(
    files: Annotated[list[Path], typer.Argument(help="Downloaded files, of any format.")],
    proof: Annotated[Path | None, typer.Option(help="The proof of one file, where it does not lie beside it as "
                                               "NAME.proof.json.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file, a line each.")] = False,
) -> None:  # fmt: skip
    """Say of downloaded files whether they are complete, re-sorted, cut or altered, and what they hold."""
    from dashapp.downloads.verify import verify as look_at

    if proof is not None and len(files) > 1:
        stop("--proof is the proof of one file: name that one alone", 2)
    wrong = False
    for path in files:
        try:
            found = look_at(path, proof)
        except OSError as error:
            remark(f"dashapp: {error.filename or path} can't be read: {error.strerror}")
            wrong = True
            continue
        wrong = wrong or found.state != "complete"
        say(json.dumps({"file": str(path), **found.document()}, ensure_ascii=False) if as_json else _told(path, found))
    if wrong:
        raise SystemExit(FAILED)


def _told(path: Path, found: Verdict) -> str:
    rows = "" if found.rows is None else f", {quantity(found.rows, 'rows')}"
    lines = [f"{path}: {found.state}{rows} ({found.kind})"]
    lines += [f"  {reason}" for reason in found.reasons]
    lines += [f"  {name}: {state}, {remark_}" for name, state, remark_ in found.members if state == "complete"]
    if found.state == "complete" and not found.members:
        lines += [f"  {name}: {found.proof[key]}" for name, key in (("view", "view"), ("data as of", "data_as_of"))
                  if found.proof.get(key)]  # fmt: skip
        lines += [f"  {filter_}" for filter_ in found.proof.get("filters", ())]
        lines += [f"  sum of {name}: {value}" for name, value in found.sums.items()]
    return "\n".join(lines)
