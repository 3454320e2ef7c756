"""The words a measurement is declared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Literal

from metricstore.errors import UnknownName

FieldType = Literal["float", "int", "string"]
FieldValue = float | int | str
Exactness = Literal["s", "ms", "us", "ns"]
Reach = Literal["run", "ahead", "newest", "always"]
"""What is known after a good run: everything until then; also what is to come; or only as far as the newest record,
because the source is handed over or reports with a delay. `always`: known in whole, as the dashboard writes it itself."""
SHORT_DELAY, LONG_DELAY = timedelta(minutes=15), timedelta(hours=48)
"""How long services keep changing what they say of a time: of single posts, and of figures."""


@dataclass(frozen=True)
class Tag:
    """A bounded, never-changing property of a point; part of its identity."""

    name: str
    meaning: str
    values: tuple[str, ...] = ()
    """The values expected, for reference pages; empty when the set is the source's own."""


@dataclass(frozen=True)
class Field:
    """A measured value. `dimension` fields are bounded, may change, and can be grouped and filtered by."""

    name: str
    type: FieldType
    meaning: str
    unit: str = ""
    dimension: bool = False
    values: tuple[str, ...] = ()
    moment: bool = False
    """Whether its texts are moments, as ISO 8601 with an offset."""


@dataclass(frozen=True)
class Dates:
    """Points whose time is a date: all, or those whose `tag` has `value`."""

    tag: str = ""
    value: str = ""


@dataclass(frozen=True)
class Measurement:
    """What is written to the store under one name. `time` says what a point's timestamp means."""

    name: str
    title: str
    time: str
    tags: tuple[Tag, ...]
    fields: tuple[Field, ...]
    dates: Dates | None = None
    """Which points have a date for their time (see `metricstore.dates`); None: none has."""
    exact: Exactness = "ns"
    """The smallest unit of time that sources give; what points have below it only tells them apart."""
    about_all: bool = False
    """Whether it speaks of all data: it is closed to those whose view is limited by what it does not know."""
    reach: Reach = "run"
    snapshot: timedelta | None = None
    """Where each point is a look at a state: how often somebody looks. A time without a look is lost."""
    partial: bool = False
    """Sources may leave out single figures."""
    conflicts: str = ""
    """The field that counts rows of the source that claim to be the same as the record with other figures, and are
    not counted."""
    settle: timedelta = timedelta(minutes=2)
    """How long after a time the source may still change what it says of it: alerts do not judge before."""
    _fields: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_fields", {f.name: f for f in self.fields})

    @cached_property
    def tag_names(self) -> tuple[str, ...]:
        return tuple(tag.name for tag in self.tags)

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """Names that can be grouped by: all tags and the dimension fields."""
        return self.tag_names + tuple(f.name for f in self.fields if f.dimension)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every name a record of this measurement has, `time` aside."""
        return self.tag_names + tuple(self._fields)

    def field(self, name: str) -> Field:
        try:
            return self._fields[name]
        except KeyError:
            raise UnknownName("field", name, tuple(self._fields)) from None

    @cached_property
    def kinds(self) -> Mapping[str, FieldType]:
        """Type of each field by name."""
        return {f.name: f.type for f in self.fields}

    def has_field(self, name: str) -> bool:
        return name in self._fields

    def require_dimension(self, name: str) -> str:
        if name not in self.dimensions:
            raise UnknownName("dimension", name, self.dimensions)
        return name

    def require_column(self, name: str) -> str:
        if name != "time" and name not in self.columns:
            raise UnknownName("column", name, ("time", *self.columns))
        return name


PLATFORMS = ("linkedin", "twitter", "instagram", "facebook")
PLATFORM = Tag("platform", "network the content is for", PLATFORMS)
DATE, INSTANT = "date", "instant"
TIME_KIND = Tag("time_kind", "whether its time is a date, which counts on that date in every time zone, or an instant",
                (DATE, INSTANT))  # fmt: skip
BY_TIME_KIND = Dates(TIME_KIND.name, DATE)


def origin(*, what: str) -> tuple[Field, ...]:
    """Fields that lead from a point back to the place it was read from."""
    return (
        Field("file", "string", f"file {what} was read from, relative to the source folder"),
        Field("line", "int", f"line {what} begins at, counted from 1"),
    )
