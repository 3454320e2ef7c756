"""The proof of a file as a file of its own, `NAME.proof.json`, to lie beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dashapp.api.formats import PROOF_MIMETYPE
from dashapp.downloads.formats import Csv, Format
from dashapp.downloads.formats.json import Ndjson
from dashapp.downloads.table import Table
from metricstore.errors import InvalidQuestion

SUFFIX = ".proof.json"
MIMETYPE = PROOF_MIMETYPE


def require_proof_beside(form: Format) -> None:
    """InvalidQuestion for formats that hold their proof themselves."""
    if not isinstance(form, Csv | Ndjson):
        raise InvalidQuestion("proof", f"file is for CSV and NDJSON; {form.title} holds its proof itself")


def proof_alone(form: Format, table: Table) -> Iterator[bytes]:
    """The proof of the file that `form` makes of `table`; the file's own bytes are made and let go."""
    for _ in form.stream(table):
        pass
    yield proof_text(f"{table.name}.{form.name}", table)


def proof_text(file: str, table: Table) -> bytes:
    """After the file was made with its proof beside it."""
    document = {"file": file, "format": file.rpartition(".")[2], **table.proofs[0]}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
