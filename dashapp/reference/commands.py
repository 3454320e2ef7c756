"""The page on the command line, read from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from dashapp.cli import app
from dashapp.reference.markdown import code, table


def page() -> str:
    parts = ["# Commands\n", "Installed as `dashapp`; `dashapp COMMAND --help` says the same.\n"]
    for path, command in _walk("dashapp", typer.main.get_command(app)):
        parts += [f"## {path}\n", f"{_sentences(command)}\n"]
        rows = [_row(parameter) for parameter in command.params if not _everywhere(parameter)]
        if rows:
            parts.append(table(("argument or option", "meaning", "default"), rows))
    return "\n".join(parts)


def _walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Every command that can be run, with its whole name. Typer's command classes are no public type, hence Any."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, found in inner.items():
        if not found.hidden:
            yield from _walk(f"{path} {name}", found)


def _sentences(command: Any) -> str:
    return " ".join((command.help or command.short_help or "").split())


def _everywhere(parameter: Any) -> bool:
    return parameter.name in ("help", "install_completion", "show_completion")


def _row(parameter: Any) -> tuple[str, str, str]:
    if parameter.param_type_name == "argument":
        several = parameter.nargs == -1 and not parameter.metavar
        shown = code((parameter.metavar or parameter.name.upper()) + ("…" if several else ""))
    else:
        shown = ", ".join(code(word) for word in [*parameter.opts, *parameter.secondary_opts])
    default = parameter.default
    plain = isinstance(default, str | int | float) and not isinstance(default, bool) and default != ""
    return shown, " ".join((getattr(parameter, "help", None) or "").split()), code(str(default)) if plain else ""
