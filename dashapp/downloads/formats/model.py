"""What a format must be able to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Protocol

from dashapp.downloads.table import Table
from metricstore.errors import InvalidQuestion

Proof = Literal["none", "inside", "beside"]
"""Whether rows of text are followed by their proof; beside: it is in `Table.proofs`, and the file as without."""


class TooManyRows(InvalidQuestion):
    """More rows than the format holds; told before the first byte, with the formats that can."""

    def __init__(self, rows: int, limit: int, others: tuple[str, ...]) -> None:
        super().__init__(
            "format",
            f"these are {rows:,} rows and an Excel sheet holds {limit:,}; take {', '.join(others[:-1])} or {others[-1]}",
        )


class Format(Protocol):
    """One way to write a table."""

    @property
    def name(self) -> str:
        """As in `format=`, and the file's extension."""

    @property
    def title(self) -> str:
        """For people."""

    @property
    def mimetype(self) -> str: ...

    @property
    def most_rows(self) -> int | None:
        """How many rows it holds; None: any number."""

    def stream(self, table: Table) -> Iterator[bytes]:
        """The file, piece by piece, in constant memory. What fails after the first piece leaves the file without its
        end mark."""
