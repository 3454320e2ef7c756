"""`dashapp user …`: straight on the accounts database, also while the application runs."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import getpass
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dashapp.cli.output import plainly, remark, say, stop

if TYPE_CHECKING:
    from dashapp.accounts import Accounts

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="User name.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def open_accounts() -> Accounts:
    from dashapp.accounts import Accounts
    from dashapp.settings import load_settings

    return Accounts.open(load_settings().accounts_url)


@app.command("add")
@plainly
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="viewer, analyst or admin.")] = "viewer",
    password_stdin: FromStdin = False,
    must_change: Annotated[bool, typer.Option(help="Ask for a new password at the first login.")] = False,
    platform: Annotated[list[str] | None, typer.Option(help="Limit to this platform; may be repeated.")] = None,
    segment: Annotated[str | None, typer.Option(help="Limit to this segment.")] = None,
) -> None:
    """Add a user."""
    accounts = open_accounts()
    user = accounts.add(name, role, _password(password_stdin), must_change=must_change, platforms=platform or None,
                        segment=segment)  # fmt: skip
    remark(f"Added {user.name} ({user.role}).")


@app.command("list")
@plainly
def list_users(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """List the users."""
    for user, created, last_login in open_accounts().all():
        found = {"name": user.name, "role": user.role, "active": user.active, "created": created,
                 "last_login": last_login, "platforms": user.platforms, "segment": user.segment}  # fmt: skip
        if as_json:
            say(json.dumps(found))
        else:
            limits = [*(user.platforms or ()), *([f"segment {user.segment}"] if user.segment else [])]
            state = ("" if user.active else "  (disabled)") + (f"  only {', '.join(limits)}" if limits else "")
            say(f"{user.name:<24} {user.role:<8} last login {last_login or 'never'}{state}")


@app.command("passwd")
@plainly
def passwd(name: Name, password_stdin: FromStdin = False) -> None:
    """Set a user's password; the user's logins end."""
    accounts = open_accounts()
    accounts.set_password(name, _password(password_stdin))
    remark(f"Changed the password of {name}.")


@app.command("role")
@plainly
def role(name: Name, new_role: Annotated[str, typer.Argument(help="viewer, analyst or admin.")]) -> None:
    """Give a user another role, from the next request on."""
    open_accounts().set_role(name, new_role)
    remark(f"{name} is {new_role} now.")


@app.command("disable")
@plainly
def disable(name: Name) -> None:
    """Lock a user out, tokens included, from the next request on."""
    open_accounts().set_active(name, False)
    remark(f"{name} is disabled.")


@app.command("enable")
@plainly
def enable(name: Name) -> None:
    """Let a disabled user in again."""
    open_accounts().set_active(name, True)
    remark(f"{name} is enabled.")


@app.command("platforms")
@plainly
def platforms(
    name: Name, platform: Annotated[list[str] | None, typer.Argument(help="Platforms; none: all of them.")] = None
) -> None:  # fmt: skip
    """Limit what a user may see to some platforms."""
    open_accounts().set_platforms(name, platform or None)
    remark(f"{name} sees {', '.join(platform) if platform else 'all platforms'}.")


@app.command("set-segment")
@plainly
def set_segment(
    name: Name, segment: Annotated[str | None, typer.Argument(help="Name of a segment; none: lift the limit.")] = None
) -> None:  # fmt: skip
    """Limit what a user may see to a segment, from the next request on."""
    open_accounts().set_segment(name, segment)
    remark(f"{name} is limited to segment {segment}." if segment else f"{name} is limited to no segment.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        stop("say --password-stdin to read the password from a pipe")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        stop("the two passwords differ")
    return password
