"""Whether a file is whole: told from the file alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashapp.downloads.verify import binary, packed, text
from dashapp.downloads.verify.verdict import Verdict

_CHECKS: dict[str, Callable[[Path], Verdict]] = {
    "csv": text.csv, "json": text.json, "ndjson": text.ndjson, "parquet": binary.parquet, "arrow": binary.arrow,
    "xlsx": packed.xlsx, "zip": packed.page,
}  # fmt: skip


def verify(path: Path) -> Verdict:
    """Look at every byte of a file. OSError when it can't be read."""
    return _CHECKS[kind_of(path)](path)


def kind_of(path: Path) -> str:
    """By what is in it; by its name where that is too little."""
    named = path.suffix.lstrip(".").lower()
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\xff\xff\xff\xff"):
        return "arrow"
    if head.startswith(b"PK"):
        return "zip" if named == "zip" or (named != "xlsx" and not packed.is_workbook(path)) else "xlsx"
    if head.startswith(b'{"columns":'):
        return "json"
    if head.startswith(b"{"):
        return named if named in ("json", "ndjson") else "ndjson"
    return named if named in _CHECKS else "csv"


__all__ = ["Verdict", "kind_of", "verify"]
