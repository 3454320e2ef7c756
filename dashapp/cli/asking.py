"""`dashapp query`: a metric's answer on the terminal."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from dashapp.cli.output import plainly, say, stop
from metricstore.quantities import quantity


@plainly
def query(
    context: typer.Context,
    metric: Annotated[str, typer.Argument(help="Name of a metric, such as posts or generation_times.")],
    filters: Annotated[list[str] | None, typer.Argument(metavar="[COLUMN=VALUE]…", help="Filters.")] = None,
    start: Annotated[str | None, typer.Option(help="First moment: ISO 8601, -7d, month…")] = None,
    stop_: Annotated[str | None, typer.Option("--stop", help="First moment not included; default now.")] = None,
    every: Annotated[str | None, typer.Option(help="Window: 1h, 1d, 1w, 1mo, auto or none.")] = None,
    by: Annotated[str | None, typer.Option(help="Columns to group by, separated by commas.")] = None,
    agg: Annotated[str | None, typer.Option(help="Another aggregate, such as p95.")] = None,
    tz: Annotated[str | None, typer.Option(help="Time zone; default UTC, as in the API.")] = None,
    compare: Annotated[str | None, typer.Option(help="previous, weekdays or year.")] = None,
    assume: Annotated[str | None, typer.Option(help="Assumptions: hourly_rate:60,manual_minutes:30.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="A filter COLUMN=VALUE; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What the API would answer.")] = False,
) -> None:
    """Ask a metric; the parameters are those of the API, `--platform linkedin` and the like included."""
    from dashapp.cli.reaching import perform
    from dashapp.settings import load_settings

    settings = load_settings()
    params = {"start": start, "stop": stop_, "every": every, "by": by, "agg": agg, "tz": tz,
              "compare": compare, "assume": assume}  # fmt: skip
    chosen = {key: value for key, value in params.items() if value is not None}
    for column, value in filter_words([*(filters or []), *context.args], where or []):
        chosen[column] = f"{chosen[column]},{value}" if column in chosen else value
    answer = perform(settings, "query", metric=metric, params=chosen)
    if as_json:
        say(json.dumps(answer, ensure_ascii=False))
    else:
        _print_table(answer)


def filter_words(loose: list[str], named: list[str]) -> list[tuple[str, str]]:
    """`platform=linkedin`, `--platform=linkedin`, `--platform linkedin`."""
    found = []
    words = [*named, *loose]
    while words:
        word = words.pop(0)
        text = word.removeprefix("--")
        if "=" in text:
            column, _, value = text.partition("=")
        elif word.startswith("--") and words:
            column, value = text, words.pop(0)
        else:
            stop(f"{word!r} isn't a filter; write COLUMN=VALUE", 2)
        found.append((column.replace("-", "_"), value))
    return found


def _print_table(answer: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{answer['title']} ({answer['unit']})", caption=f"{answer['start']} to {answer['stop']}")
    columns = ["time", *answer.get("by", []), "value", *(["comparison"] if answer.get("compare") else [])]
    for column in columns:
        table.add_column(column, justify="right" if column in ("value", "comparison") else "left")
    for row in answer["data"]:
        table.add_row(*[_cell(row.get(column), _beside(row, column)) for column in columns])
    Console().print(table)
    for line in (*_assumed(answer), *_caveats(answer)):
        Console().print(line)


def _beside(row: dict[str, Any], column: str) -> str:
    """What stands in place of a number or before it: the kind of nothing, `≤` or `≥`."""
    if column == "comparison":
        return str(row.get("comparison_why", ""))
    if column != "value":
        return ""
    return str(row.get("why", "")) or {"lower": "≥ ", "upper": "≤ "}.get(row.get("bound", ""), "")


def _caveats(answer: dict[str, Any]) -> list[str]:
    """What is to be said of the whole answer."""
    found = []
    if answer["empty"]:
        found.append(answer["empty"]["reason"])
    if answer["bound"]:
        found.append(f"{'at least' if answer['bound']['side'] == 'lower' else 'at most'}: {answer['bound']['reason']}")
    if answer["conflicting_rows"]:
        rows = answer["conflicting_rows"]
        found.append(
            f"{quantity(rows, 'rows')} {'contradicts' if rows == 1 else 'contradict'} others and {'is' if rows == 1 else 'are'} not counted"
        )
    return found


def _assumed(answer: dict[str, Any]) -> list[str]:
    """What a modelled number was made of."""
    if not answer.get("assumptions"):
        return []
    values = (f"{one['name']} {one['value']:,.10g} {one['unit']}".strip() for one in answer["assumptions"])
    return [f"modelled: {answer['formula']}", f"assumed: {', '.join(values)}"]


def _cell(value: Any, beside: str = "") -> str:
    if value is None:
        return beside or "–"
    return f"{beside}{value:,.10g}" if isinstance(value, int | float) else str(value)
