"""CSV and NDJSON, with their proof inside or beside them, and JSON, whose proof is its last key.

The hash in a proof inside a file covers all that stands before it, that in a proof beside it the whole file.
"""

from __future__ import annotations

import csv as csv_module
import io
import json as json_module
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from dashapp.downloads.row_checksum import RowChecksum, cells_of
from dashapp.downloads.table import PROOF
from dashapp.downloads.verify.verdict import (
    BROKEN_ROW,
    Counted,
    Verdict,
    cut,
    hash_until,
    judged,
    last_place,
    unproven,
)

_CELL = f'"{PROOF} {{'.encode()
_KEY = f'"{PROOF}":'.encode()
_END = b'\n],\n"proof":'
_AT_ONCE = 50_000


def csv(path: Path, beside: Mapping[str, Any] | None) -> Verdict:
    found = last_place(path, (b"," + _CELL, b";" + _CELL, b"\t" + _CELL))
    if found is not None:
        place = found[0] + 1
        rest = _rest(path, place)
        cell = rest.rstrip(b"\r\n")
        document = _parsed(cell[len(_CELL) - 1 : -1].replace(b'""', b'"')) if cell.endswith(b'}"') else None
        if document is not None and rest.endswith(b"\n"):
            return _csv_judged(path, document, hash_until(path, place))
    with _csv_rows(path) as rows:
        heading = next(rows, [])
        inside = bool(heading) and heading[-1].startswith(PROOF)
        document = next(filter(None, map(_proof_in_cell, rows)), None) if inside else None
    if document is not None:
        return _csv_judged(path, document, "")  # another program has moved the row that holds it
    if beside is not None and not inside:
        return _csv_judged(path, beside, hash_until(path, path.stat().st_size))
    counted = _csv_counted(path, {})[0].rows
    if inside or not heading:
        return cut("csv", counted)
    return unproven("csv", counted) if _ends_in_a_line(path) else cut("csv", counted, BROKEN_ROW)


def _proof_in_cell(row: list[str]) -> dict[str, Any] | None:
    text = row[-1] if row else ""
    return _parsed(text.removeprefix(PROOF).encode()) if text.startswith(f"{PROOF} {{") else None


def _csv_judged(path: Path, proof: Mapping[str, Any], sha256: str) -> Verdict:
    counted, rows = _csv_counted(path, proof)
    return judged("csv", proof, sha256, counted, rows, ended=_ends_in_a_line(path))


def _csv_counted(path: Path, proof: Mapping[str, Any]) -> tuple[Counted, RowChecksum]:
    """Rows of data: neither the headings nor what is blank. A cell that isn't a number is left out of its sum."""
    sums, columns = proof.get("sums", {}), proof.get("columns", [])
    counted, checksum = Counted(sums), RowChecksum()
    decimal = proof.get("decimal", ".")
    numeric = [place for place, name in enumerate(columns) if name in sums]
    with _csv_rows(path) as rows:
        names = next(rows, [])
        wanted = [(place, name) for place, name in enumerate(names) if name in sums]
        for _, name in wanted:
            counted.seen(name)
        places = [names.index(name) for name in columns if name in names]

        def spelled() -> Iterator[bytes]:
            for row in rows:
                if not row:
                    continue
                row += [""] * (len(names) - len(row))
                counted.rows += 1
                for place, name in wanted:
                    counted.add(name, _number(row[place].replace(decimal, ".")))
                yield cells_of([row[place] for place in places], numeric, decimal) if whole else b""

        whole = len(places) == len(columns)
        _add_all(checksum, spelled())
    return counted, checksum


def _add_all(checksum: RowChecksum, rows: Iterator[bytes]) -> None:
    while some := list(islice(rows, _AT_ONCE)):
        checksum.add(some)


@contextmanager
def _csv_rows(path: Path) -> Iterator[Iterator[list[str]]]:
    csv_module.field_size_limit(1 << 30)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        head = file.readline()
        file.seek(0)
        yield csv_module.reader(file, delimiter=max(",;\t", key=head.count) if head else ",")


