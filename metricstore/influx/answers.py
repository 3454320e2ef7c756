"""InfluxDB's annotated CSV, read two ways: small answers of any shape, large ones of a single table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore.errors import StoreFailed
from metricstore.influx.line import EMPTY

BROKEN_OFF = "InfluxDB broke off while it was answering"
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
        raise StoreFailed(BROKEN_OFF, row[place] if place < len(row) else "no reason given")


def table(answer: bytes, kind: str) -> pd.DataFrame:
    """An answer that holds one table (the query ends in `group()`), asked for without annotations.

    Columns: `_time` as int64 nanoseconds, `_value` as int64, float64 or text by `kind`; all others are categories
    of texts.
    """
    head = header(answer)
    if not head:
        return pd.DataFrame({"_time": np.empty(0, dtype=np.int64), "_value": []})
    return _parsed(answer, head, kind)


def tables(answer: bytes) -> dict[str, pd.DataFrame]:
    """Each yield of an annotated answer as `table` would give it; only for yields without text values.

    Tags have no line ends (see metricstore.validation), so that an empty line always ends a table.
    """
    found = {}
    for part in answer.split(b"\r\n\r\n"):
        part = part.lstrip(b"\r\n")
        if not part:
            continue
        types, _, rows = part.partition(b"\r\n")
        head = header(rows)
        kinds = dict(zip(rows[:4096].split(b"\r\n", 1)[0].decode().split(","), types.decode().split(","), strict=True))
        parsed = _parsed(rows, [*head, "result"], _KINDS.get(kinds.get("_value", ""), "string"))
        for name, own in parsed.groupby("result", observed=True):
            found[str(name)] = own.drop(columns="result").reset_index(drop=True)
    return found


_KINDS = {"long": "int", "double": "float"}


def header(rows: bytes) -> list[str]:
    """The columns of an answer's first table; StoreFailed where it tells of a failure instead."""
    head = rows[:4096].split(b"\r\n", 1)[0].decode(errors="replace").split(",")
    if "error" in head and "reference" in head and "result" not in head:
        reason = rows.split(b"\r\n", 1)[-1][:500].decode(errors="replace").strip(" ,\r\n")
        raise StoreFailed(BROKEN_OFF, reason)
    return [name for name in head if name not in ("", "table", "result")] if len(head) > 1 else []


def _parsed(rows: bytes, head: list[str], kind: str) -> pd.DataFrame:
    types: dict[str, Any] = dict.fromkeys(head, str)
    if "_value" in head:
        types["_value"] = {"int": np.int64, "float": np.float64}.get(kind, str)
    frame: pd.DataFrame = pd.read_csv(
        io.BytesIO(rows), usecols=list(types), dtype=types, keep_default_na=False, na_filter=False, engine="c"
    )
    # Not read as categories: pandas would take "200" for a number and "true" for a truth.
    for name in head:
        if name not in ("_time", "_value"):
            frame[name] = frame[name].astype("category")
    if "_time" in head:
        frame["_time"] = nanosecond_times(frame["_time"])
    if kind == "string" and "_value" in head:
        frame["_value"] = frame["_value"].str.replace("\r\n", "\n", regex=False).replace(EMPTY, "")
    return frame


def nanosecond_times(texts: list[str] | pd.Series) -> Integers:
    """RFC 3339 times as int64 nanoseconds."""
    if len(texts) == 0:
        return np.empty(0, dtype=np.int64)
    parsed = pd.DatetimeIndex(pd.to_datetime(texts, format="ISO8601", utc=True))
    return parsed.as_unit("ns").asi8
