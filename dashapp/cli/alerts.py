"""`dashapp alert …`: rules from a file, checked against the metrics there are and tried on stored data."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashapp.alerts.reasons import REASONS
from dashapp.cli.output import WRONG_SETTING, plainly, remark, say, stop
from metricstore.quantities import quantity

if TYPE_CHECKING:
    from alerting.rule import Rule

app = typer.Typer(no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A TOML file with rules; see docs/alerts.md.", exists=False)]
Only = Annotated[list[str] | None, typer.Option("--rule", help="Id of a rule; may be repeated. Default: all.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
_SHOWN = 12


@app.command("example")
@plainly
def example() -> None:
    """Print rules to start from: `dashapp alert example > rules.toml`."""
    say(files("alerting").joinpath("default_rules.toml").read_text(encoding="utf-8").rstrip())


@app.command("check")
@plainly
def check(file: File) -> None:
    """Check rules; mistakes are printed with their line, and the command ends with 2."""
    rules = rules_of(file, text_of(file))
    remark(f"{quantity(len(rules), 'rules')} checked: all can be used." if rules else f"There are no rules in {file}.")


@app.command("backtest")
@plainly
def backtest(
    file: File, only: Only = None,
    since: Annotated[str, typer.Option(help="Try them from here on: -90d, -365d, ISO 8601.")] = "-90d",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say when each rule would have fired, by data as it is known now. Nothing is sent."""
    from dashapp.cli.reaching import perform
    from dashapp.settings import load_settings

    text = text_of(file)
    rules = rules_of(file, text)
    known = [rule.id for rule in rules]
    for wanted in only or []:
        if wanted not in known:
            stop(f"{file} has no rule {wanted!r}; it has {', '.join(known) or 'none'}", WRONG_SETTING)
    for rule in rules:
        if rule.momentary and not only:
            remark(f"{rule.id}: looks at what is now, so it can't be tried on the past.")
    found = perform(
        load_settings(),
        "alert_backtest",
        text=text,
        file=str(file),
        since=since,
        only=only or [],
        segments=segments_of(rules),
    )
    for one in found:
        if as_json:
            say(json.dumps(one, ensure_ascii=False))
        else:
            _print(one)


def text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        stop(f"{file} can't be read: {error.strerror}", WRONG_SETTING)
    except UnicodeDecodeError as error:
        stop(f"{file} can't be read: it is not UTF-8 (byte {error.start + 1:,})", WRONG_SETTING)


def rules_of(file: Path, text: str) -> list[Rule]:
    """What is in the file; ends the command when there is a mistake."""
    from alerting.checking import mistakes
    from dashapp.alerts.rulebook import nobody, read_text

    found = read_text(text, str(file))
    rules, wrong = found.rules, [*found.wrong, *(mistake for rule in found.rules for mistake in mistakes(rule))]
    if found.receivers:  # else they are declared elsewhere
        wrong += nobody(found, [])
    for mistake in sorted(wrong, key=lambda each: each.line):
        remark(str(mistake))
    if wrong:
        raise SystemExit(WRONG_SETTING)
    return rules


def segments_of(rules: list[Rule]) -> dict[str, dict[str, str]]:
    """Of the segments that rules name, what each lets through, in the words of an address; ends the command when one does not go with its rule."""
    if not any(rule.segment for rule in rules):
        return {}
    from alerting.seeing import beyond_segment
    from dashapp.alerts.rulebook import RuleBook
    from dashapp.cli.users import open_accounts

    segments = RuleBook(open_accounts().database).segments()
    wrong = [mistake for rule in rules for mistake in beyond_segment(rule, segments)]
    for mistake in wrong:
        remark(str(mistake))
    if wrong:
        raise SystemExit(WRONG_SETTING)
    return {rule.segment: segments[rule.segment].params() for rule in rules if rule.segment}


def _print(one: dict[str, Any]) -> None:
    """A sentence, then a line for each alert."""
    say(f"{one['rule']}: {one['title']}")
    say(f"  {_sentence(one)}")
    for why, count in one["nothing"].items():
        say(f"  {quantity(count, 'windows')} not judged: {REASONS.get(why, why)}")
    for each in one["episodes"][-_SHOWN:]:
        say(f"  {_minute(each['fired'])}  {_group(each)}{_figures(each)}, {_end(each)}")
    if len(one["episodes"]) > _SHOWN:
        say(f"  … and {len(one['episodes']) - _SHOWN:,} before them; --json has all")
    if not one["episodes"] and one["nearest_misses"]:
        near = one["nearest_misses"][0]
        say(f"  nearest miss: {_minute(near['window'])}  {_group(near)}{near['value']:,g}")


def _sentence(one: dict[str, Any]) -> str:
    if one["records"] is not None:
        reported = quantity(one["records"], "records")
        if not one["fired"]:
            return f"would have reported nothing {_span(one)}."
        return f"would have fired {_times(one)} and reported {reported} {_span(one)}."
    if not one["windows"]:
        return "There is nothing to try it on: no window in this time is known in whole."
    looked = f"in {quantity(one['windows'], 'windows')} {_span(one)}"
    if not one["fired"]:
        return f"would never have fired {looked}."
    count = f"{one['out_of_hours']:,} of them " if one["fired"] > 1 else ""
    out = f", {count}at night or on a weekend" if one["out_of_hours"] else ""
    return (
        f"would have fired {_times(one)}{out}, {looked}; open for {quantity(round(one['open_hours']), 'hours')} in all."
    )


def _span(one: dict[str, Any]) -> str:
    return f"from {_minute(one['start'])} to {_minute(one['until'])} ({one['timezone']})"


def _times(one: dict[str, Any]) -> str:
    return "once" if one["fired"] == 1 else f"{one['fired']:,} times" if one["fired"] else "never"


def _minute(iso: str) -> str:
    return f"{iso[:10]} {iso[11:16]}"


def _group(each: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in each["labels"].items()) + (" " if each["labels"] else "")


def _figures(each: dict[str, Any]) -> str:
    if "records" in each:
        from alerting.alert import MOST_TEXTS

        left = len(each["records"]) - MOST_TEXTS
        return "; ".join(each["records"][:MOST_TEXTS]) + (f" and {left:,} more" if left > 0 else "")
    usual = f" (compared with {each['usual']:,.6g})" if each["usual"] is not None else ""
    worst = f", worst {each['worst']:,.6g}" if each["worst"] != each["value"] else ""
    return f"at {each['value']:,.6g}{usual}{worst}{', raised to page' if each['raised'] else ''}"


def _end(each: dict[str, Any]) -> str:
    return "still open" if each["ended"] is None else f"{each['how']} {_minute(each['ended'])}"
