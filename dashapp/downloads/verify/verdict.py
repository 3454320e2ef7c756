"""What is found when a file is looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dashapp.downloads.exact import ExactSum
from dashapp.downloads.row_checksum import RowChecksum
from metricstore.quantities import quantity

State = Literal["complete", "re-sorted", "cut", "altered", "unproven"]
BLOCK = 1024 * 1024
_BATCH = 50_000
NO_MARK = "it has no end mark: the download broke off, or the file was not made here"
NO_PROOF = "no proof came with it: download it with proof=1, or put its .proof.json beside it"
BROKEN_ROW = "it ends within a row: the download broke off"


@dataclass(frozen=True)
class Verdict:
    """`rows` were found; `proof` is what the file says of itself, if it got that far."""

    kind: str
    state: State
    reasons: tuple[str, ...] = ()
    rows: int | None = None
    sums: Mapping[str, int | float | None] = field(default_factory=dict)
    proof: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[tuple[str, State, str], ...] = ()
    """Of a page's zip: file, state, remark."""

    def document(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "format": self.kind, "state": self.state, "reasons": list(self.reasons), "rows": self.rows,
            "sums": dict(self.sums), "proof": dict(self.proof),
            **({"files": [dict(zip(("file", "state", "remark"), one, strict=True)) for one in self.members]}
               if self.members else {}),
        }  # fmt: skip


def cut(kind: str, rows: int | None = None, reason: str = NO_MARK) -> Verdict:
    return Verdict(kind, "cut", (reason,), rows)


def unproven(kind: str, rows: int) -> Verdict:
    return Verdict(kind, "unproven", (NO_PROOF,), rows)


def _rows(said: object) -> str:
    return quantity(said, "rows") if isinstance(said, int) else f"{said} rows"


def judged(
    kind: str, proof: Mapping[str, Any], sha256: str | None, counted: Counted, rows: RowChecksum | None = None,
    *, ended: bool = True,
) -> Verdict:  # fmt: skip
    """From a file that has its proof: its bytes, rows and sums compared with what it says of itself. `rows`: what is
    in it, whatever bytes it is spelled in; files of former versions say nothing of that."""
    reasons = []
    if sha256 is not None and proof.get("sha256") != sha256:
        reasons.append("its bytes are not those that were written")
    if proof.get("rows") != counted.rows:
        reasons.append(f"it says {_rows(proof.get('rows'))} and holds {counted.rows:,}")
    sums = counted.sums()
    for name, told in dict(proof.get("sums", {})).items():
        if name not in sums:
            reasons.append(f"the column {name} is missing")
        elif sums[name] != told:
            reasons.append(f"the sum of {name} should be {told} and is {sums[name]}")
    state: State = "altered" if reasons else "complete"
    if reasons and rows is not None and "checksum" in proof:
        state, reasons = _by_rows(dict(proof["checksum"]), proof.get("rows"), rows, reasons, ended=ended)
    return Verdict(kind, state, tuple(reasons), counted.rows, sums, proof)


def _by_rows(
    told: Mapping[str, str], expected: object, rows: RowChecksum, reasons: list[str], *, ended: bool
) -> tuple[State, list[str]]:
    """What the rows say of a file whose bytes are others than were written."""
    found = rows.document()
    same, ordered = (found[name] == told.get(name) for name in ("any_order", "in_order"))
    if rows.rows == expected and same and not ordered:
        return "re-sorted", ["its rows are all there, in another order"]
    if not ended:
        return "cut", [*reasons, BROKEN_ROW]
    if isinstance(expected, int) and rows.rows < expected and found["last_row"] != told.get("last_row"):
        return "cut", [*reasons, "its last row is not the last one that was written"]
    if ordered:
        reasons = [*reasons, "its rows are the same, in the same order: another program has saved it"]
    return "altered", reasons


class Counted:
    """Counts rows and adds up columns, a few thousand rows at a time."""

    def __init__(self, sums: Mapping[str, object]) -> None:
        self.rows = 0
        self._sums = {name: ExactSum(whole=isinstance(told, int)) for name, told in sums.items()}
        self._waiting: dict[str, list[Any]] = {name: [] for name in sums}
        self._missing = set(sums)

    def add(self, name: str, value: float | int | None) -> None:
        """A cell of a numeric column; other columns are ignored."""
        waiting = self._waiting.get(name)
        if waiting is None:
            return
        self._missing.discard(name)
        if value is not None:
            waiting.append(value)
            if len(waiting) >= _BATCH:
                self._settle(name)

    def add_array(self, name: str, values: Any) -> None:
        if name in self._sums:
            self._missing.discard(name)
            self._sums[name].add(values)

    def seen(self, name: str) -> None:
        """The column is there, whether or not anything is in it."""
        self._missing.discard(name)

    def sums(self) -> dict[str, int | float | None]:
        for name in self._waiting:
            self._settle(name)
        return {name: found.value for name, found in self._sums.items() if name not in self._missing}

    def _settle(self, name: str) -> None:
        waiting = self._waiting[name]
        if not waiting:
            return
        whole = self._sums[name].whole and all(float(value).is_integer() for value in waiting)
        if self._sums[name].whole and not whole:
            self._sums[name].whole = False
            self._sums[name] = _with_fractions(self._sums[name])
        self._sums[name].add(np.array(waiting, dtype=np.int64 if whole else np.float64))
        waiting.clear()


def _with_fractions(integers: ExactSum) -> ExactSum:
    """Where there should be whole numbers alone somebody wrote others: go on adding floats."""
    found = ExactSum(whole=False)
    integers.whole = True
    if integers.value is not None:
        found.add(np.array([float(integers.value)]))
    return found


def hash_until(path: Path, stop: int) -> str:
    """SHA-256 of the first `stop` bytes."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while stop > 0 and (block := file.read(min(BLOCK, stop))):
            found.update(block)
            stop -= len(block)
    return found.hexdigest()


def last_place(path: Path, marks: tuple[bytes, ...]) -> tuple[int, bytes] | None:
    """Where the last of `marks` stands, and which one: searched from the end."""
    size = path.stat().st_size
    longest = max(map(len, marks))
    with path.open("rb") as file:
        stop = size
        while stop > 0:
            start = max(stop - BLOCK, 0)
            file.seek(start)
            block = file.read(stop - start + longest - 1)
            found = [(place, mark) for mark in marks if (place := block.rfind(mark)) >= 0]
            if found:
                place, mark = max(found)
                return start + place, mark
            stop = start
    return None
