"""The log and its rotated copies as one stream: oldest copy first, the live file last, each stretch read once.

What is remembered between runs is small and plain: where reading stopped, and which copies are finished. A file is
recognised by its device and inode together with a fingerprint of what was read of it; where the inode has changed (a copy,
a compressed copy, a restarted container, a network disk) by the fingerprint alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from collectors.tailing.blocks import Block, Place
from collectors.tailing.comparing import File, agreed
from collectors.tailing.content import Content, Damaged
from collectors.tailing.encodings import CODE_PAGE
from collectors.tailing.files import Folder, Survey, Trouble
from collectors.tailing.fingerprints import WINDOW, Fingerprint, Growing
from collectors.tailing.lines import LINE_LIMIT, Splitter
from collectors.tailing.positions import Position

MARKS_KEPT = 1000
QUIET_SECONDS = 3.0
"""What looks unfinished is taken as it is once the file has not changed for so long."""
_LEAST_BYTES = 64
"""A file is not recognised by fewer."""


class Span:
    """A stretch to read: a file from a place on to its end.

    `final`: a newer file follows, so nothing more is expected. `begun`: what was known of the file when reading began.
    `code_page`: what text in it is in that isn't UTF-8 or UTF-16.
    """

    def __init__(
        self, file: File, place: Place | None = None, begun: Position | None = None, *, final: bool = False
    ) -> None:
        self.file, self.begin, self.final = file, place or Place(), final
        self.begun = begun
        self.code_page = CODE_PAGE
        self._growing: Growing | None = None
        self._splitter = Splitter(self.begin)
        self._whole: Place | None = None
        """Behind the last whole line of a file that ends early."""

    def blocks(self, line_limit: int = LINE_LIMIT) -> Iterator[Block]:
        """The lines, about a megabyte at a time, however long a single line is.

        Raises `Cut` behind the last whole line of a compressed file that ends early, FileNotFoundError and other OSErrors.
        """
        begin = self.begin.offset
        self._splitter = Splitter(self.begin, line_limit, self.code_page)
        with Content(self.file.path) as content:
            status = content.status()
            if (status.st_dev, status.st_ino) != (self.file.device, self.file.inode):
                raise FileNotFoundError(f"{self.file.path} was replaced")
            try:
                for chunk in self._fingerprinted(content):
                    for block in self._splitter.feed(chunk):
                        yield replace(block, consumed=self._consumed(content, begin))
            except Damaged as damage:
                self._whole = self._splitter.end()
                rest = list(self._splitter.finish())
                raise Cut(str(damage), rest[-1] if rest else None) from None
            for block in self._splitter.finish():
                yield replace(block, consumed=self._consumed(content, begin))

    def at(self, offset: int, line: int) -> Position:
        """The position at `offset`, behind `line` line ends."""
        return self._position(self._splitter.place(offset, line))

    def finished(self, *, cut: bool = False, failed: bool = False) -> Position:
        """Behind all that was read of a file that nothing more is expected of.

        `cut`: it is a compressed file that ended early; `failed`: reading it broke off, and is to be tried again.
        """
        end = replace(self._position(self._whole or self._splitter.end()), cut=cut or failed).finished()
        return replace(end, modified_ns=-1) if failed else end

    def _position(self, place: Place) -> Position:
        if self._growing is not None:
            known = self._growing.now()
        else:
            known = self.begun.fingerprint if self.begun is not None else Fingerprint(0, {})
        return Position(place, known, *self.file.key)

    def goes_on(self, position: Position) -> bool:
        """Whether it goes on at that very position."""
        return self.begun is position and position.place.offset == self.begin.offset

    def still_written(self) -> bool:
        """Whether a compressed file that ends early is being made just now. Waits for up to `QUIET_SECONDS` to see it grow."""
        age = time.time() - self.file.modified
        if 0 <= age < QUIET_SECONDS:
            time.sleep(QUIET_SECONDS - age)
        try:
            status = self.file.path.stat()
        except OSError:
            return True
        return (status.st_size, status.st_mtime_ns) != (self.file.size, self.file.modified_ns)

    def _fingerprinted(self, content: Content) -> Iterator[bytes]:
        """The content from the beginning of the span on; what was read before is recognised by the bytes right before."""
        offset, known = self.begin.offset, self.begun.fingerprint if self.begun is not None else None
        before = max(0, offset - WINDOW, min(offset, known.lead if known else 0))
        head: bytes | None = b""
        for chunk in content.chunks(before):
            if head is not None:
                head += chunk
                if len(head) < offset - before:
                    continue
                self._growing = Growing(known, offset, head[: offset - before])
                chunk, head = head[offset - before :], None
            if self._growing is not None:
                self._growing.feed(chunk)
            yield chunk

    def _consumed(self, content: Content, begin: int) -> int:
        return content.consumed - (0 if self.file.compressed else begin)


class Cut(Exception):
    """A compressed file ends early or is damaged. `rest` holds the line that is not whole, if there is one."""

    def __init__(self, reason: str, rest: Block | None) -> None:
        super().__init__(reason)
        self.rest = rest


class Stream:
    """The files of one log."""

    def __init__(self, path: Path, code_page: str = CODE_PAGE) -> None:
        self.path, self._code_page = path, code_page
        self._folder = Folder(path)
        self.survey = Survey()
        """What was there when `spans` was asked for."""

    def spans(self, position: Position | None, done: Iterable[Position]) -> list[Span]:
        """What is left to read: the file of the position first, then the others, oldest first.

        The last span is the one to stay at. A finished file that has grown since (somebody still holds the renamed
        file open and writes to it) is read on.
        """
        self.survey = self._folder.survey()
        files = self.survey.files
        finished = list(done)
        here = self._found(files, position) if position is not None else None
        if here is not None and here.file.compressed and here.file.key in {mark.key for mark in finished}:
            here = None
        wanted = [here] if here is not None else []
        others = [file for file in files if here is None or file is not here.file]
        marks = self._marks(others, finished)
        for file in others:
            mark = marks.get(file)
            if mark is None:
                wanted.append(Span(file))
            elif (not file.compressed and file.size > mark.place.offset) or (
                file.compressed and mark.cut and not mark.unchanged(file)
            ):
                wanted.append(Span(file, mark.place, mark))
        for span in wanted:
            span.final = span is not wanted[-1] or span.file.compressed
            span.code_page = self._code_page
        return wanted

    def left(self, position: Position | None, spans: list[Span], done: list[Position]) -> list[Position]:
        """`done`, and the position when its file is not there now: when it returns it is read on from it."""
        if position is None or not spans or spans[0].begun is position or position.key in {mark.key for mark in done}:
            return done
        return [*done, position.finished()][-MARKS_KEPT:]

    def warnings(self, done: Iterable[Position], name_of: Callable[[Path], str]) -> list[str]:
        """Sentences on what can't be read as it is now."""
        texts = [
            f"{name_of(trouble.path)} isn't read: {trouble.reason}{trouble.hint and '; '}{trouble.hint}"
            for trouble in self.survey.troubles
        ]
        damaged = {mark.key for mark in done if mark.cut}
        return texts + [
            f"{name_of(file.path)} is cut short or damaged: only its beginning could be read; "
            "put a whole copy in its place or delete it"
            for file in self.survey.files
            if file.key in damaged
        ]

    def broke_off(self, span: Span, error: OSError) -> None:
        """For `warnings`: reading a file failed in the middle."""
        self.survey.troubles.append(Trouble(span.file.path, f"reading it failed: {error.strerror or error}"))

    def _found(self, files: list[File], position: Position) -> Span | None:
        """The rest of the file the position is in."""
        known, offset = position.fingerprint, position.place.offset
        matching = [
            (file.compressed or file.size >= offset, position.same_inode(file), index)
            for index, file in enumerate(files)
            if self._is(file, position)
        ]
        if matching and max(matching)[0]:
            return Span(files[max(matching)[-1]], position.place, position)
        for file in files:
            if position.same_inode(file) and not file.compressed and file.size < max(known.size, offset):
                return _cut_back(file, position)
        return None

    def _is(self, file: File, position: Position) -> bool:
        """Whether the position is in that file. A few bytes say nothing, then only the inode does."""
        known = position.fingerprint
        if known.size - known.lead < _LEAST_BYTES and not position.same_inode(file):
            return False
        if not known.digests:
            return file.compressed or file.size >= position.place.offset
        return position.unchanged(file) or self._folder.begins_like(file, known)

    def _marks(self, files: list[File], marks: list[Position]) -> dict[File, Position]:
        """The finished files among these; each mark is of one file."""
        keys = {mark.key: mark for mark in marks}
        found = {file: keys[file.key] for file in files if file.key in keys}
        taken = {id(mark) for mark in found.values()}
        free = [mark for mark in marks if id(mark) not in taken and mark.fingerprint.digests]
        matching = [
            (file.size == mark.place.offset, mark.place.offset, index, number)
            for index, file in enumerate(files)
            if file not in found
            for number, mark in enumerate(free)
            if self._folder.begins_like(file, mark.fingerprint)
        ]
        used: set[int] = set()
        for _, _, index, number in sorted(matching, reverse=True):
            if files[index] not in found and number not in used:
                found[files[index]] = free[number]
                used.add(number)
        return found


def _cut_back(file: File, position: Position) -> Span | None:
    """Somebody cut lines off the end: goes on behind the last line that is known to be as it was. None: it is another file."""
    known = position.fingerprint
    up_to = agreed(file, known)
    if up_to <= 0:
        return None
    left = {length: digest for length, digest in known.digests.items() if known.lead + length <= up_to}
    position = replace(position, fingerprint=Fingerprint(known.lead, left))
    line, place = 0, Place()
    splitter = Splitter(Place())
    with Content(file.path) as content:
        for chunk in content.chunks():
            for block in splitter.feed(chunk):
                for offset, number in zip(block.offsets, block.numbers, strict=True):
                    if offset >= up_to:
                        return Span(file, splitter.place(offset, number - 1), position)
                line, place = block.end_line, splitter.place(block.end, block.end_line)
    return Span(file, place, position) if line else None
