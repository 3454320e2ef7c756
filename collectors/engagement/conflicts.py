"""Rows of one table that claim one identity with different figures: told apart where the table shows how, else counted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from collectors.engagement.layouts import Layout
from collectors.engagement.rows import Row
from collectors.reading import short_hash


def settled(rows: Sequence[Row], layout: Layout | None = None) -> list[Row]:
    """One row for each identity, in the order of their first lines; `layout` None: a history, which repeats itself.

    Equal figures are one row. Different ones are posts of their own where their place shows it: exports list each post once,
    so two equal texts within a day's rows are two posts; in metrics.csv a post number that begins again is another batch.
    Else the last row counts, and how many others there were stands in `conflicting_rows`.
    """
    batches = _batches(rows)
    claims: dict[tuple[str, str, str], list[int]] = {}
    for place, row in enumerate(rows):
        claims.setdefault(row.series, []).append(place)
    found: list[Row] = []
    for places in claims.values():
        if len(places) == 1:
            found.append(rows[places[0]])
            continue
        imported = [place for place in places if rows[place].provenance == "imported"] or places
        different = _different(rows, imported)
        if len(different) < 2:
            found.append(rows[imported[-1]])
        elif layout is not None and _apart(rows, different, batches, layout):
            found.extend(_numbered(rows[place], nth) for nth, place in enumerate(different))
        else:
            last = rows[imported[-1]]
            found.append(replace(last, fields={**last.fields, "conflicting_rows": len(different) - 1}))
    return found


def _different(rows: Sequence[Row], places: Iterable[int]) -> list[int]:
    """Of rows with equal figures the last one."""
    latest: dict[str, int] = {}
    for place in places:
        figures = repr(sorted(rows[place].figures.items()))
        latest.pop(figures, None)
        latest[figures] = place
    return sorted(latest.values())


def _apart(rows: Sequence[Row], places: Sequence[int], batches: Sequence[int], layout: Layout) -> bool:
    first, last = places[0], places[-1]
    if not rows[first].by_text or any(row.time != rows[first].time for row in rows[first : last + 1]):
        return False  # one id; or the day comes again further below, as in files put together by hand
    if layout.per_post_once:
        return True
    numbered = all("post_number" in rows[place].fields for place in places)
    return not numbered or len({batches[place] for place in places}) == len(places)


def _batches(rows: Sequence[Row]) -> list[int]:
    """By row: in which batch of its platform it stands; one begins where a post number is lower than the one before."""
    found: list[int] = []
    numbers: dict[tuple[str, int], tuple[int, int]] = {}
    for row in rows:
        number = row.fields.get("post_number")
        batch, before = numbers.get((row.platform, row.time), (0, -1))
        if isinstance(number, int):
            batch += number < before
            numbers[row.platform, row.time] = (batch, number)
        found.append(batch)
    return found


def _numbered(row: Row, nth: int) -> Row:
    if nth == 0:
        return row
    row_id = short_hash(f"{row.row_id} {nth}")
    return replace(row, row_id=row_id, fields={**row.fields, "row_id": row_id}, former=())
