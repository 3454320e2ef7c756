"""A table's row to what it says of the audience. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from collectors.engagement import numbers
from collectors.engagement.dates import DateColumn, iso_day, midnight
from collectors.engagement.identities import bare, id_in_link, is_cut, network_of_channel, network_of_link
from collectors.engagement.layouts import LINKS, NUMBER, PLATFORM, RATE, Layout
from collectors.platforms import platform_named
from collectors.reading import short_hash
from collectors.redaction import redact
from collectors.time_kinds import stored_date
from metricstore.catalogue import FieldValue
from metricstore.catalogue.model import DATE, INSTANT

TOPIC_CHARACTERS = 200
_INTERACTIONS = ("likes", "comments", "shares")
_EXPOSURES = ("impressions", "views", "reach")
_ABOUT = frozenset(("topic", "media_type", "post_number", "row_id", "file", "line", "conflicting_rows"))


@dataclass(frozen=True)
class Rejected:
    line: int
    reason: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with its identity: what it is about, never what it measures."""

    platform: str
    grain: str
    provenance: str
    time: int
    """Nanoseconds UTC; of a date its midnight in the source's zone."""
    row_id: str
    fields: Mapping[str, FieldValue]
    file: str
    line: int
    by_text: bool = False
    """Only its text and date tell it from other posts."""
    former: tuple[tuple[int, str], ...] = ()
    """Times and row ids that versions before gave to this row, where they took its date or id for another."""
    date: date | None = None
    """Where no time of day in a known zone is given."""

    @property
    def time_kind(self) -> str:
        return INSTANT if self.date is None else DATE

    @property
    def stored_second(self) -> int:
        """What its point's time begins with."""
        return self.time if self.date is None else stored_date(self.date)

    @property
    def series(self) -> tuple[str, str, str]:
        """Identity without provenance: zeros that are filled in later stay one row."""
        return (self.platform, self.grain, self.row_id)

    @property
    def figures(self) -> dict[str, FieldValue]:
        """What it measures."""
        return {name: value for name, value in self.fields.items() if name not in _ABOUT}


@dataclass(frozen=True)
class Columns:
    """What all rows of a table together tell about its columns."""

    dates: Mapping[str, DateColumn] = field(default_factory=dict)
    cut: frozenset[str] = frozenset()
    """Columns whose ids a spreadsheet program has cut."""


def row_of(
    layout: Layout, columns: Columns, cells: Mapping[str, object], zone: ZoneInfo, file: str, line: int
) -> tuple[Row, list[str]]:
    """Read a row's cells (by plain column name), and what is wrong with single figures; ValueError: with all of it."""
    name = next((name for name in layout.dates if given(cells.get(name))), layout.dates[0])
    column = columns.dates.get(name, DateColumn({}, None))
    is_post = layout.grain == "post"
    day = column.day(cells.get(name), zone, instants=is_post)
    time = midnight(day, zone)
    moment = column.instant(cells.get(name), zone) if is_post else None
    platform = _platform(layout, cells)
    fields, faults = _figures(layout, cells)
    if not fields:
        raise ValueError("; ".join(faults) or "row has no figures")
    provenance = "imported"
    if layout.platform is None and not layout.by_link and not any(fields.values()):
        provenance = "placeholder"  # the scheduler writes zeros when it hands a post over
    if not layout.figure:
        fields |= totals(fields)
    if layout.own_total and "engagements" not in fields:
        fields |= _counted(cells, "engagements", ("engagements",), faults)
    try:
        rate = numbers.percent(first_given(cells, RATE), layout.rate_scale)
        fields |= {} if rate is None else {"reported_rate": rate}
    except ValueError as error:
        faults.append(f"reported_rate: {error}")
    text = str(first_given(cells, layout.topics) or "")
    number = _counted(cells, "post_number", NUMBER, faults).get("post_number")
    identity = _identity(layout, columns, cells) if layout.grain == "post" else None
    if identity is None and layout.grain == "post" and columns.cut and not text.strip():
        raise ValueError("a spreadsheet program has cut the post's id, and no link or text tells it from other posts")
    texts = [number, _spaced(text)]
    about = [identity] if identity else texts if layout.grain == "post" else [layout.figure] if layout.figure else []
    row_id = row_identity(platform, layout.grain, iso_day(time, zone), about)
    fields |= {
        name: value
        for name, value in {
            "topic": redact(text)[:TOPIC_CHARACTERS].strip(), "media_type": str(first_given(cells, layout.media) or "")[:60],
            "post_number": number, "row_id": row_id, "file": file, "line": line,
        }.items()
        if value is not None and value != ""
    }  # fmt: skip
    by_text = layout.grain == "post" and identity is None
    row = Row(platform, layout.grain, provenance, time, row_id, fields, file, line, by_text, date=day)
    return (row if moment is None else replace(row, time=moment, date=None)), faults


