"""Parameters beside a text: single values by name and type, lists as tables for the time of the question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metricstore.clickhouse.dialect import LIST, MARK
from metricstore.sql.trees import Parameter


def bound(
    text: str, parameters: Sequence[Parameter]
) -> tuple[str, dict[str, int | float | str], dict[str, tuple[str, bytes]]]:
    """The statement with the parameters' names, the values by name, and the lists as (structure, RowBinary) by name."""
    pieces = text.split(MARK)
    values: dict[str, int | float | str] = {}
    lists: dict[str, tuple[str, bytes]] = {}
    found = [pieces[0]]
    for piece, value in zip(pieces[1:], parameters, strict=True):
        if isinstance(value, list):
            name = f"list{len(lists)}"
            lists[name] = _binary(value)
            found += [name, piece]
        else:
            name = f"p{len(values)}"
            values[name] = value
            found += ["{", name, ":", _type(value), "}", piece]
    return "".join(found), values, lists


def _type(value: object) -> str:
    return "String" if isinstance(value, str) else "Float64" if isinstance(value, float) else "Int64"


def _binary(values: list[int] | list[float] | list[str]) -> tuple[str, bytes]:
    """Values of one type."""
    kind = _type(values[0]) if values else "Int64"
    if kind != "String":
        return f"{LIST} {kind}", np.array(values, dtype="<i8" if kind == "Int64" else "<f8").tobytes()
    body = bytearray()
    for value in values:
        encoded = str(value).encode()
        body += _length(len(encoded)) + encoded
    return f"{LIST} {kind}", bytes(body)


def _length(size: int) -> bytes:
    """LEB128: seven bits a byte, the last one without the eighth."""
    found = bytearray()
    while size >= 128:
        found.append(size % 128 + 128)
        size //= 128
    found.append(size)
    return bytes(found)
