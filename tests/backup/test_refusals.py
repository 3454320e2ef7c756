"""Files and installations that are refused: one sentence, and nothing is changed."""

from __future__ import annotations

import errno
import gc
import hashlib
import io
import json
import os
import random
import resource
import sqlite3
import zipfile
from pathlib import Path

import pytest

from dashapp.backup import archive, switching
from dashapp.backup.errors import BackupError
from dashapp.backup.making import make
from dashapp.backup.restoring import prepare
from dashapp.backup.sealing import CHUNK, SealedReader, SealedWriter
from dashapp.doctor import places
from dashapp.settings import Settings, SettingsError, load_settings
from tests.backup.conftest import Make
from tests.backup.installation import PASSPHRASE, backed_up, content, fill


def refused(settings: Settings, file: Path, *, replace: bool = True) -> str:
    with pytest.raises(BackupError) as told:
        prepare(settings, file, replace=replace, say=lambda _: None)
    assert "\n" not in str(told.value)
    return str(told.value)


def tree(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def filled(installation: Make) -> Settings:
    settings = installation("duckdb", "sqlite")
    fill(settings, count=2)
    return settings


@pytest.mark.parametrize("sealed", [True, False])
def test_a_file_with_a_flipped_byte_or_cut_anywhere_changes_nothing(
    filled: Settings, tmp_path: Path, sealed: bool
) -> None:
    settings = filled if sealed else filled.model_copy(update={"backup_passphrase": None})
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    backed_up(settings, whole)
    content_ = whole.read_bytes()
    before, chance = tree(settings.data_dir), random.Random(7)
    for _ in range(6):
        damaged = bytearray(content_)
        # Of a zip the very names and times may differ without harm: within the parts nothing may.
        damaged[chance.randrange(len(content_) if sealed else len(content_) // 2)] ^= 1 << chance.randrange(8)
        broken.write_bytes(damaged)
        try:
            with archive.opened(broken, PASSPHRASE if sealed else None) as found:
                found.verify()
        except BackupError:
            refused(settings, broken)
        else:
            assert not sealed
        broken.write_bytes(content_[: chance.randrange(1, len(content_))])
        refused(settings, broken)
    assert tree(settings.data_dir) == before


def test_a_wrong_passphrase_and_none_are_said(filled: Settings, tmp_path: Path) -> None:
    backed_up(filled, tmp_path / "backup")
    other = filled.model_copy(update={"backup_passphrase": None, "backup_passphrase_file": tmp_path / "phrase"})
    (tmp_path / "phrase").write_text("something else\n")
    assert "the passphrase is not the one" in refused(other, tmp_path / "backup")
    bare = filled.model_copy(update={"backup_passphrase": None})
    assert "set DASHAPP_BACKUP_PASSPHRASE" in refused(bare, tmp_path / "backup")
    (tmp_path / "phrase").write_text(PASSPHRASE)
    with archive.opened(tmp_path / "backup", PASSPHRASE) as found:
        found.verify()


def test_other_files_and_newer_formats_are_refused(filled: Settings, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"something else altogether")
    assert "is not a backup of this program" in refused(filled, file)
    with zipfile.ZipFile(file, "w") as foreign:
        foreign.writestr("readme", "x")
    assert "not encrypted though a passphrase is set" in refused(filled, file), "nobody vouches for it"
    filled = filled.model_copy(update={"backup_passphrase": None})
    assert "not one of ours" in refused(filled, file)
    with zipfile.ZipFile(file, "w") as newer:
        newer.writestr(archive.MANIFEST, json.dumps({"format": archive.FORMAT + 1, "parts": []}))
    assert "update the program" in refused(filled, file)
    assert "can't be read" in refused(filled, tmp_path / "nowhere")


def test_an_installation_that_holds_something_is_not_replaced_without_a_word(filled: Settings, tmp_path: Path) -> None:
    backed_up(filled, tmp_path / "backup")
    before = tree(filled.data_dir)
    assert "--replace" in refused(filled, tmp_path / "backup", replace=False)
    assert tree(filled.data_dir) == before


def test_a_full_disk_leaves_the_old_state_and_no_half_file(
    filled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    backed_up(filled, tmp_path / "backup")
    expected = content(filled)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(Exception, match=r"full|can't be written"):
            prepare(filled, tmp_path / "backup", replace=True, say=lambda _: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BackupError, match="No space left"):
        backed_up(filled, tmp_path / "second")
    monkeypatch.undo()
    assert content(filled) == expected
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["backup"]


def test_accounts_that_can_not_be_read_are_said_before_anything_begins(
    filled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    backed_up(filled, tmp_path / "backup")
    empty = filled.model_copy(update={"data_dir": tmp_path / "elsewhere"})
    monkeypatch.setattr("dashapp.accounts.database._write_ahead", full)
    assert "accounts can't be written or read: disk I/O error" in refused(empty, tmp_path / "backup", replace=False)


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_backup_that_is_given_up_leaves_nothing_open(filled: Settings, tmp_path: Path) -> None:
    def put(writer: archive.ArchiveWriter) -> None:
        writer.put("points/log_record.ndjson", b"half")
        raise BackupError("given up")

    with pytest.raises(BackupError, match="given up"):
        make(filled, tmp_path / "backup", put)
    gc.collect()
    assert not (tmp_path / "backup").exists()


def test_while_a_restored_state_waits_nothing_else_is_opened(filled: Settings, tmp_path: Path) -> None:
    backed_up(filled, tmp_path / "backup")
    prepare(filled, tmp_path / "backup", replace=True, say=lambda _: None)
    with pytest.raises(SettingsError, match="dashapp restore"):
        load_settings({"DASHAPP_DATA_DIR": str(filled.data_dir)}, tmp_path)
    assert any(found.level == "fatal" and "restore" in found.text for found in places.check(filled))
    assert switching.finish(filled)
    assert load_settings({"DASHAPP_DATA_DIR": str(filled.data_dir)}, tmp_path).data_dir == filled.data_dir


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_sealed_file_reads_from_any_place_and_misses_no_chunk(size: int) -> None:
    plain, file = os.urandom(size), io.BytesIO()
    writer = SealedWriter(file, "phrase")
    for first in range(0, size, 1_000):
        writer.write(plain[first : first + 1_000])
    writer.finish()
    with io.BufferedReader(SealedReader(file, "phrase")) as reader:
        for start in (0, size // 2, max(size - 5, 0)):
            reader.seek(start)
            assert reader.read() == plain[start:]
    sealed = file.getvalue()
    for cut in range(len(sealed) % (CHUNK + 16), len(sealed), CHUNK + 16):
        with pytest.raises(BackupError):
            SealedReader(io.BytesIO(sealed[:cut]), "phrase")
