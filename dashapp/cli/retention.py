"""`dashapp retention`: how long points are kept, what would be deleted of them, and deleting it by hand."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from dashapp.cli.output import plainly, remark, say, stop
from metricstore.quantities import quantity


@plainly
def retention(
    apply: Annotated[bool, typer.Option("--apply", help="Delete now what is older than it is kept.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a measurement, a line each.")] = False,
) -> None:
    """Say how long points are kept and what is to be deleted of them; delete it."""
    from dashapp.cli.reaching import perform
    from dashapp.settings import load_settings

    settings = load_settings()
    rows: list[dict[str, Any]] = perform(settings, "retention", kept=dict(settings.retention.days))
    for row in rows:
        say(json.dumps(row) if as_json else "\n".join(_lines(row)))
    older = sum(row.get("older", 0) for row in rows)
    if not settings.retention:
        remark("Everything is kept for ever. DASHAPP_RETENTION says otherwise, such as log_record:90d,generation:730d.")
    elif not older:
        remark("Nothing is older than it is kept.")
    elif not apply:
        remark(
            f"Nothing was deleted. `dashapp retention --apply` deletes {quantity(older, 'points')}: make a backup first if in doubt."
        )
    if apply and older:
        remark("Deleting, the oldest first. What is interrupted goes on with the next run.")
        done: dict[str, Any] = perform(settings, "retention_apply", kept=dict(settings.retention.days))
        if done["outcome"] != "ok":
            stop(
                f"{done.get('error') or 'it was not finished'}; deleted until then: {quantity(done.get('expired', 0), 'points')}, run it again"
            )
        remark(f"Deleted {quantity(done.get('expired', 0), 'points')}.")


def _lines(row: dict[str, Any]) -> list[str]:
    """A measurement for people."""
    kept = "kept for ever" if row["days"] is None else f"kept for {quantity(row['days'], 'days')}"
    found = [f"{row['measurement']} ({row['title']}): {kept}", f"  {_stored(row)}"]
    if row.get("older"):
        size = f", about {_size(row['older_bytes'])}" if row["older_bytes"] is not None else ""
        found.append(f"  {quantity(row['older'], 'points')} before {row['before'][:10]} (UTC){size}, to be deleted")
        found.append(f"  {row['next']}")
        if row["empty"]:
            found.append(f"  Empty before then: {', '.join(row['empty'])}")
        found += [f"  {text}" for text in row["settled"]]
    return found


def _stored(row: dict[str, Any]) -> str:
    if not row["points"]:
        return "no points"
    size = (
        f", about {_size(row['bytes'])} ({row['bytes_per_point']:,.0f} bytes a point)"
        if row["bytes"] is not None
        else ""
    )
    return f"{quantity(row['points'], 'points')} since {row['since'][:10]}{size}"


def _size(size: float) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"
