"""CSV that opens anywhere: a heading with the columns' names, then rows and nothing else.

With a proof inside, a last column `_proof` holds a dot in every row and, in the last row, the proof: after its closing
quote and line end the file is complete. So a file cut anywhere has no proof, and no row is added that would be taken
for data. See docs/decisions/0011-downloads.md for what else was tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dashapp.downloads.formats.model import Proof
from dashapp.downloads.row_checksum import RowChecksum, csv_rows
from dashapp.downloads.table import PROOF, Hashed, Table, Tally, for_spreadsheets, proof, spreadsheet_names, told
from metricstore.spelling import Lines, Spelling, quoted, spelled
from metricstore.streaming import primed

MARK = "."
"""The proof column's content in all rows but the last."""
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Csv:
    """`decimal` "," writes 1,5 between semicolons, as spreadsheets of many countries want it. `excel`: the mark that
    tells Excel that it is UTF-8, and times in the form every spreadsheet takes for times, in whole seconds, with the
    zone in their heading and the offset in a column beside them."""

    decimal: str = "."
    excel: bool = False
    guard: bool = True
    proof: Proof = "none"
    name: str = "csv"
    title: str = "CSV"
    mimetype: str = "text/csv"
    most_rows: int | None = None

    def stream(self, table: Table) -> Iterator[bytes]:
        table = for_spreadsheets(table) if self.excel else table
        inside, delimiter = self.proof == "inside", ";" if self.decimal == "," else ","
        names = spreadsheet_names(table) if self.excel else [column.name for column in table.columns]
        # Each row is preceded by the end of the row before, the first one by the end of the heading.
        end_of_row = f"{delimiter}{MARK}\n" if inside else "\n"
        end_of_heading = f'{delimiter}"{PROOF}"\n' if inside else "\n"
        spelling = Spelling(
            table.facts.timezone, delimiter, self.decimal, end_of_row, self.guard, "wall" if self.excel else "iso"
        )
        watch = _Watch(table, names, spelling, wanted=self.proof != "none")
        rows = primed(_lines(table, spelling))  # before the first byte: a store that is down is told with a status
        yield watch.passed((BOM if self.excel else b"") + delimiter.join(map(quoted, names)).encode())
        start = end_of_heading.encode()
        for lines in rows:
            if lines.rows:
                own = lines.text.removeprefix(end_of_row.encode())
                watch.count(lines, own)
                yield watch.passed(start + own)
                start = end_of_row.encode()
        yield watch.passed(delimiter.encode() if inside else b"\n")
        if inside:
            yield _last_cell(watch.document())
        elif self.proof == "beside":
            watch.document()


@dataclass
class _Watch:
    """What a proof says of a file, gathered while it passes; nothing where none is wanted."""

    table: Table
    names: list[str]
    spelling: Spelling
    wanted: bool
    hashed: Hashed = field(default_factory=Hashed)
    rows: RowChecksum = field(default_factory=RowChecksum)
    tally: Tally = field(init=False)
    numeric: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.tally = Tally(self.table.columns)
        self.numeric = tuple(place for place, name in enumerate(self.names) if name in self.tally.named_sums())

    def passed(self, piece: bytes) -> bytes:
        return self.hashed(piece) if self.wanted else piece

    def count(self, lines: Lines, text: bytes) -> None:
        """Some rows: their numbers, and their text from the first row's first cell on."""
        if not self.wanted:
            return
        self.tally.add_numbers(lines.rows, lines.numbers)
        own = self.spelling
        self.rows.add(csv_rows(text, own.delimiter, len(self.names), self.numeric, own.decimal))

    def document(self) -> dict[str, object]:
        return proof(
            self.table, self.tally, self.hashed.hex(),
            decimal=self.spelling.decimal, columns=self.names, checksum=self.rows.document(),
        )  # fmt: skip


def _last_cell(document: dict[str, object]) -> bytes:
    """The proof as the last cell. Without a row it is the last heading."""
    return quoted(f"{PROOF} {told(document).decode()}").encode() + b"\n"


def _lines(table: Table, spelling: Spelling) -> Iterator[Lines]:
    if table.lines is not None:
        return table.lines(spelling)
    kinds = table.kinds
    return (spelled(frame, kinds, spelling, table.exact) for frame in table.frames())
