"""Files that somebody made up to do harm: refused in a sentence, nothing changed, nothing written elsewhere, no memory filled."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashapp.accounts.database import HEAD
from dashapp.backup import archive
from dashapp.backup.archive import ArchiveWriter, Manifest
from dashapp.backup.errors import BackupError
from dashapp.backup.restoring import prepare
from dashapp.settings import Settings
from metricstore.errors import StoreError
from tests.backup.conftest import Make
from tests.backup.test_refusals import refused, tree

POINTS, USERS = "points/dead_letter.ndjson", "accounts/users.ndjson"
COLUMNS = b'["time","collector","reason","excerpt","file","line"]\n'
Parts = dict[str, tuple[bytes, int]]
"""Contents of parts and how many rows they are said to have."""


@pytest.fixture
def empty(installation: Make) -> Settings:
    return installation("duckdb", "sqlite").model_copy(update={"backup_passphrase": None})


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    def make(parts: Parts, accounts: str = HEAD) -> Path:
        with (tmp_path / "made up").open("wb") as file:
            written = ArchiveWriter(file, None)
            for name, (data, rows) in parts.items():
                written.put(name, data, rows)
            written.finish(Manifest.new("duckdb", accounts, secrets=False))
        return tmp_path / "made up"

    return make


@pytest.mark.parametrize(
    ("name", "lines", "rows", "sentence"),
    [
        (POINTS, b"", 0, "can't be read"),
        (POINTS, b"7\n", 0, "can't be read"),
        (POINTS, COLUMNS + b"7\n", 1, "can't be read"),
        (POINTS, COLUMNS + b"[1]\n", 1, "can't be read"),
        (POINTS, COLUMNS + b"[" * 100_000 + b"\n", 1, "can't be read"),
        (POINTS, COLUMNS + b'[1,"c","r",{"a":[]},null,null]\n', 1, "is not taken"),
        (POINTS, COLUMNS + b'["now","c","r","e",null,null]\n', 1, "is not taken"),
        (POINTS, COLUMNS + b'[1e300,"c","r","e",null,null]\n', 1, "is not taken"),
        (POINTS, COLUMNS + b'[true,"c","r","e",null,null]\n', 1, "is not taken"),
        (POINTS, COLUMNS + b'[1,"c","r","e",null,null]\n', 5, "holds 1 of 5 points"),
        (POINTS, COLUMNS + b'[1,"c","r","e",null,null]\n[2,"c","r","e",null,null]\n', 1, "holds 2 of 1 point "),
        (POINTS, COLUMNS + b'[1,"' + b"x" * (17 << 20) + b'"]\n', 1, "more than 16 MiB"),
        (USERS, b"", 0, "can't be read"),
        (USERS, b'["name"]\n["a","b"]\n', 1, "can't be read"),
        (USERS, b'["name"]\n' + b"[" * 100_000 + b"\n", 1, "can't be read"),
        (USERS, b'["name","no such column"]\n["a","b"]\n', 1, "can't be made"),
        (USERS, b'["name"]\n[{"a":1}]\n', 1, "can't be made"),
        (USERS, b'["name"]\n["a"]\n["a"]\n', 2, "can't be made"),
        ("accounts/elsewhere.ndjson", b"[]\n", 0, "tables that its version does not have"),
        ("checkpoints.ndjson", b"nonsense\n", 1, "can't be read"),
        ("checkpoints.ndjson", b'{"collector":"..","roots":"r","checkpoint":{}}\n', 1, "isn't a valid name of a collector"),
        ("checkpoints.ndjson", b'{"collector":"a/b","roots":"r","checkpoint":{}}\n', 1, "isn't a valid name of a collector"),
        ("checkpoints.ndjson", b'{"collector":7,"roots":"r","checkpoint":{}}\n', 1, "isn't a valid name of a collector"),
        ("checkpoints.ndjson", b'{"collector":"app_log","roots":"r","checkpoint":7}\n', 1, "can't be read"),
    ],
)  # fmt: skip
def test_contents_that_we_never_write(
    empty: Settings, made: Callable[..., Path], name: str, lines: bytes, rows: int, sentence: str
) -> None:
    before = tree(empty.data_dir)
    with pytest.raises((BackupError, StoreError), match=sentence):
        prepare(
            empty,
            made({name: (lines, rows)}, HEAD if name.startswith("accounts") else ""),
            replace=True,
            say=lambda _: None,
        )
    left = {path: sum_ for path, sum_ in tree(empty.data_dir).items() if not path.endswith((".lock", ".wal"))}
    assert left == before


def test_files_are_written_nowhere_but_where_ours_belong(
    empty: Settings, made: Callable[..., Path], tmp_path: Path
) -> None:
    outside = (
        "../x",
        "/tmp/x",
        "dead-letters/../../x",
        "dead-letters/..",
        "dead-letters/",
        "other/x",
        "metrics.duckdb",
    )
    parts: Parts = {f"files/{name}": (b"mine", 0) for name in outside} | {
        "files/dead-letters/ours.ndjson": (b"ours", 0)
    }
    restored = prepare(empty, made(parts, accounts=""), replace=True, say=lambda _: None)
    assert restored.points == {}
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == b"mine"] == []
    assert len([path for path in tmp_path.rglob("ours.ndjson") if path.read_bytes() == b"ours"]) == 1


def test_a_part_that_unfolds_to_more_than_was_said_is_left_at_once(empty: Settings, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    part = {"name": POINTS, "rows": 0, "bytes": 10, "sha256": "0" * 64}
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        with file.open(POINTS, "w") as inside:
            for _ in range(64):
                inside.write(bytes(1 << 20))
        file.writestr(archive.MANIFEST, manifest(parts=[part]))
    with archive.opened(bomb, None) as found:
        read: list[int] = []
        pieces = found.pieces
        found.pieces = lambda name: (read.append(len(piece)) or piece for piece in pieces(name))  # type: ignore[method-assign, func-returns-value]
        with pytest.raises(BackupError, match="not as it was written"):
            found.verify()
    assert sum(read) <= 1 << 20


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "1"}, {"format": None}, {"parts": 7}, {"parts": [7]}, {"parts": [{}]}, {"accounts": 7}, {"more": 1},
        {"parts": [{"name": "a", "rows": "1", "bytes": 1, "sha256": ""}]},
        {"parts": [{"name": "a", "rows": -1, "bytes": 1, "sha256": ""}]},
        {"parts": [{"name": 7, "rows": 1, "bytes": 1, "sha256": ""}]},
        {"accounts": "nonsense"}, {"accounts": "0000"},
    ],
)  # fmt: skip
def test_manifests_that_are_none(empty: Settings, tmp_path: Path, changed: dict[str, Any]) -> None:
    file = tmp_path / "odd"
    with zipfile.ZipFile(file, "w") as odd:
        odd.writestr(archive.MANIFEST, manifest(**changed))
    assert any(
        words in refused(empty, file)
        for words in ("its manifest can't be read", "isn't a version of this program", "newer")
    )


def test_a_manifest_nested_without_end_is_none(empty: Settings, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "deep", "w") as deep:
        deep.writestr(archive.MANIFEST, "[" * 1_000_000)
    assert "its manifest can't be read" in refused(empty, tmp_path / "deep")


def manifest(**changed: Any) -> str:
    usual = {"made": "", "program": "", "store": "duckdb", "accounts": "", "secrets": False, "format": 1, "parts": []}
    return json.dumps(usual | changed)
