"""`dashapp doctor`."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from dashapp.cli.output import FAILED, WRONG_SETTING, plainly, say

if TYPE_CHECKING:
    from dashapp.doctor import Finding
    from dashapp.settings import Origin

_SIGNS = {"ok": "[green]ok[/]", "warning": "[yellow]warning[/]", "fatal": "[red]fatal[/]"}


@plainly
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    online: Annotated[bool, typer.Option("--online", help="Try each credential with one request.")] = False,
    url: Annotated[
        str | None, typer.Option("--from", help="Also look from outside: the address people reach the overview by.")
    ] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Set damaged databases aside and begin new ones with what can "
                                         "still be read, then collect again. Nothing that is whole is touched.")] = False,
) -> None:  # fmt: skip
    """Check settings, sources, store, clock, permissions, accounts; says how to mend each."""
    if repair:
        _repair()
        return
    from dashapp.settings.loading import SettingsError, load_with_origins

    try:
        settings, origins = load_with_origins()
    except SettingsError as error:
        if not as_json:
            raise
        finding = {"subject": "settings", "level": "fatal", "text": str(error), "hint": "Correct it and try again."}
        say(json.dumps({"settings": [], "findings": [finding]}))
        raise SystemExit(WRONG_SETTING) from None
    from dashapp.doctor import examine

    findings = list(examine(settings, ask_services=online, url=url))
    if as_json:
        _print_json(origins, findings)
    else:
        _print(origins, findings)
    if any(finding.level == "fatal" for finding in findings):
        raise SystemExit(FAILED)


def _repair() -> None:
    from dashapp.cli.collecting import line
    from dashapp.cli.reaching import perform
    from dashapp.doctor.repairing import repair
    from dashapp.settings import load_settings
    from dashapp.settings.private_files import write_privately

    write_privately()
    settings = load_settings()
    store, accounts = repair(settings, say)
    if not (store or accounts):
        say("Nothing is damaged.")
    if store and settings.has_source:
        say("Collecting from the beginning; if this is interrupted, the next start goes on.")
        for report in perform(settings, "collect", names=None, since=None):
            say(line(report))


def _print_json(origins: list[Origin], findings: list[Finding]) -> None:
    found = {"settings": [asdict(o) for o in origins], "findings": [asdict(f) for f in findings]}
    say(json.dumps(found, indent=2, ensure_ascii=False))


def _print(origins: list[Origin], findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    settings = Table("setting", "value", "from", title="Settings", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for origin in origins:
        settings.add_row(origin.variable, escape(origin.value) or "[dim]–[/]", escape(origin.origin))
    console.print(settings)
    console.print()
    for finding in findings:
        console.print(f"{_SIGNS[finding.level]:<8} [bold]{finding.subject}[/]: {escape(finding.text)}", soft_wrap=True)
        if finding.hint:
            console.print(f"         → {escape(finding.hint)}", soft_wrap=True)
