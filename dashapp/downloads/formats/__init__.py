"""Every format a table can be taken away in, by name."""

from __future__ import annotations

from dashapp.downloads.formats.arrow import Arrow, Parquet
from dashapp.downloads.formats.csv import Csv
from dashapp.downloads.formats.json import Json, Ndjson
from dashapp.downloads.formats.model import Format, TooManyRows
from dashapp.downloads.formats.options import Options
from dashapp.downloads.formats.xlsx import Xlsx
from dashapp.downloads.table import Table

FORMATS: dict[str, Format] = {
    made.name: made for made in (Csv(), Xlsx(), Parquet(), Json(), Ndjson(), Arrow())
}  # fmt: skip
FILES = ("csv", "xlsx", "parquet", "json", "ndjson")
"""Those that people are offered as files; Arrow is for programs."""


def check_size(form: Format, table: Table) -> None:
    """TooManyRows when the format can't hold what the table has: asked before the first byte."""
    if form.most_rows is None:
        return
    rows = table.rows if table.rows is not None else table.count() if table.count is not None else 0
    if rows > form.most_rows:
        others = tuple(FORMATS[name].title for name in FILES if FORMATS[name].most_rows is None)
        raise TooManyRows(rows, form.most_rows, others)


__all__ = ["FILES", "FORMATS", "Csv", "Format", "Options", "TooManyRows", "check_size"]
