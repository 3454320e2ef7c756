"""A table's row to what it says of the audience. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from collectors.engagement import numbers
from collectors.engagement.layouts import DATE as DATES
from collectors.engagement.layouts import MEDIA, NUMBER, PLATFORM, RATE, TOPIC, Layout
from collectors.platforms import platform_named
from collectors.reading import short_hash
from collectors.redaction import redact
from collectors.time_kinds import stored_date
from metricstore.catalogue import FieldValue
from metricstore.catalogue.model import DATE, INSTANT

TOPIC_CHARACTERS = 200
_INTERACTIONS = ("likes", "comments", "shares")
_EXPOSURES = ("impressions", "views", "reach")


@dataclass(frozen=True)
class Rejected:
    line: int
    reason: str
    excerpt: str


@dataclass(frozen=True)
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


def row_of(layout: Layout, cells: Mapping[str, object], zone: ZoneInfo, file: str, line: int) -> Row:
    """Read a row's cells (by plain column name); ValueError says what is wrong with it."""
    time = numbers.moment(_first(cells, DATES), zone)
    instant = numbers.instant(_first(cells, DATES)) if layout.grain == "post" else None
    day = date.fromisoformat(numbers.iso_day(time, zone)) if instant is None else None
    platform = layout.platform or platform_named(_first(cells, PLATFORM))
    if platform is None:
        raise ValueError("row names no platform")
    fields: dict[str, FieldValue] = {}
    for name, columns in layout.counts:
        value = _count(cells, name, columns)
        if value is not None:
            fields[name] = value
    if not fields:
        raise ValueError("row has no figures")
    provenance = "imported"
    rate = numbers.percent(_first(cells, RATE))
    if rate is not None:
        fields["reported_rate"] = rate * layout.rate_scale
    if layout.platform is None and not any(fields.values()):
        provenance = "placeholder"  # the scheduler writes zeros when it hands a post over
    fields |= totals(fields)
    text = str(_first(cells, TOPIC) or "")
    number = _count(cells, "post_number", NUMBER)
    identity = _first(cells, layout.identity) if layout.grain == "post" else None
    about = [str(identity).strip()] if identity else [number, _spaced(text)] if layout.grain == "post" else []
    row_id = short_hash(json.dumps([platform, layout.grain, numbers.iso_day(time, zone), *about]))
    extra: dict[str, FieldValue | None] = {
        "topic": redact(text)[:TOPIC_CHARACTERS].strip(), "media_type": str(_first(cells, MEDIA) or "")[:60],
        "post_number": number, "row_id": row_id, "file": file, "line": line,
    }  # fmt: skip
    fields |= {name: value for name, value in extra.items() if value is not None and value != ""}
    moment = time if instant is None else instant
    return Row(platform, layout.grain, provenance, moment, row_id, fields, file, line, day)


def _count(cells: Mapping[str, object], name: str, columns: tuple[str, ...]) -> int | None:
    try:
        return numbers.count(_first(cells, columns))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def totals(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """`engagements` of the interactions that are given, `exposures` of the first audience figure that is."""
    found: dict[str, FieldValue] = {}
    given = [int(fields[name]) for name in _INTERACTIONS if name in fields]
    if given:
        found["engagements"] = sum(given)
    exposure = next((name for name in _EXPOSURES if name in fields), None)
    if exposure is not None:
        found["exposures"] = fields[exposure]
    return found


def _first(cells: Mapping[str, object], names: tuple[str, ...]) -> object:
    """The first of these columns that the row has a value in."""
    return next((cells[name] for name in names if cells.get(name) not in (None, "")), None)


def _spaced(text: str) -> str:
    """A text's identity: line ends and blanks don't count."""
    return " ".join(text.split())
