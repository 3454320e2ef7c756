"""Which files beside a log are its rotated copies, by their names. Pure.

The names are those of Python's handlers, loguru, logrotate and their kin: see `collectors/app_log/README.md`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from collectors.tailing.content import COMPRESSIONS

_UNKNOWN_COMPRESSION = re.compile(r"\.(?:lz4|lz|lzo|br|7z|rar|Z|sz|tgz|tar(?:\.\w+)?)$")
_COMPANION = re.compile(r"\.(?:lock|lck|pid|pos|offset|state|sw[a-p]|tmp|temp|part|md5|sha\d+|sig|asc)$|~$")
"""Files that programs put beside a log and that hold no records."""

_NUMBER = re.compile(r"\d{1,5}")
_DATE = re.compile(
    r"((?:19|20)\d\d)(?:-?(0[1-9]|1[0-2])(?:-?(0[1-9]|[12]\d|3[01])(?:[-_T.]?\d[\d.:_+-]*Z?)?)?|-?W\d\d)?|\d{10}(?:[.-]\d+)?"
)
"""A year, month, week or day, a day and time, or seconds since 1970, perhaps with a counter behind."""
_PART = re.compile(r"\d+")


@dataclass(frozen=True)
class Copy:
    """What the name of a rotated copy says about its age: a number (higher is older), a date, or nothing."""

    number: int | None = None
    date: tuple[int, ...] = ()


@dataclass(frozen=True)
class Unread:
    """A file that looks like a copy and is not read, and why."""

    reason: str
    hint: str


def copy_of(live: str, name: str) -> Copy | Unread | None:
    """What a file called `name` is to the log called `live`; None: nothing to do with it."""
    if name.lower() == live.lower() or _COMPANION.search(name):
        return None
    plain = _without(name, COMPRESSIONS)
    copy = _rotated(live, plain)
    if copy is not None:
        return copy
    if (packed := _UNKNOWN_COMPRESSION.search(name)) and _rotated(live, name[: packed.start()]) is not None:
        return Unread(
            f"files compressed as {packed[0]} can't be read", "decompress it, or compress with gzip, xz or zstd"
        )
    if name.startswith((f"{live}.", f"{live}-", f"{live}_")):
        return Unread("its name isn't one that log rotation gives", f"rename it to {live}.1, say, or move it elsewhere")
    stem, suffix = PurePath(live).stem, PurePath(live).suffix
    looks_like = rf"(?:\d[\d_.-]*[-_.])?{re.escape(stem)}(?:[-_.]\d[\d_-]*| ?\(\d+\)|[-_ ]+copy(?: ?\(?\d+\)?)?)?{re.escape(suffix)}"
    if re.fullmatch(looks_like, plain, re.IGNORECASE):
        return Unread(
            "it may be a rotated copy or another program's log", f"rename it to {live}.1, say, or move it elsewhere"
        )
    return None


def _rotated(live: str, name: str) -> Copy | None:
    if name == live:
        return Copy()  # compressed in place
    stem, suffix = PurePath(live).stem, PurePath(live).suffix
    if name.startswith(live) and name[len(live) : len(live) + 1] in ("-", "_", "."):
        return _age(name[len(live) + 1 :].removesuffix(suffix) if suffix else name[len(live) + 1 :], counted=True)
    if suffix and name.endswith(suffix) and name.startswith(stem) and len(name) > len(stem) + len(suffix):
        separator = name[len(stem)]
        if separator in "-_.":
            return _age(name[len(stem) + 1 : -len(suffix)], counted=separator == ".")
    return None


def _age(text: str, *, counted: bool) -> Copy | None:
    if _DATE.fullmatch(text) and (counted or len(text) > 5):
        first, *rest = _PART.findall(text)
        return Copy(date=tuple(map(int, [*_date(first), *(pair for digits in rest for pair in _pairs(digits))])))
    if counted and _NUMBER.fullmatch(text):
        return Copy(number=int(text))
    return Copy() if counted and text == "old" else None


def _date(digits: str) -> list[str]:
    """`20261013` as `2026-10-13` says it; seconds since 1970 stay whole."""
    seconds = len(digits) == 10 and not digits.startswith(("19", "20"))
    return [digits] if seconds else [digits[:4], *_pairs(digits[4:])]


def _pairs(digits: str) -> list[str]:
    """`093015` as `09-30-15` says it."""
    return [digits[at : at + 2] for at in range(0, len(digits), 2)]


def _without(name: str, endings: tuple[str, ...]) -> str:
    return next((name.removesuffix(ending) for ending in endings if name.endswith(ending)), name)
