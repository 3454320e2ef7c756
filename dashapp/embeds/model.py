"""What an embed is: a chart or page, what of it may be seen, and how it is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast, get_args

from dashapp.accounts.user import AccountError
from dashapp.settings.values import ORIGIN
from layouts.pages import CHARTS, PAGES, TILES, charts_of
from metricstore.errors import StoreError
from metricstore.segment import Segment
from metricstore.selection import RESERVED, Selection
from metricstore.time_parts import TIME_PARTS

Kind = Literal["chart", "page"]
Look = Literal["light", "dark", "follow"]
LOOKS: tuple[str, ...] = get_args(Look)
RANGE = "range"
"""Beside columns: the word for lookers choosing a shorter range."""
REFRESH = (0, 60, 3600 * 24)
"""Never, the least and the most seconds between two refreshes."""
HEIGHT = (0, 120, 4000)


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for; `checked` says whether it can be had."""

    kind: Kind
    name: str
    words: Mapping[str, str] = field(default_factory=dict)
    """The locked selection, in the words of a page's address."""
    label: str = ""
    narrow: tuple[str, ...] = ()
    theme: Look = "follow"
    refresh_seconds: int = 0
    height: int = 0
    ancestors: tuple[str, ...] = ()
    download: bool = False
    expires: datetime | None = None


@dataclass(frozen=True)
class Embed:
    """As it is kept."""

    id: str
    wanted: Wanted
    owner: str
    limits: tuple[Segment, ...]
    created: str
    revoked: str | None = None
    last_used: str | None = None
    uses: int = 0
    used_on: str = ""

    @property
    def title(self) -> str:
        return self.wanted.label or title_of(self.wanted.kind, self.wanted.name)

    @property
    def time(self) -> str:
        """`moving`: its range goes on with time; `frozen`: both ends are days that stay."""
        ends = (self.wanted.words.get(key, "") for key in ("start", "stop"))
        return "frozen" if all(re.match(r"\d{4}-", end) for end in ends) else "moving"

    def expired(self, now: datetime) -> bool:
        return self.wanted.expires is not None and self.wanted.expires <= now

    def state(self, now: datetime) -> str:
        """`active`, `revoked` or `expired`."""
        return "revoked" if self.revoked else "expired" if self.expired(now) else "active"


def title_of(kind: Kind, name: str) -> str:
    return CHARTS[name].title if kind == "chart" else PAGES[name].title


def target(text: str) -> tuple[Kind, str]:
    """(kind, name) of `chart/posts_by_status`, `page/overview` or a name alone. AccountError when there is none."""
    kind, _, name = text.rpartition("/")
    kinds: dict[str, Mapping[str, object]] = {"chart": CHARTS, "page": TILES}
    found = [own for own, known in kinds.items() if name in known and kind in ("", own)]
    if not found:
        raise AccountError(
            f"there is no chart or page {text!r}; charts: {', '.join(CHARTS)}; pages: {', '.join(TILES)}"
        )
    return cast(Kind, found[0]), name


def checked(wanted: Wanted, default: Selection) -> Wanted:
    """The same, or AccountError with what is wrong in one sentence."""
    target(f"{wanted.kind}/{wanted.name}")
    if wanted.theme not in LOOKS:
        raise AccountError(f"{wanted.theme!r} isn't a theme; choose {', '.join(LOOKS)}")
    _within("refresh", wanted.refresh_seconds, REFRESH, "seconds")
    _within("height", wanted.height, HEIGHT, "pixels")
    if len(wanted.label) > 100 or re.search(r"[\x00-\x1f]", wanted.label):
        raise AccountError("the title has at most 100 characters, on one line")
    for origin in wanted.ancestors:
        if not ORIGIN.fullmatch(origin):
            raise AccountError(f"{origin!r} isn't an origin of pages; write one such as https://wiki.example")
    known = columns_of(wanted.kind, wanted.name)
    for column in wanted.narrow:
        if column != RANGE and column not in known:
            raise AccountError(f"{column!r} can't be narrowed here; say {RANGE}, {', '.join(known)}")
    try:
        selection = Selection.from_params(wanted.words, default)
        locked(wanted.words)
        selection.filters()
    except StoreError as error:
        raise AccountError(str(error)) from None
    return wanted


def locked(words: Mapping[str, str]) -> Segment:
    """The filters nobody gets round."""
    return Segment.from_params({key: text for key, text in words.items() if key not in RESERVED})


def limited(words: Mapping[str, str], default: Selection) -> Segment:
    """The range nobody gets beyond, where lookers may choose one."""
    selection = Selection.from_params({key: text for key, text in words.items() if key in RESERVED}, default)
    stop = "" if selection.stop == "now" else selection.stop
    return Segment((), selection.start, stop, selection.timezone)


def columns_of(kind: Kind, name: str) -> tuple[str, ...]:
    """Tags and parts of time that what is shown can be filtered by."""
    charts = (CHARTS[name],) if kind == "chart" else charts_of(name)
    found = {column: None for chart in charts for column in chart.declared.source.dimensions}
    return (*found, *(part for part in TIME_PARTS if part not in found))


def _within(what: str, value: int, bounds: tuple[int, int, int], unit: str) -> None:
    none, least, most = bounds
    if value != none and not least <= value <= most:
        raise AccountError(f"{what} is {none} or {least} to {most} {unit}, not {value}")
