"""`dashapp alert try`: what a rule comes to now, who would be written to, and the message. Nothing is sent."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashapp.cli.alerts import AsJson, rules_of, segments_of, text_of
from dashapp.cli.output import WRONG_SETTING, plainly, say, stop
from dashapp.cli.users import open_accounts
from metricstore.windows import zone

if TYPE_CHECKING:
    from alerting.rule import Rule

app = typer.Typer()


@app.command("try")
@plainly
def try_rule(
    rule: Annotated[str, typer.Argument(help="Id of a rule that is in force, or of one in --file.")],
    file: Annotated[Path | None, typer.Option(help="Take the rule from this file instead.")] = None,
    windows: Annotated[int, typer.Option(min=1, max=1000, help="So many of the latest windows of each group.")] = 12,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say what a rule comes to now: each recent window and why it counts or not, who would be written to, and the message."""
    from dashapp.alerts.rulebook import RuleBook, read_text
    from dashapp.alerts.silences import Silences
    from dashapp.alerts.trying import notified
    from dashapp.cli.reaching import perform
    from dashapp.settings import load_settings

    rulebook = RuleBook(open_accounts().database)
    book = rulebook.read()
    if file is not None:
        name, text = str(file), text_of(file)
        rules = rules_of(file, text)
        book = book.beside(read_text(text, name))
    else:
        rules = list(book.rules)
        texts = dict(rulebook.texts())
    chosen = next((one for one in rules if one.id == rule), None)
    if chosen is None:
        stop(f"there is no rule {rule!r}; there are {', '.join(one.id for one in rules) or 'none'}", WRONG_SETTING)
    if file is None:
        name, text = chosen.file, texts[chosen.file]
    settings = load_settings()
    found = perform(
        settings, "alert_try", text=text, file=name, rule=rule, windows=windows, links=(settings.public_url or "").rstrip("/"),
        segments=segments_of([chosen]),
    )  # fmt: skip
    now = datetime.now(UTC)
    silences = Silences(open_accounts().database).current(now)
    found |= {
        "rule": chosen.id, "title": chosen.title, "notifies": notified(chosen, book, silences, found["groups"], now),
    }  # fmt: skip
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    _print(chosen, found)


def _print(rule: Rule, found: dict[str, Any]) -> None:
    say(f"{rule.id}: {rule.title}")
    if rule.windowed:
        until = datetime.fromisoformat(found["until"]).astimezone(zone(rule.timezone))
        say(
            f"  Its data are known until {until:%Y-%m-%d %H:%M} ({rule.timezone}); windows that end later are not judged yet."
        )
    for group in found["groups"]:
        named = ", ".join(f"{name} {value or 'none'}" for name, value in group["labels"].items())
        say(f"\n  {named or 'All'}{': open' if group['open'] else ''}")
        for line in group["windows"]:
            say("    " + "  ".join(part for part in (line["begin"], f"{line['value']:>12}" if line["begin"] else line["value"], line["came"]) if part))  # fmt: skip
    if not found["groups"]:
        say("  There is nothing to look at now." if not rule.windowed else "  No window is known in whole.")
    told = found["notifies"]
    say(
        f"\n  Would be written to: {', '.join(_recipient(*each) for each in told['recipients']) or 'nobody; the rule names no receiver'}"
    )
    for one in told["muted"]:
        say(f"  But not now{_of(one['labels'])}: {one['why']}")
    if not any(group["open"] for group in found["groups"]):
        say("\n  Nothing is open, so there is no message.")
    for group in found["groups"]:
        if group["message"]:
            say(f"\n  Message{_of(group['labels'])}:\n")
            say("\n".join(f"    {line}" if line else "" for line in group["message"].splitlines()))


def _recipient(receiver: str, who: str) -> str:
    return receiver if who == receiver else f"{who} ({receiver})"


def _of(labels: dict[str, str]) -> str:
    return f" ({', '.join(labels.values())})" if labels else ""
