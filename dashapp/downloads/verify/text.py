"""CSV, JSON and NDJSON: the proof is at the end, and the hash in it covers all that stands before."""

from __future__ import annotations

import csv as csv_module
import io
import json as json_module
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dashapp.downloads.table import PROOF
from dashapp.downloads.verify.verdict import Counted, Verdict, cut, hash_until, judged, last_place

_CELL = f'"{PROOF} {{'.encode()
_KEY = f'"{PROOF}":'.encode()
_END = b'\n],\n"proof":'


def csv(path: Path) -> Verdict:
    found = last_place(path, (b"," + _CELL, b";" + _CELL, b"\t" + _CELL))
    if found is None:
        return cut("csv", _csv_counted(path, {}).rows)
    place = found[0] + 1
    told = _rest(path, place)
    cell = told.rstrip(b"\r\n")
    document = _parsed(cell[len(_CELL) - 1 : -1].replace(b'""', b'"')) if cell.endswith(b'}"') else None
    if document is None or not told.endswith(b"\n"):
        return cut("csv", _csv_counted(path, {}).rows)
    return judged("csv", document, hash_until(path, place), _csv_counted(path, document))


def _csv_counted(path: Path, proof: Mapping[str, Any]) -> Counted:
    """Rows of data: neither the headings nor what is blank. A cell that is no number is left out of its sum."""
    counted = Counted(proof.get("sums", {}))
    comma = proof.get("decimal") == ","
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        csv_module.field_size_limit(1 << 30)
        head = file.readline()
        file.seek(0)
        delimiter = max(",;\t", key=head.count) if head else ","
        reader = csv_module.reader(file, delimiter=delimiter)
        names = next(reader, [])
        wanted = [(place, name) for place, name in enumerate(names) if name in proof.get("sums", {})]
        for _, name in wanted:
            counted.seen(name)
        for row in reader:
            if not row:
                continue
            counted.rows += 1
            for place, name in wanted:
                text = row[place] if place < len(row) else ""
                counted.add(name, _number(text.replace(",", ".") if comma else text))
    return counted


def _number(text: str) -> float | int | None:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return None


def json(path: Path) -> Verdict:
    found = last_place(path, (_END,))
    if found is not None:
        place = found[0] + len(_END)
        told = _rest(path, place)
        document = _parsed(told[:-2]) if told.endswith(b"}}\n") else None
        if document is not None:
            return judged("json", document, hash_until(path, place), _lines_counted(path, document))
        return cut("json", _lines_counted(path, {}).rows)
    return _rewritten(path)


def _rewritten(path: Path) -> Verdict:
    """Another program may have laid it out anew."""
    try:
        whole = json_module.loads(path.read_bytes())
        document, rows = whole["proof"], whole["data"]
    except (ValueError, KeyError, TypeError):
        return cut("json", _lines_counted(path, {}).rows)
    return judged("json", document, "", _counted(rows, document))


def ndjson(path: Path) -> Verdict:
    found = last_place(path, (b"," + _KEY, b"{" + _KEY))
    document = None
    if found is not None:
        place = found[0] + 1 + len(_KEY)
        told = _rest(path, place)
        document = _parsed(told[:-2]) if told.endswith(b"}}\n") else None
    if document is None:
        return cut("ndjson", _lines_counted(path, {}).rows)
    return judged("ndjson", document, hash_until(path, place), _lines_counted(path, document))


def _lines_counted(path: Path, proof: Mapping[str, Any]) -> Counted:
    """A row a line, as both formats are written."""

    def rows() -> Iterator[Mapping[str, Any]]:
        with path.open("rb") as file:
            for line in file:
                plain = line.strip().rstrip(b",")
                if plain.startswith(b"{") and plain.endswith(b"}") and not plain.startswith(b'{"columns":'):
                    row = _parsed(plain)
                    if row is not None and set(row) != {PROOF}:
                        yield row

    return _counted(rows(), proof)


def _counted(rows: Any, proof: Mapping[str, Any]) -> Counted:
    counted = Counted(proof.get("sums", {}))
    if proof.get("rows") == 0:
        for name in proof.get("sums", {}):
            counted.seen(name)
    for row in rows:
        counted.rows += 1
        for name in proof.get("sums", {}):
            if name in row:
                value = row[name]
                counted.add(name, value if isinstance(value, int | float) else None)
    return counted


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
