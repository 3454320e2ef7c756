"""What can go wrong in a store, each with one plain sentence for people."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from secrets import token_hex
from ssl import SSLError

log = logging.getLogger(__name__)


class StoreError(Exception):
    """Base of everything a store raises."""


class CatalogueError(Exception):
    """The catalogue contradicts itself: nobody can use it before it is mended. Says what to write where."""


class StoreUnreachable(StoreError):
    """The store does not answer: not running, wrong address, network down."""


class StoreDamaged(StoreUnreachable):
    """The embedded store's file is damaged: it will not answer again by itself. `sentence` leaves out where the file is."""

    sentence = (
        "the store's file is damaged: some or all of its figures can't be read any more, but the sources they were read from are untouched; "
        "end the program and run `dashapp doctor --repair`, which keeps the file, saves what can be read of it and collects the rest anew"
    )

    def __init__(self, path: Path | None) -> None:
        super().__init__(self.sentence.replace("the store's file", f"the store's file {path}", 1))


class StoreDenied(StoreError):
    """The store refuses the credentials."""


class StoreBusy(StoreError):
    """Another process holds the embedded store's file."""


class StoreFull(StoreError):
    """The disk under the store is full: nothing of the refused batch was written."""


class SchemaVersionError(StoreError):
    """The database file is newer than this program, or no database of ours."""


class NotAllowed(StoreError):
    """The viewer may not see what was asked for."""


class UnknownName(StoreError, KeyError):
    """A measurement, metric, field or dimension that is not declared.

    `parameter` names what was wrong so that an API answer can point at it.
    """

    def __init__(self, kind: str, name: str, known: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.name = name
        self.known = known
        self.meant = nearest(name, known)
        super().__init__(f"unknown {kind} {name!r}")

    @property
    def sentence(self) -> str:
        """What is wrong, and what was likely meant, without all that is known."""
        hint = f"; did you mean {self.meant!r}?" if self.meant is not None else ""
        return f"unknown {self.kind} {self.name!r}{hint}"

    def __str__(self) -> str:
        hint = f"{' ' if self.meant else '; '}known: {', '.join(sorted(self.known))}" if self.known else ""
        return f"{self.sentence}{hint}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was likely meant."""
    by_case = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_case, 1, 0.6)
    return by_case[found[0]] if found else None


class InvalidQuestion(StoreError, ValueError):
    """A question that cannot be asked. `parameter` names the part that is wrong."""

    def __init__(self, parameter: str, reason: str) -> None:
        self.parameter = parameter
        self.reason = reason
        super().__init__(f"{parameter}: {reason}")


class SearchTooLong(StoreError):
    """A search in texts takes longer than whoever asks will wait; another one may wait longer."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"this store has to read every text in the range to search it, which takes longer than {seconds:g} seconds; choose a shorter range"
        )


class StoreFailed(StoreError):
    """The database refused a question of ours, or broke off while answering it.

    Its own words speak of generated statements and of its inner parts: they are written to the log, and `reference`
    leads there.
    """

    def __init__(self, what: str, raw: object) -> None:
        self.reference = logged(raw)
        super().__init__(f"{what}; the log says why under {self.reference}")


def logged(raw: object) -> str:
    """Write a database's or driver's own words to the log; the reference they are found by."""
    reference = token_hex(4)
    log.error("metric store [%s]: %s", reference, raw)
    return reference


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and, one after the other, what led to it."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        inner = getattr(error, "reason", None)
        error = inner if isinstance(inner, BaseException) else error.__cause__ or error.__context__


def network_reason(error: BaseException) -> str:
    """Why nobody was reached, in the operating system's words; what is only the driver's own is in the log."""
    for cause in causes(error):
        if isinstance(cause, SSLError):
            return "its certificate or encryption isn't accepted"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
    return f"the log says why under {logged(error)}"
