"""CSV that opens without options and carries its proof in itself.

A last column `_proof` holds a dot in every row and, in the last row, the proof: after its closing quote and line end
the file is complete. So a file cut anywhere has no proof, and no row is added that would be taken for data.
See docs/decisions/0011-downloads.md for what else was tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dashapp.downloads.table import PROOF, Hashed, Table, Tally, proof, told
from metricstore.spelling import Lines, Spelling, quoted, spelled
from metricstore.streaming import primed

MARK = "."
"""The proof column's content in all rows but the last."""
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Csv:
    """`decimal` "," writes 1,5 between semicolons, as spreadsheets of many countries want it; `bom` tells Excel that
    it is UTF-8."""

    decimal: str = "."
    bom: bool = False
    name: str = "csv"
    title: str = "CSV"
    mimetype: str = "text/csv"
    most_rows: int | None = None

    def stream(self, table: Table) -> Iterator[bytes]:
        delimiter = ";" if self.decimal == "," else ","
        spelling = Spelling(table.facts.timezone, delimiter, self.decimal, begin=f"{delimiter}{MARK}\n")
        hashed, tally = Hashed(), Tally(table.columns)
        head = spelling.delimiter.join([*(quoted(column.name) for column in table.columns), ""])
        rows = primed(_lines(table, spelling))  # before the first byte: a store that is down is told with a status
        yield hashed((BOM if self.bom else b"") + head.encode())
        for lines in rows:
            if lines.rows:
                # each row is preceded by the end of the row before, the first one by the end of the heading
                first = b"" if tally.rows else f'"{PROOF}"\n'.encode()
                tally.add_numbers(lines.rows, lines.numbers)
                yield hashed(first + lines.text.removeprefix(spelling.begin.encode()) if first else lines.text)
        if tally.rows:
            yield hashed(spelling.delimiter.encode())
        yield _last_cell(proof(table, tally, hashed.hex(), decimal=self.decimal))


def _last_cell(document: dict[str, object]) -> bytes:
    """The proof as the last cell. Without a row it is the last heading."""
    return quoted(f"{PROOF} {told(document).decode()}").encode() + b"\n"


def _lines(table: Table, spelling: Spelling) -> Iterator[Lines]:
    if table.lines is not None:
        return table.lines(spelling)
    kinds = table.kinds
    return (spelled(frame, kinds, spelling, table.exact) for frame in table.frames())


def with_options(csv: Csv, *, decimal: str = ".", excel: bool = False) -> Csv:
    return replace(csv, decimal=decimal, bom=excel)
