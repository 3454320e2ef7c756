"""A checksum over rows that does not depend on their order, so that a re-sorted file is told from a cut one."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_BYTES = 8
_SEPARATOR = "\x1f"


@dataclass
class RowChecksum:
    """Each row is hashed on its own (BLAKE2b, 64 bits). `any_order` is the sum of those hashes modulo 2^64, `in_order`
    the hash of all of them one after the other, `last_row` that of the last."""

    rows: int = 0
    _sum: int = 0
    _last: str = ""
    _ordered: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def add(self, rows: Iterable[bytes]) -> None:
        """Rows in a spelling that does not depend on who wrote the file: see `cells_of` and `csv_rows`."""
        digests = b"".join([hashlib.blake2b(row, digest_size=_BYTES).digest() for row in rows])
        if not digests:
            return
        numbers = np.frombuffer(digests, dtype="<u8")
        self.rows += len(numbers)
        self._sum = (self._sum + int(numbers.sum())) % 2**64
        self._ordered.update(digests)
        self._last = digests[-_BYTES:].hex()

    def document(self) -> dict[str, str]:
        """As it stands in a proof, in hexadecimal digits."""
        return {"any_order": f"{self._sum:016x}", "in_order": self._ordered.hexdigest(), "last_row": self._last}


def csv_rows(data: bytes, delimiter: str, width: int, numeric: Collection[int], decimal: str) -> Iterator[bytes]:
    """The rows of CSV (UTF-8) without its heading, their first `width` cells."""
    # Decoded bit by bit: StringIO would hold four bytes for each character of a piece of many megabytes.
    for row in csv.reader(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline=""), delimiter=delimiter):
        if row:
            yield cells_of(row[:width], numeric, decimal)


def cells_of(row: Sequence[str], numeric: Collection[int], decimal: str = ".") -> bytes:
    """One row's texts. Numbers are spelled anew: programs that save a file write 3 as 3.0 and the other way round."""
    cells = list(row)
    for place in numeric:
        text = cells[place]
        if text and not text.isdigit():
            cells[place] = _number(text.replace(decimal, "."))
    return _SEPARATOR.join(cells).encode()


def _number(text: str) -> str:
    if text.removeprefix("-").isdigit():
        return text
    try:
        value = float(text)
    except ValueError:
        return text
    return str(int(value)) if value.is_integer() else repr(value)
