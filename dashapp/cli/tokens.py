"""`dashapp token …`: API tokens, straight on the accounts database."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from dashapp.cli.output import plainly, remark, say, stop
from dashapp.cli.users import open_accounts

app = typer.Typer(no_args_is_help=True)


@app.command("create")
@plainly
def create(
    user: Annotated[str, typer.Option(help="Whose token; it may do what this user may.")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    expires: Annotated[str | None, typer.Option(help="Length of life such as 30d or 12h; without: for ever.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="read, export, embed, admin, annotate, goal, alert or metrics; may be repeated. "
                                                    "Without: whatever the user may do.")] = None,
    segment: Annotated[str | None, typer.Option(help="Limit it to this segment, beside what limits its user.")] = None,
) -> None:  # fmt: skip
    """Create a token and print it alone: it is shown this once."""
    from dashapp.accounts.tokens import create_token
    from dashapp.settings.values import duration

    accounts = open_accounts()
    owner = accounts.find(user)
    if owner is None:
        stop(f"there is no user {user!r}")
    try:
        life = duration(expires) if expires is not None else None
    except ValueError as error:
        stop(f"--expires: {error}", 2)
    say(create_token(owner, name, life, accounts, scopes=scope or None, segment=segment))


@app.command("list")
@plainly
def list_tokens(
    user: Annotated[str | None, typer.Option(help="Only this user's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List tokens by their first letters."""
    from dashapp.accounts.tokens import listed

    for token in listed(open_accounts(), user):
        if as_json:
            say(json.dumps(asdict(token)))
        else:
            state = "revoked" if token.revoked else f"expires {token.expires or 'never'}"
            used = f"last used {token.last_used or 'never'}"
            worth = f"for {', '.join(token.scopes)}" if token.scopes else "for all its user may"
            limit = f", segment {token.segment}" if token.segment else ""
            say(f"{token.id:>4}  {token.prefix}…  {token.user:<20} {token.label:<24} {state}, {used}, {worth}{limit}")


@app.command("revoke")
@plainly
def revoke(number: Annotated[int, typer.Argument(help="The token's number in `token list`.")]) -> None:
    """Make a token worthless at once."""
    from dashapp.accounts import tokens

    tokens.revoke(open_accounts(), number)
    remark(f"Token {number} is revoked.")
