"""A point: measurement + tags + timestamp is its identity, fields are what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from metricstore.catalogue import FieldValue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Point:
    """One fact. `time` is nanoseconds since 1970-01-01 UTC. Absent fields are left out, never None.

    Nobody changes one. It isn't frozen because that makes it take three times as long to make, and logs become millions.
    """

    measurement: str
    time: int
    tags: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, FieldValue] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[str, int, tuple[tuple[str, str], ...]]:
        return (self.measurement, self.time, tuple(sorted(self.tags.items())))


@dataclass(frozen=True, slots=True)
class Rejection:
    """A point a store refused, and why, in a sentence."""

    point: Point
    reason: str


@dataclass(frozen=True, slots=True)
class WriteResult:
    written: int
    rejected: tuple[Rejection, ...] = ()


def nanoseconds(moment: datetime) -> int:
    """Exact nanoseconds since the epoch of an aware datetime (float arithmetic would lose digits)."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment!r}: say its zone")
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000_000 + delta.microseconds * 1_000


def moment(time: int) -> datetime:
    """Nanoseconds since the epoch as an aware datetime (UTC), which has no more than microseconds."""
    return _EPOCH + timedelta(microseconds=time // 1_000)
