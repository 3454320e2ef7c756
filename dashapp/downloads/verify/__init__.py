"""Whether a file is whole: told from the file, and from the proof beside it where it holds none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dashapp.downloads.proof_file import SUFFIX
from dashapp.downloads.verify import binary, packed, text
from dashapp.downloads.verify.beside import is_proof, proof_beside, proof_in, proven_by
from dashapp.downloads.verify.verdict import Verdict

_TEXTS: dict[str, Callable[[Path, Mapping[str, Any] | None], Verdict]] = {
    "csv": text.csv, "json": text.json, "ndjson": text.ndjson,
}  # fmt: skip
_CHECKS: dict[str, Callable[[Path], Verdict]] = {
    "parquet": binary.parquet, "arrow": binary.arrow, "xlsx": packed.xlsx, "zip": packed.page,
}  # fmt: skip


def verify(path: Path, proof: Path | None = None) -> Verdict:
    """Look at every byte of a file. `proof`: the file that proves it, where it is not called as usual; `path` may be
    that file, too. OSError when something can't be read."""
    if proof is None and is_proof(path):
        path, proof = _named(path), path
    kind = kind_of(path)
    if kind in _CHECKS:
        return _CHECKS[kind](path)
    try:
        return _TEXTS[kind](path, proof_beside(path) if proof is None else proof_in(proof))
    except ValueError as error:
        return Verdict(kind, "unproven", (str(error),))


def _named(proof: Path) -> Path:
    try:
        return proven_by(proof)
    except ValueError:
        return proof.with_name(proof.name.removesuffix(SUFFIX))


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
    return named if named in (*_CHECKS, *_TEXTS) else "csv"


__all__ = ["Verdict", "kind_of", "verify"]
