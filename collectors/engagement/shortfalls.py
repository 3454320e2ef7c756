"""What to say of a file of figures that could not be read in whole. Pure; sentences go behind the file's name."""

from __future__ import annotations

import re

from collectors.engagement.bodies import FIELD_LOST, Body
from collectors.engagement.layouts import COUNTS
from collectors.engagement.tables import Table, Unknown
from metricstore.quantities import quantity

_SHOWN_COLUMNS = 8
_FEW = 0.75
"""A smaller share of its rows is worth a warning."""
_MEANT = re.compile(
    r"linkedin|twitter|instagram|facebook|threads|buffer|analytic|insight|engagement|(^|/)(exports|analytics)/", re.I
)
"""Names of files and folders that say what is in them."""
_WOULD_HAVE = (
    f"a date, at least one figure ({', '.join(list(COUNTS)[:6])}, …) and something that says the network; "
    "docs/exports.md lists the exports and columns that are known"
)


def unknown(found: Unknown, file: str, *, named: bool) -> list[str]:
    """A table without a known layout: worth a sentence when it is about posts, or was meant to be.

    Nothing is said of other tables of the project: those without names of figures, without addresses of posts, and
    without a name that says they are analytics.
    """
    where = f"sheet {found.sheet}, row" if found.sheet else "line"
    if found.about is not None:
        return [
            f"holds figures of {found.about}, not of posts ({where} {found.line}: {_columns(found.cells)}): nothing is read "
            "from it; the platform exports posts or content on another page"
        ]
    meant = bool(_MEANT.search(file)) and (found.figures > 0 or found.links or found.dated)
    if not (named or found.figures > 1 or found.links or meant):
        return []
    return [
        f"isn't read: no known export has the columns of {where} {found.line} ({_columns(found.cells)}). It needs {_WOULD_HAVE}"
    ]


def from_none() -> str:
    """A file that somebody means to be read, and without anything like a header."""
    return f"isn't read: it has no row of column names. It needs {_WOULD_HAVE}"


def too_few(table: Table, body: Body, place: str) -> list[str]:
    """A known table of which much was not read."""
    kind = (
        f"{place}line {table.line}: {table.layout.name}"
        if not place
        else f"{place}row {table.line}: {table.layout.name}"
    )
    if body.by_day:
        return [
            f"has {quantity(body.by_day, 'rows')} for single days of posts ({kind}): people reached can't be added up, so they are "
            "not read; export it with the figures of posts' whole lifetime"
        ]
    if body.unclear:
        return [
            f"has {quantity(body.total, 'rows')} that {'is' if body.total == 1 else 'are'} not read ({kind}): {body.rejected[0].reason}"
        ]
    if not body.total:
        return [f"has a header ({kind}) and no rows"]
    scaled = [
        f"has a column that is not read, for its name says that it isn't in single units ({kind}): {heading!r}; export whole numbers"
        for heading in table.header.scaled
    ]
    failed = {one.line for one in body.rejected if not one.reason.endswith(FIELD_LOST)}
    read = body.total - len(failed)
    if read >= _FEW * body.total:
        return scaled
    first = min((one for one in body.rejected if one.line in failed), key=lambda one: one.line)
    return [
        *scaled,
        f"has {quantity(body.total, 'rows')} ({kind}), of which {read:,} {'was' if read == 1 else 'were'} read; line {first.line}: {first.reason}",
    ]


def _columns(cells: tuple[str, ...]) -> str:
    shown = ", ".join(cell[:40] for cell in cells[:_SHOWN_COLUMNS])
    return f"{shown}, … {len(cells)} columns" if len(cells) > _SHOWN_COLUMNS else shown
