"""InfluxDB's annotated CSV, read two ways: small answers of any shape, large ones of a single table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore.errors import StoreError

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Rows that share a header. `result` is the name the query yielded them under."""

    result: str
    header: list[str]
    rows: list[list[str]]

    def column(self, name: str) -> list[str]:
        """Values of a column; empty texts where it is missing."""
        if name not in self.header:
            return [""] * len(self.rows)
        place = self.header.index(name)
        return [row[place] for row in self.rows]


def blocks(answer: bytes) -> Iterator[Block]:
    """Parts of an answer asked for with the annotation `datatype`, which begins each of them."""
    reader = csv.reader(io.StringIO(answer.decode(), newline=""))
    header: list[str] | None = None
    rows: list[list[str]] = []
    for row in reader:
        if not row:
            continue
        if row[0] == "#datatype":
            yield from _split(header, rows)
            header, rows = None, []
        elif header is None:
            header = row
            _refuse_error(header, reader)
        else:
            rows.append(row)
    yield from _split(header, rows)


def _split(header: list[str] | None, rows: list[list[str]]) -> Iterator[Block]:
    """One block for each result name: yields of the same shape share a header."""
    if header is None or not rows:
        return
    place = header.index("result")
    named: dict[str, list[list[str]]] = {}
    for row in rows:
        named.setdefault(row[place], []).append(row)
    for name, own in named.items():
        yield Block(name, header, own)


def _refuse_error(header: list[str], following: Iterator[list[str]]) -> None:
    """InfluxDB reports what fails halfway as a table `error,reference` after status 200."""
    if "error" in header and "reference" in header and "result" not in header:
        row = next(following, [])
        place = header.index("error")
        raise StoreError(f"InfluxDB broke off: {row[place] if place < len(row) else 'no reason given'}")


def table(answer: bytes, kind: str) -> pd.DataFrame:
    """An answer that holds one table (the query ends in `group()`), asked for without annotations.

    Columns: `_time` as int64 nanoseconds, `_value` as int64, float64 or text by `kind`; all others are texts.
    """
    head = answer[:256].split(b"\r\n", 1)[0].decode(errors="replace").split(",")
    if len(head) < 2:
        return pd.DataFrame({"_time": np.empty(0, dtype=np.int64), "_value": []})
    if "error" in head and "result" not in head:
        raise StoreError(f"InfluxDB broke off: {answer[:500].decode(errors='replace')}")
    types: dict[str, type] = {name: str for name in head if name not in ("", "result", "table", "_value")}
    if "_value" in head:
        types["_value"] = {"int": np.int64, "float": np.float64}.get(kind, str)
    frame = pd.read_csv(
        io.BytesIO(answer), usecols=list(types), dtype=types, keep_default_na=False, na_filter=False, engine="c",

    )  # fmt: skip
    frame["_time"] = nanosecond_times(frame["_time"])
    if kind == "string" and "_value" in frame:
        frame["_value"] = frame["_value"].str.replace("\r\n", "\n", regex=False)
    return frame


def nanosecond_times(texts: list[str] | pd.Series) -> Integers:
    """RFC 3339 times as int64 nanoseconds."""
    if len(texts) == 0:
        return np.empty(0, dtype=np.int64)
    parsed = pd.DatetimeIndex(pd.to_datetime(texts, format="ISO8601", utc=True))
    return parsed.as_unit("ns").asi8
