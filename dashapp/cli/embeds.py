"""`dashapp embed …`: links to charts and pages, straight on the accounts database."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from dashapp.cli.output import FAILED, plainly, remark, say, stop
from dashapp.cli.users import open_accounts

if TYPE_CHECKING:
    from dashapp.embeds.model import Embed

app = typer.Typer(no_args_is_help=True)


@app.command("create")
@plainly
def create(
    what: Annotated[str, typer.Argument(metavar="CHART_OR_PAGE", help="Id of a chart or page; chart/ID or page/ID.")],
    where: Annotated[list[str] | None, typer.Option(help="A locked filter COLUMN=VALUE; may be repeated.")] = None,
    range_: Annotated[str, typer.Option("--range", help="Since when: -90d moves along; 2026-01-01/2026-04-01 is frozen.")] = "-30d",
    every: Annotated[str | None, typer.Option(help="Window: 1h, 1d, 1w, 1mo, auto.")] = None,
    tz: Annotated[str | None, typer.Option(help="Time zone; default DASHAPP_TIMEZONE.")] = None,
    compare: Annotated[str | None, typer.Option(help="previous, weekdays or year.")] = None,
    narrow: Annotated[list[str] | None, typer.Option(help="Lookers may narrow this column, or `range`; may be repeated.")] = None,
    theme: Annotated[str, typer.Option(help="light, dark or follow.")] = "follow",
    refresh: Annotated[str | None, typer.Option(help="Draw anew every 5m, 1h…")] = None,
    height: Annotated[int, typer.Option(help="Of the frame in pixels; 0: as the chart needs.")] = 0,
    expires: Annotated[str | None, typer.Option(help="Length of life such as 365d; without: until revoked.")] = None,
    ancestors: Annotated[list[str] | None, typer.Option(help="Origin that may frame it; may be repeated. Default: DASHAPP_EMBED_ANCESTORS.")] = None,
    download: Annotated[bool, typer.Option("--download", help="Lookers may download the numbers.")] = False,
    title: Annotated[str, typer.Option(help="Shown in place of the chart's own.")] = "",
    user: Annotated[str | None, typer.Option(help="Whose embed: it shows at most what this user may see.")] = None,
) -> None:  # fmt: skip
    """Make a link and print it alone."""
    from dashapp.accounts.database import now
    from dashapp.cli.asking import filter_words
    from dashapp.embeds import keeping, links
    from dashapp.embeds.model import Wanted, target
    from dashapp.settings import load_settings
    from dashapp.settings.values import duration
    from metricstore.selection import Selection

    settings, accounts = load_settings(), open_accounts()
    owner = accounts.find(user) if user else None
    if user and owner is None:
        stop(f"there is no user {user!r}")
    try:
        life = duration(expires) if expires else None
        seconds = int(duration(refresh).total_seconds()) if refresh else 0
    except ValueError as error:
        stop(str(error), 2)
    start, _, end = range_.partition("/")
    words = {"start": start, **({"stop": end} if end else {}), **({"every": every} if every else {}),
             **({"tz": tz} if tz else {}), **({"compare": compare} if compare else {})}  # fmt: skip
    for column, value in filter_words([], where or []):
        words[column] = f"{words[column]},{value}" if column in words else value
    kind, name = target(what)
    wanted = Wanted(kind, name, words, title, tuple(narrow or ()), theme, seconds, height,  # type: ignore[arg-type]
                    tuple(ancestors or ()), download, now() + life if life else None)  # fmt: skip
    default = Selection(timezone=settings.timezone, assume=settings.assumed)
    embed = keeping.create(accounts, wanted, owner, default)
    say(links.url(embed, links.base(settings), settings))
    if not (wanted.ancestors or settings.embed_ancestors):
        remark("No page may frame it yet: say --ancestors https://wiki.example or set DASHAPP_EMBED_ANCESTORS.")


@app.command("list")
@plainly
def list_embeds(
    user: Annotated[str | None, typer.Option(help="Only this user's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List embeds, newest first, with who looks at them."""
    from dashapp.accounts.database import now
    from dashapp.embeds import keeping, links
    from dashapp.embeds.listing import document
    from dashapp.settings import load_settings

    settings = load_settings()
    moment = now()
    for embed in keeping.listed(open_accounts(), user):
        if as_json:
            say(json.dumps(document(embed, moment, links.url(embed, links.base(settings), settings))))
        else:
            say(_line(embed, embed.state(moment)))


@app.command("revoke")
@plainly
def revoke(id: Annotated[str, typer.Argument(help="The embed's id in `embed list`.")]) -> None:
    """End an embed: from the next request on it shows a notice."""
    from dashapp.embeds import keeping

    keeping.revoke(open_accounts(), id)
    remark(f"Embed {id} is revoked.")


@app.command("check")
@plainly
def check(
    url: Annotated[str, typer.Argument(help="The link.")],
    page: Annotated[str, typer.Option("--from", help="Address of the page that will frame it.")] = "",
    sandbox: Annotated[str | None, typer.Option(help="The frame's sandbox attribute, if it has one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Say what would keep it from showing there, and what mends it."""
    from dashapp.embeds.doctor import check as look_at

    findings = look_at(url, page, sandbox)
    for finding in findings:
        if as_json:
            say(json.dumps(asdict(finding)))
        else:
            say(
                f"{finding.level:<8} {finding.subject}: {finding.text}"
                + (f"\n         → {finding.hint}" if finding.hint else "")
            )
    if any(finding.level == "fatal" for finding in findings):
        raise SystemExit(FAILED)


def _line(embed: Embed, state: str) -> str:
    used = f"last seen {embed.last_used or 'never'}{f' on {embed.used_on}' if embed.used_on else ''}"
    return f"{embed.id}  {embed.wanted.kind}/{embed.wanted.name:<28} {embed.owner or '(server)':<16} {state:<8} {used}"
