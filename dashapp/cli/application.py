"""The command's tree."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import sys
import threading
import traceback
from types import TracebackType
from typing import Annotated

import typer

from dashapp.cli import alert_operations, alert_try, alert_watch, alerts, embeds, segments, tokens, users
from dashapp.cli.asking import query
from dashapp.cli.backfilling import backfill
from dashapp.cli.backups import backup, move, restore
from dashapp.cli.checking import doctor
from dashapp.cli.collecting import collect
from dashapp.cli.exporting import export, verify
from dashapp.cli.retention import retention
from dashapp.cli.serving import run, web
from dashapp.version import program_version


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(program_version())
        raise typer.Exit


app = typer.Typer(
    name="dashapp",
    help="Content metrics dashboard: collect, store, look.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Content metrics dashboard: collect, store, look."""


app.command("run")(run)
app.command("web")(web)
app.command("collect")(collect)
app.command("backfill")(backfill)
app.add_typer(users.app, name="user", help="Accounts of people.")
app.add_typer(segments.app, name="segment", help="What users and tokens may see at most.")
app.add_typer(tokens.app, name="token", help="Tokens for the REST API.")
app.add_typer(embeds.app, name="embed", help="Links to charts and pages for wikis.")
alerts.app.add_typer(alert_try.app)
alerts.app.add_typer(alert_operations.app)
alerts.app.add_typer(alert_watch.app)
app.add_typer(alerts.app, name="alert", help="Alerts: rules checked, tried on the past and put in force; what is open.")
app.command("query", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})(query)
app.command("export", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})(export)
app.command("verify")(verify)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("move")(move)
app.command("retention")(retention)
app.command("doctor")(doctor)


def main() -> None:
    """Entry point of the installed command."""
    sys.excepthook = _trace
    threading.excepthook = lambda failed: _trace(failed.exc_type, failed.exc_value, failed.exc_traceback)
    app(prog_name="dashapp")


def _trace(kind: type[BaseException], error: BaseException | None, where: TracebackType | None) -> None:
    """As Python's own, with secrets masked: texts of errors quote addresses."""
    from collectors.redaction import redact

    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, where))))
