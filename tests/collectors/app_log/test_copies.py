"""Rotated copies in every state: alike, compressed, cut short, unreadable. Nothing is lost or counted twice."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collectors.tailing.content import Content
from collectors.tailing.stream import Span
from tests.collectors.app_log.reading import Collected, append, lines

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BANNER = "=" * 40 + "\n" + "content automation starting up, please wait ...\n" * 40
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
}


def first_words(collected: Collected) -> list[str]:
    return [message.split("\n")[0] for message in collected.messages()]


def settle(path: Path) -> None:
    """Nobody has written to it for a while."""
    os.utime(path, (time.time() - 600,) * 2)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_new_log_that_begins_like_the_old_one_is_another_file(
    log: Path, collected: Collected, compressed: bool
) -> None:
    append(log, BANNER + lines("one"))
    collected.run()
    old = log.rename(log.with_name("app.log.1"))
    append(old, lines("two", second=1))
    append(log, BANNER)
    collected.run()
    if compressed:
        old.with_name("app.log.1.gz").write_bytes(gzip.compress(old.read_bytes()))
        old.unlink()
    append(log, lines("three", second=2))
    collected.run()
    assert collected.run() == []
    assert first_words(collected) == ["one", "two", "three"]


def test_a_log_emptied_in_place_that_begins_alike_is_read_from_its_beginning(log: Path, collected: Collected) -> None:
    append(log, BANNER + lines("one", "two", "three"))
    collected.run()
    shutil.copy(log, log.with_name("app.log.1"))
    os.truncate(log, 0)
    append(log, BANNER + lines("four", second=1))
    collected.run()
    assert first_words(collected) == ["one", "two", "three", "four"]


def test_a_log_emptied_and_grown_to_the_same_size_is_read_again(log: Path, collected: Collected) -> None:
    append(log, BANNER + lines("one", "two"))
    collected.run()
    size = log.stat().st_size
    os.truncate(log, 0)
    append(log, BANNER + lines("six", "ten", second=1))
    assert log.stat().st_size == size
    collected.run()
    assert first_words(collected) == ["one", "two", "six", "ten"]


@pytest.mark.parametrize("hole", [3000, 300_000])
def test_copies_that_begin_with_a_hole_are_as_many_as_they_are(log: Path, collected: Collected, hole: int) -> None:
    for number, message in enumerate(("four", "three", "two", "one")):
        path = log if not number else log.with_name(f"app.log.{number}")
        append(path, bytes(hole) + lines(message, second=9 - number).encode())
    three = log.with_name("app.log.3")
    three.with_name("app.log.3.gz").write_bytes(gzip.compress(three.read_bytes()))
    three.unlink()
    collected.run()
    assert first_words(collected) == ["one", "two", "three", "four"]
    assert [point.fields["offset"] for point in collected.of("log_record")] == [hole] * 4


def test_a_writer_that_does_not_append_leaves_a_growing_hole_and_loses_nothing(log: Path, collected: Collected) -> None:
    with log.open("wb") as writer:
        for number, message in enumerate(("one", "two", "three")):
            writer.write(lines(message, second=number).encode() * 3)
            writer.flush()
            collected.run()
            for old in (2, 1):
                if (copy := log.with_name(f"app.log.{old}")).exists():
                    copy.rename(log.with_name(f"app.log.{old + 1}"))
            shutil.copy(log, log.with_name("app.log.1"))
            os.truncate(log, 0)
            collected.run()
        writer.write(lines("four", second=9).encode())
    collected.run()
    assert first_words(collected) == ["one"] * 3 + ["two"] * 3 + ["three"] * 3 + ["four"]


def test_files_are_recognised_where_every_inode_has_changed(log: Path, collected: Collected, tmp_path: Path) -> None:
    append(log.with_name("app.log.1"), BANNER + lines("one"))
    append(log, BANNER + lines("two", second=1))
    collected.run()
    copy = Collected(tmp_path / "restarted")
    shutil.copytree(tmp_path, copy.source.root, ignore=shutil.ignore_patterns("restarted"))
    copy.checkpoint = collected.checkpoint
    append(copy.source.root / "app.log", lines("three", second=2))
    copy.run()
    assert first_words(copy) == ["two", "three"], "the last record is read once more"


def test_a_deleted_files_inode_says_nothing_of_the_next_one(log: Path, collected: Collected) -> None:
    append(log, lines("one", "two"))
    collected.run()
    content = lines("six", "ten", "three", second=4)
    with log.open("r+b") as stream:
        stream.write(content.encode())
    collected.run()
    assert first_words(collected) == ["one", "two", "six", "ten", "three"]


@pytest.mark.parametrize("version_1", [True, False])
def test_a_checkpoint_of_the_version_before_is_read_on_from(log: Path, collected: Collected, version_1: bool) -> None:
    import hashlib

    old = log.with_name("app.log.1")
    append(old, lines("one" * 30))
    append(log, lines("two" * 30, second=1))
    collected.run()
    if version_1:
        state = collected.checkpoint["logs"]["app.log"]

        def head(path: Path) -> dict[str, object]:
            begin = path.read_bytes()[:1024]
            return {"head": hashlib.sha256(begin).hexdigest()[:24], "head_bytes": len(begin)}

        done = [{**head(old), "size": old.stat().st_size, "lines": 1}]
        position = {**head(log), "inode": log.stat().st_ino, "offset": 0, "line": 0}
        clock = {name: value for name, value in state["clock"].items() if name != "base"}
        collected.checkpoint = {**state, "version": 1, "position": position, "done": done, "clock": clock}
    before = dict(collected.points)
    append(log, lines("three", second=2))
    batches = collected.run()
    assert len(collected.points) == len(before) + 1
    assert sum(batch.records for batch in batches) <= 2, "at most the last record once more and the new one"


@pytest.mark.parametrize("suffix", PACKERS)
def test_of_a_compressed_copy_that_is_cut_short_every_whole_record_is_kept(
    log: Path, collected: Collected, suffix: str
) -> None:
    text = lines(*(f"record {os.urandom(400).hex()}" for _ in range(990)))
    packed = log.with_name(f"app.log.1{suffix}")
    packed.write_bytes(PACKERS[suffix](text.encode())[:-200])
    settle(packed)
    append(log, lines("live", second=5))
    collected.run()
    least = {".gz": 985, ".xz": 800, ".bz2": 0, ".zst": 600}[suffix]
    kept = [message for message in collected.messages() if message.startswith("record")]
    assert least <= len(kept) < 990 and all(len(message) == 807 for message in kept)
    assert collected.messages()[-1] == "live"
    assert [letter.reason.split(":")[0] for letter in collected.letters] == [
        "the compressed copy can't be read to its end"
    ]
    assert f"app.log.1{suffix} is cut short or damaged" in collected.checkpoint["warnings"][0]
    assert collected.run() == []
    packed.write_bytes(PACKERS[suffix](text.encode()))
    settle(packed)
    collected.run()
    assert len([message for message in collected.messages() if message.startswith("record")]) == 990
    assert "warnings" not in collected.checkpoint


def test_of_a_damaged_copy_what_stands_before_the_damage_is_kept(log: Path, collected: Collected) -> None:
    text = lines(*(f"record {number}" for number in range(900))).encode()
    middle = text.index(b"\n", len(text) // 2) + 1
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    whole = packer.compress(text[:middle]) + packer.flush(zlib.Z_FULL_FLUSH)
    # a kind of block that does not exist: a flipped bit may go unnoticed for a while and give any text at all
    path = log.with_name("app.log.1.gz")
    path.write_bytes(whole + b"\x07" + packer.compress(text[middle:]) + packer.flush())
    settle(path)
    append(log, lines("live", second=5))
    collected.run()
    assert 400 < len(collected.messages()) < 902
    assert collected.messages() == [*(f"record {number}" for number in range(text.count(b"\n", 0, middle))), "live"]
    assert len(collected.letters) == 1


@pytest.mark.parametrize("bad", ["unreadable", "loop", "folder", "pipe"])
def test_one_bad_file_stops_no_other(
    log: Path, collected: Collected, bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log.with_name("app.log.1")
    append(log.with_name("app.log.2"), lines("old"))
    append(log, lines("live", second=5))
    if bad == "unreadable":
        append(path, lines("secret"))
        whole = Path.open

        def refused(self: Path, *arguments: object, **named: object) -> object:
            if self.name == "app.log.1":
                raise PermissionError(13, "Permission denied", str(self))
            return whole(self, *arguments, **named)  # type: ignore[call-overload]

        monkeypatch.setattr(Path, "open", refused)
    elif bad == "loop":
        path.symlink_to(path)
    elif bad == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    collected.run()
    assert first_words(collected) == ["old", "live"]
    assert [text.split(":")[0] for text in collected.checkpoint["warnings"]] == ["app.log.1 isn't read"]
    assert collected.run() == []
    if bad == "unreadable":
        monkeypatch.undo()
        collected.run()
        assert "secret" in first_words(collected)
        assert "warnings" not in collected.checkpoint


def test_copies_in_unknown_compression_are_named_as_long_as_they_are_there(log: Path, collected: Collected) -> None:
    append(log, lines("live"))
    odd = log.with_name("app.log.1.lz4")
    odd.write_bytes(b'\x04"M\x18')
    collected.run()
    assert collected.checkpoint["warnings"] == [
        "app.log.1.lz4 isn't read: files compressed as .lz4 can't be read; decompress it, or compress with gzip, xz or zstd"
    ]
    odd.unlink()
    collected.run()
    assert "warnings" not in collected.checkpoint


def test_copies_named_in_different_ways_are_read_in_the_order_of_their_first_records(
    log: Path, collected: Collected
) -> None:
    names = ["app.log.old", "app.log.2026-10-03_09-30", "app.log.1.xz", "app-20261013-1.log", "app.log"]
    for second, name in enumerate(names):
        text = ("banner\n" + lines(f"from {name}", second=second)).encode("utf-16" if second == 1 else "utf-8")
        log.with_name(name).write_bytes(lzma.compress(text) if name.endswith("xz") else text)
    collected.run()
    assert [point.fields["file"] for point in collected.of("log_record")] == names


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_log_in_any_encoding_grows_piece_by_piece_into_the_same_records(tmp_path: Path, encoding: str) -> None:
    text = lines(
        "Generated post 1/2 for topic: Für Größe...", "LinkedIn scheduling results: [\n {}\n]", "end", second=3
    )
    data = text.replace("\n", "\r\n").encode(encoding)
    (tmp_path / "whole").mkdir()
    (tmp_path / "grown").mkdir()
    (tmp_path / "whole" / "app.log").write_bytes(data)
    whole, grown = Collected(tmp_path / "whole"), Collected(tmp_path / "grown")
    whole.run()
    for begin in range(0, len(data), 7):
        append(tmp_path / "grown" / "app.log", data[begin : begin + 7])
        grown.run()
    assert grown.points == whole.points
    assert (grown.letters, len(whole.messages())) == ([], 3)
    assert "Für Größe" in whole.messages()[0]


def test_a_disk_that_fails_in_the_middle_of_a_copy_stops_nothing_and_the_rest_is_read_later(
    log: Path, collected: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(log.with_name("app.log.1"), lines("one", "two", "three"))
    append(log, lines("live", second=5))
    whole = Span._fingerprinted

    def failing(self: Span, content: Content) -> Iterator[bytes]:
        for chunk in whole(self, content):
            if b"three" in chunk:
                yield chunk[: chunk.index(b"three") - 20]
                raise OSError(5, "Input/output error")
            yield chunk

    monkeypatch.setattr(Span, "_fingerprinted", failing)
    collected.run()
    assert first_words(collected) == ["one", "two", "live"]
    assert collected.checkpoint["warnings"] == ["app.log.1 isn't read: reading it failed: Input/output error"]
    collected.run()
    assert (collected.run(), first_words(collected)) == ([], ["one", "two", "live"])
    monkeypatch.undo()
    collected.run()
    assert sorted(first_words(collected)) == ["live", "one", "three", "two"]
    assert "warnings" not in collected.checkpoint


@pytest.mark.parametrize("name", ["app.log.1", "app.log.1.gz"])
@pytest.mark.parametrize("pack", [*PACKERS.values(), bytes], ids=[*PACKERS, "text"])
def test_a_copy_is_read_by_what_it_holds_whatever_it_is_called(
    name: str, pack: Callable[[bytes], bytes], log: Path, collected: Collected
) -> None:
    log.with_name(name).write_bytes(pack(lines("one").encode()))
    append(log, lines("two", second=1))
    collected.run()
    assert collected.messages() == ["one", "two"]
    assert collected.letters == []
    assert collected.run() == []