def _ends_in_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 1, 0))
        return file.read() in (b"\n", b"")


def _number(text: str) -> float | int | None:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return None


def json(path: Path, _beside: Mapping[str, Any] | None) -> Verdict:
    found = last_place(path, (_END,))
    if found is not None:
        place = found[0] + len(_END)
        rest = _rest(path, place)
        document = _parsed(rest[:-2]) if rest.endswith(b"}}\n") else None
        if document is not None:
            return judged("json", document, hash_until(path, place), *_counted(_objects(path), document))
        return cut("json", _counted(_objects(path), {})[0].rows)
    return _rewritten(path)


def _rewritten(path: Path) -> Verdict:
    """Another program may have laid it out anew."""
    try:
        whole = json_module.loads(path.read_bytes())
        document, rows = whole["proof"], whole["data"]
    except (ValueError, KeyError, TypeError):
        return cut("json", _counted(_objects(path), {})[0].rows)
    return judged("json", document, "", *_counted(rows, document))


def ndjson(path: Path, beside: Mapping[str, Any] | None) -> Verdict:
    found = last_place(path, (b"," + _KEY, b"{" + _KEY))
    if found is not None:
        place = found[0] + 1 + len(_KEY)
        rest = _rest(path, place)
        document = _parsed(rest[:-2]) if rest.endswith(b"}}\n") else None
        if document is not None:
            return _ndjson_judged(path, document, hash_until(path, place))
    if last_place(path, (f'"{PROOF}"'.encode(),)) is not None:
        document = next((row[PROOF] for row in _objects(path) if isinstance(row.get(PROOF), dict)), None)
        if document is not None:
            return _ndjson_judged(path, document, "")  # another program has moved the row that holds it
    if beside is not None:
        return _ndjson_judged(path, beside, hash_until(path, path.stat().st_size))
    rows = _counted(_objects(path), {})[0].rows
    return unproven("ndjson", rows) if _ends_in_a_line(path) else cut("ndjson", rows, BROKEN_ROW)


def _ndjson_judged(path: Path, proof: Mapping[str, Any], sha256: str) -> Verdict:
    counted, rows = _counted(_objects(path), proof)
    return judged("ndjson", proof, sha256, counted, rows, ended=_ends_in_a_line(path))


def _objects(path: Path) -> Iterator[Mapping[str, Any]]:
    """A row a line, as both formats are written."""
    with path.open("rb") as file:
        for line in file:
            plain = line.strip().rstrip(b",")
            if plain.startswith(b"{") and plain.endswith(b"}") and not plain.startswith(b'{"columns":'):
                row = _parsed(plain)
                if row is not None and set(row) != {PROOF}:
                    yield row


def _counted(rows: Iterable[Mapping[str, Any]], proof: Mapping[str, Any]) -> tuple[Counted, RowChecksum]:
    sums, columns = proof.get("sums", {}), proof.get("columns", [])
    counted, checksum = Counted(sums), RowChecksum()
    if proof.get("rows") == 0:
        for name in sums:
            counted.seen(name)

    def spelled() -> Iterator[bytes]:
        for row in rows:
            counted.rows += 1
            for name in sums:
                if name in row:
                    value = row[name]
                    counted.add(name, value if isinstance(value, int | float) else None)
            yield orjson.dumps({name: _as_written(row.get(name), sums.get(name)) for name in columns})

    _add_all(checksum, spelled())
    return counted, checksum


def _as_written(value: Any, total: object) -> Any:
    """Programs that save a file write 3 as 3.0 and the other way round; the column's sum tells which it was."""
    if isinstance(total, float) and isinstance(value, int):
        return float(value)
    return int(value) if isinstance(total, int) and isinstance(value, float) and value.is_integer() else value


def _rest(path: Path, place: int) -> bytes:
    with path.open("rb") as file:
        file.seek(place)
        return file.read()


def _parsed(text: bytes) -> dict[str, Any] | None:
    try:
        found = json_module.load(io.BytesIO(text))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
