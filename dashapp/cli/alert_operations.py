"""`dashapp alert apply|export|list|ack|silence|test`: what is in force, straight on the accounts database."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashapp.cli.alerts import AsJson, text_of
from dashapp.cli.output import FAILED, WRONG_SETTING, plainly, remark, say, stop
from dashapp.cli.users import open_accounts

if TYPE_CHECKING:
    from dashapp.alerts.states import Group

app = typer.Typer()
_WHO = "command line"
Rule = Annotated[str, typer.Argument(help="Id of a rule.")]
Label = Annotated[
    list[str] | None, typer.Option("--label", help="Value of the rule's `by`, in its order; may be repeated.")
]


@app.command("apply")
@plainly
def apply(
    file: Annotated[Path, typer.Argument(help="A TOML file with rules, receivers and maintenance.")],
    name: Annotated[str | None, typer.Option(help="What it is known by; default: its path. The same name replaces it.")] = None,
) -> None:  # fmt: skip
    """Put a file in force: as a whole or, where it has a mistake, not at all. Applying it twice changes nothing."""
    from dashapp.alerts.rulebook import RuleBook, WrongRules

    text = text_of(file)
    try:
        found = RuleBook(open_accounts().database).apply(text, name or str(file), _WHO)
    except WrongRules as error:
        for mistake in error.mistakes:
            remark(str(mistake))
        raise SystemExit(WRONG_SETTING) from None
    for what, names in (("added", found.added), ("changed", found.changed), ("removed", found.removed)):
        for one in names:
            say(f"{what}: {one}")
    remark(
        f"{len(found.added)} added, {len(found.changed)} changed, {len(found.removed)} removed, {len(found.same)} as before."
    )


@app.command("remove")
@plainly
def remove(
    name: Annotated[str, typer.Argument(help="What it was applied as; `dashapp alert export` names all.")],
) -> None:
    """Take a file out of force; its open alerts end."""
    from dashapp.alerts.rulebook import RuleBook

    RuleBook(open_accounts().database).remove(name, _WHO)
    remark(f"{name} is no longer in force.")


@app.command("export")
@plainly
def export() -> None:
    """Print everything that is in force as one TOML file."""
    from dashapp.alerts.rulebook import RuleBook

    for name, text in RuleBook(open_accounts().database).texts():
        say(f"# From {name}\n{text.strip()}\n")


@app.command("list")
@plainly
def list_alerts(as_json: AsJson = False) -> None:
    """List the alerts that are open now. Ends with 1 when there are any, so that scripts can ask."""
    from dashapp.alerts.rulebook import RuleBook
    from dashapp.alerts.states import States

    database = open_accounts().database
    book, opened = RuleBook(database).read(), States(database).opened()
    for group in opened:
        rule = book.rule(group.rule)
        say(
            json.dumps(_document(group), ensure_ascii=False)
            if as_json
            else f"{group.rule}: {_line(group, rule.title if rule else '')}"
        )
    if not opened:
        remark("No alert is open.")
        return
    raise SystemExit(FAILED)


@app.command("ack")
@plainly
def acknowledge(
    rule: Rule, label: Label = None, note: Annotated[str, typer.Option(help="What you do about it.")] = "",
    by: Annotated[str, typer.Option(help="Who takes it.")] = _WHO,
) -> None:  # fmt: skip
    """Take an open alert: it is not sent again until it has ended."""
    from dashapp.alerts.states import States

    states = States(open_accounts().database)
    wanted = tuple(label or ())
    found = [group for group in states.opened() if group.rule == rule and (not wanted or group.labels == wanted)]
    if not found:
        stop(f"no alert of rule {rule!r} is open" + (f" for {', '.join(wanted)}" if wanted else ""))
    for group in found:
        opened = group.memory.open
        if opened is not None:
            states.acknowledge(rule, group.labels, opened.number, by, note)
            remark(f"{rule}: taken by {by}.")


@app.command("silence")
@plainly
def silence(
    reason: Annotated[str, typer.Option(help="Why; needed, but for a preview.")] = "",
    rule: Annotated[str, typer.Option(help="Only this rule; default: every rule.")] = "",
    label: Label = None,
    lasts: Annotated[str, typer.Option("--for", help="How long: 2h, 3d; at most 30d.")] = "2h",
    only_preview: Annotated[
        bool, typer.Option("--preview", help="Only say whom it would mute now and would have muted in the last 7 days.")
    ] = False,
) -> None:
    """Write to nobody for a while. Evaluation goes on, and what is still open afterwards is sent then."""
    from dashapp.alerts.outbox import Outbox
    from dashapp.alerts.previewing import preview
    from dashapp.alerts.rulebook import RuleBook
    from dashapp.alerts.silences import Silences, demand_covered
    from dashapp.alerts.states import States
    from dashapp.settings.values import duration

    try:
        span = duration(lasts)
    except ValueError as error:
        stop(f"--for: {error}", WRONG_SETTING)
    now, database, labels = datetime.now(UTC), open_accounts().database, tuple(label) if label else None
    book = RuleBook(database).read()
    demand_covered(book, rule, labels)
    if only_preview:
        for text in preview(rule, labels, book, States(database).opened(), Outbox(database), now).sentences():
            say(text)
        return
    number = Silences(database).add(rule, labels, now + span, reason, _WHO, now)
    remark(f"Silence {number} is in force for {lasts}; `dashapp alert unsilence {number}` ends it.")


@app.command("unsilence")
@plainly
def unsilence(number: Annotated[int, typer.Argument(help="Its number.")]) -> None:
    """End a silence now."""
    from dashapp.alerts.silences import Silences

    Silences(open_accounts().database).end(number, _WHO, datetime.now(UTC))
    remark(f"Silence {number} is over.")


@app.command("test")
@plainly
def send_test(receiver: Annotated[str, typer.Argument(help="Name of a receiver that is in force.")]) -> None:
    """Send a test message now and print what the receiver answers."""
    from alerting.receivers.sending import send
    from dashapp.alerts.rulebook import RuleBook
    from dashapp.alerts.wording import test_message
    from dashapp.settings import load_settings

    known = RuleBook(open_accounts().database).read().receivers
    if receiver not in known:
        stop(f"there is no receiver {receiver!r}; there are {', '.join(known) or 'none'}", WRONG_SETTING)
    now = datetime.now(UTC)
    outcomes = send(known[receiver], test_message(load_settings().timezone, now), now)
    for one in outcomes:
        say(f"{one.recipient}: {'taken' if one.delivered else 'not taken'}{f' – {one.answer}' if one.answer else ''}")
    if not all(one.delivered for one in outcomes):
        raise SystemExit(FAILED)


def _line(group: Group, title: str) -> str:
    opened = group.memory.open
    assert opened is not None
    parts = [title, ", ".join(group.labels), f"since {opened.fired:%Y-%m-%d %H:%M} UTC"]
    parts += [f"taken by {group.acknowledged_by}"] if group.taken else []
    parts += [group.muted_by] if group.muted_by else []
    return " · ".join(part for part in parts if part)


def _document(group: Group) -> dict[str, object]:
    opened = group.memory.open
    assert opened is not None
    return {
        "rule": group.rule, "labels": list(group.labels), "number": opened.number, "since": opened.fired.isoformat(),
        "raised": opened.raised, "acknowledged_by": group.acknowledged_by if group.taken else None, "muted_by": group.muted_by or None,
    }  # fmt: skip
