"""The proof that lies beside a file: in one of its own, or in the manifest of the zip it came in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dashapp.downloads.page import MANIFEST
from dashapp.downloads.proof_file import SUFFIX


def is_proof(path: Path) -> bool:
    return path.name.endswith(SUFFIX)


def proven_by(proof: Path) -> Path:
    """The file that `NAME.proof.json` proves: called NAME, or as it was when it was made."""
    own = proof.with_name(proof.name.removesuffix(SUFFIX))
    if own.exists():
        return own
    return proof.with_name(Path(str(_object(proof).get("file", own.name))).name)


def proof_beside(path: Path) -> dict[str, Any] | None:
    """What lies beside `path`. ValueError when it can't be read."""
    for name in (f"{path.name}{SUFFIX}", f"{path.stem}{SUFFIX}"):
        beside = path.with_name(name)
        if beside.exists():
            return proof_in(beside)
    manifest = path.with_name(MANIFEST)
    files = _object(manifest).get("files") if manifest.exists() else None
    for entry in files if isinstance(files, list) else ():
        if isinstance(entry, dict) and entry.get("file") == path.name and isinstance(entry.get("proof"), dict):
            return dict(entry["proof"])
    return None


def proof_in(file: Path) -> dict[str, Any]:
    """The proof in a file of its own. ValueError names the file when it holds none."""
    found = _object(file)
    if "rows" not in found or "sha256" not in found:
        raise ValueError(f"{file.name} is not a whole proof")
    return found


def _object(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except ValueError as error:
        raise ValueError(f"{file.name} can't be read as JSON: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{file.name} is not a proof")
    return found
