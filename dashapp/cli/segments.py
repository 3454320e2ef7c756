"""`dashapp segment …`: what users and tokens may see at most, straight on the accounts database."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashapp.cli.output import plainly, remark, say
from dashapp.cli.users import open_accounts
from metricstore.quantities import quantity

if TYPE_CHECKING:
    from dashapp.accounts.segment_rows import NamedSegment
    from metricstore.segment import Segment

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the segment.")]
Filters = Annotated[list[str] | None, typer.Argument(metavar="[COLUMN=VALUE]…", help="Filters, as in an address.")]
Where = Annotated[list[str] | None, typer.Option(help="A filter COLUMN=VALUE; may be repeated.")]
Start = Annotated[str | None, typer.Option(help="Nothing before it: ISO 8601, -90d (moves along), month…")]
Stop = Annotated[str | None, typer.Option("--stop", help="Nothing from it on: ISO 8601, -1d…")]
Zone = Annotated[str | None, typer.Option("--tz", help="Time zone of range and clock filters; default UTC.")]
Every = Annotated[str | None, typer.Option(help="Finest window: 1h, 1d, 1w… With one, single records stay closed.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
_FREE = {"ignore_unknown_options": True, "allow_extra_args": True}


@app.command("create", context_settings=_FREE)
@plainly
def create(
    context: typer.Context, name: Name, filters: Filters = None, where: Where = None, start: Start = None,
    stop_: Stop = None, tz: Zone = None, every: Every = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:  # fmt: skip
    """Create a segment: `dashapp segment create team platform=linkedin --start -90d`."""
    from dashapp.accounts import segments

    asked = _segment([*(filters or []), *context.args], where, start=start, stop=stop_, tz=tz, every=every)
    made = segments.create(open_accounts(), name, asked, description)
    remark(f"Created {made.name}: {made.segment.sentence()}.")


@app.command("list")
@plainly
def list_segments(as_json: AsJson = False) -> None:
    """List the segments and how many hold each."""
    from dashapp.accounts.segments import listed

    for found in listed(open_accounts()):
        if as_json:
            say(json.dumps(_told(found), ensure_ascii=False))
        else:
            say(f"{found.name:<24} {_holders(found):<22} {found.segment.sentence()}")


@app.command("show")
@plainly
def show(name: Name, as_json: AsJson = False) -> None:
    """Show what a segment lets through, and who holds it."""
    from dashapp.accounts import AccountError, segments

    accounts = open_accounts()
    found = segments.get(accounts, name)
    if found is None:
        raise AccountError(f"there is no segment {name!r}")
    users, tokens = segments.holders(accounts, name)
    if as_json:
        say(json.dumps(_told(found) | {"held_by": {"users": users, "tokens": tokens}}, ensure_ascii=False))
        return
    say(f"{found.name}: {found.segment.sentence()}")
    if found.description:
        say(found.description)
    for key, value in found.segment.params().items():
        say(f"  {key}={value}")
    for kind, names in (("users", users), ("tokens", tokens)):
        if names:
            say(f"  held by {kind} {', '.join(names)}")


@app.command("set", context_settings=_FREE)
@plainly
def change(
    context: typer.Context, name: Name, filters: Filters = None, where: Where = None, start: Start = None,
    stop_: Stop = None, tz: Zone = None, every: Every = None,
    description: Annotated[str | None, typer.Option(help="What it is for; without: as it is.")] = None,
) -> None:  # fmt: skip
    """Replace what a segment lets through, for all who hold it, from their next request on."""
    from dashapp.accounts import segments

    asked = _segment([*(filters or []), *context.args], where, start=start, stop=stop_, tz=tz, every=every)
    found = segments.update(open_accounts(), name, asked, description)
    remark(f"{found.name} lets through: {found.segment.sentence()}.")


@app.command("delete")
@plainly
def delete(name: Name) -> None:
    """Delete a segment that nobody holds."""
    from dashapp.accounts import segments

    segments.delete(open_accounts(), name)
    remark(f"Deleted {name}.")


def _segment(loose: list[str], where: list[str] | None, **own: str | None) -> Segment:
    from dashapp.cli.asking import filter_words
    from metricstore.segment import Segment

    params = {key: value for key, value in own.items() if value is not None}
    for column, value in filter_words(loose, where or []):
        params[column] = f"{params[column]},{value}" if column in params else value
    return Segment.from_params(params)


def _told(found: NamedSegment) -> dict[str, Any]:
    return {"name": found.name, "description": found.description, "filters": found.segment.params(),
            "sentence": found.segment.sentence(), "users": found.users, "tokens": found.tokens,
            "created": found.created}  # fmt: skip


def _holders(found: NamedSegment) -> str:
    return f"{quantity(found.users, 'users')}, {quantity(found.tokens, 'tokens')}"