def row_identity(platform: str, grain: str, day: str, about: Iterable[object]) -> str:
    """A row's `row_id`: the same for the same platform, grain, local date and identity."""
    return short_hash(json.dumps([platform, grain, day, *about]))


def totals(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """`engagements` of the interactions that are given, `exposures` of the first audience figure that is."""
    found: dict[str, FieldValue] = {}
    interactions = [int(fields[name]) for name in _INTERACTIONS if name in fields]
    if interactions:
        found["engagements"] = sum(interactions)
    exposure = next((name for name in _EXPOSURES if name in fields), None)
    if exposure is not None:
        found["exposures"] = fields[exposure]
    return found


def given(cell: object) -> bool:
    return cell is not None and cell != ""


def first_given(cells: Mapping[str, object], names: Iterable[str]) -> object:
    """The first of these columns that the row has a value in."""
    return next((cells[name] for name in names if given(cells.get(name))), None)


def _figures(layout: Layout, cells: Mapping[str, object]) -> tuple[dict[str, FieldValue], list[str]]:
    """Counts that are given, and those that can't be read: they cost themselves alone."""
    fields: dict[str, FieldValue] = {}
    faults: list[str] = []
    for name, names in layout.counts.items():
        fields |= _counted(cells, name, names, faults)
    if not fields and layout.own_total:
        fields |= _counted(cells, "engagements", ("engagements",), faults)
    return fields, faults


def _counted(cells: Mapping[str, object], name: str, names: tuple[str, ...], faults: list[str]) -> dict[str, int]:
    """The count in the first of these columns that has one."""
    fault = ""
    for cell in (cells[column] for column in names if given(cells.get(column))):
        try:
            value = numbers.count(cell)
        except ValueError as error:
            fault = fault or f"{name}: {error}"
            continue
        if value is not None:
            return {name: value}
    if fault:
        faults.append(fault)
    return {}


def _platform(layout: Layout, cells: Mapping[str, object]) -> str:
    found = layout.platform
    if layout.by_link:
        found = next((name for link in LINKS if (name := network_of_link(cells.get(link)))), found)
        found = found or next((name for column in PLATFORM if (name := network_of_channel(cells.get(column)))), None)
    else:
        written = first_given(cells, PLATFORM[: 1 if found is None else 3])
        found = (network_of_channel(written) if found else None) or platform_named(written) or found
    if found is None:
        raise ValueError("row names no platform")
    return found


def _identity(layout: Layout, columns: Columns, cells: Mapping[str, object]) -> str | None:
    """What names the post; None when only its text does."""
    cut = False
    for name in layout.identity:
        cell = cells.get(name)
        if not given(cell):
            continue
        if name in columns.cut and is_cut(cell):
            cut = True
            continue
        text = bare(cell)
        if text:
            return (id_in_link(text) or text) if cut else text
    return None


def _spaced(text: str) -> str:
    """A text's identity: line ends and blanks don't count."""
    return " ".join(text.split())
