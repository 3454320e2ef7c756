"""What records of a log give, one after the other: points and, where a record can't be used, a dead letter. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from collectors.app_log.clock import Clock
from collectors.app_log.guarded_machine import GuardedMachine
from collectors.app_log.machine import MEANT, STATEFUL, Record
from collectors.app_log.parse import SHORT, Recognised, recognised
from collectors.app_log.raw import Raw
from collectors.app_log.roster import Identity
from collectors.base import DeadLetter
from collectors.isolation import EXCERPT_CHARACTERS, NOT_THE_RECORD, Place, dead_letter, reason_of
from collectors.redaction import redact
from metricstore.catalogue import FieldValue
from metricstore.point import Point
from metricstore.quantities import quantity

MESSAGE_CHARACTERS = 32 << 10
_EXCERPT = 500


@dataclass
class Harvest:
    """What goes into the next batch."""

    points: list[Point] = field(default_factory=list)
    deleted: list[Point] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    records: int = 0
    bytes: int = 0


@dataclass
class Delivered:
    """A record that was delivered though it will be read again: where it begins and ended, what was written of it, and
    what it did to clock and machine."""

    offset: int = -1
    end: int = -1
    whole: bool = False
    moments: list[int] | None = None
    millisecond: int = 0
    event: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    line: int = 0
    held: bool = False
    """Whether it was not certain yet that it, or one before it, counts."""
    digest: int = 0
    """Of all that was written of it."""
    written: list[list[Any]] = field(default_factory=list)
    """Measurement, time, tags and names of fields of points that must go should the record turn out to be another one."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any], offset: int = -1) -> Delivered:
        """Also as earlier versions wrote it, of the record at the position, which was at `offset`."""
        if "written" in data:
            return cls(**data)
        known = {name: value for name, value in data.items() if name not in ("time", "level")}
        log_record = ["log_record", data["time"], {"level": data["level"], "event": data["event"]}]
        return cls(**known, offset=offset, written=[log_record])

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def points(self) -> list[Point]:
        """What was written of it, without its fields."""
        return [Point(name, time, tags) for name, time, tags, *_ in self.written]

    def leave(self, certain: Collection[Identity]) -> None:
        """These are written, whatever becomes of it."""
        if certain:
            self.written = [each for each in self.written if Point(*each[:3]).identity not in certain]

    def replaced(self, now: Iterable[Point], *, end: int) -> list[Point]:
        """What must be deleted before `now` is written in its place, the record ending at `end`.

        Writing leaves fields that a point has no more: of a record that may say less than before all goes first. Of
        `generation`, to which others add fields (see ../outcomes), only what does say less.
        """
        fields = {point.identity: point.fields.keys() for point in now}
        certain = self._certain(end)

        def stays(name: str, time: int, tags: Mapping[str, str], before: Iterable[str] = ()) -> bool:
            has = fields.get(Point(name, time, tags).identity)
            return has is not None and (certain or (name == "generation" and has >= set(before)))

        return [Point(*each[:3]) for each in self.written if not stays(*each)]

    def _certain(self, end: int) -> bool:
        return end == self.end and not self.held

    def repeat(self, clock: Clock, machine: GuardedMachine) -> None:
        """It can't be read again (its file is gone or was cut): what follows must still come after it."""
        if self.whole:
            stamp = clock.stamp((self.moments[0], self.moments[1]), self.millisecond) if self.moments else clock.again()
            machine.feed(Record(stamp, self.event, self.values, self.file, self.line, ""))


def delivered_ahead(known: Mapping[str, Any], offset: int) -> dict[int, Delivered]:
    """By where they begin, from a log's checkpoint; also the one record at `offset` that earlier versions delivered ahead."""
    if known.get("tail"):
        return {offset: Delivered.from_json(known["tail"], offset)}
    return {data["offset"]: Delivered.from_json(data) for data in known.get("ahead", ())}


def latest_batches(points: list[Point]) -> list[Point]:
    """Of a batch that was told several times only the last word."""
    latest, others = {}, []
    for point in points:
        if point.measurement == "batch":
            latest[point.identity] = point
        else:
            others.append(point)
    return others + list(latest.values())


class Interpretation:
    """Give it records in file order."""

    def __init__(self, clock: Clock, machine: GuardedMachine) -> None:
        self.clock, self.machine = clock, machine
        self._begun = {run.began for run in machine.machine.roster.runs}

    def copy(self) -> Interpretation:
        """To look ahead with."""
        return Interpretation(Clock.from_json(self.clock.to_json()), GuardedMachine(self.machine.machine.copy()))

    def take(self, raw: Raw, file: str, harvest: Harvest, *, fresh: bool = True) -> None:
        """A record that is all there. `fresh`: an earlier run has not delivered it in whole."""
        harvest.records += fresh
        if raw.headed and raw.moments is not None:
            stamp = self.clock.stamp(raw.moments, raw.millisecond)
        elif (known := self._stamp(raw, file, harvest)) is None:
            return
        else:
            stamp = known
        try:
            meaning = self._log_record(raw, file, stamp, harvest)
            if meaning.event in MEANT:
                record = Record(stamp, meaning.event, meaning.values, file, raw.line, raw.text)
                harvest.points += self.machine.feed(record)
                self._set_aside(raw, file, stamp, harvest)
            if raw.cut and fresh:
                harvest.letters.append(
                    _letter(
                        raw,
                        file,
                        f"too long: {quantity(raw.cut, 'bytes')} {'was' if raw.cut == 1 else 'were'} cut off",
                        stamp,
                    )
                )
            if not meaning.whole and meaning.event.endswith("_results"):
                harvest.letters.append(_letter(raw, file, "scheduling results are cut off", stamp))
        except NOT_THE_RECORD:
            raise
        except Exception as failure:
            self.machine.machine.faults.clear()
            harvest.letters.append(dead_letter(Place(file, raw.line, stamp, raw.lines[0]), failure))

    def _set_aside(self, raw: Raw, file: str, stamp: int, harvest: Harvest) -> None:
        """One letter that says of each part of the record why it can't be used."""
        faults = self.machine.machine.faults
        if faults:
            reasons = "; ".join(dict.fromkeys(map(reason_of, faults)))
            harvest.letters.append(_letter(raw, file, redact(reasons)[:EXCERPT_CHARACTERS], stamp))
        faults.clear()

    def look(self, raw: Raw, file: str, harvest: Harvest, *, fresh: bool, held: bool) -> Delivered | None:
        """A record that is read again next time, with a copy. Of half a record nothing is believed. None: nothing is delivered."""
        before = len(harvest.points)
        meaning = recognised(raw.lines)
        whole = not raw.partial and meaning.whole
        if whole:
            self.take(raw, file, harvest, fresh=fresh)
        elif (stamp := self._stamp(raw, file, harvest)) is not None:
            harvest.records += fresh
            self._log_record(raw, file, stamp, harvest)
        if len(harvest.points) == before:
            return None
        own = [point for point in harvest.points[before:] if not self.is_older_batch(point)]
        return Delivered(
            raw.offset, raw.end, whole, list(raw.moments) if raw.moments else None, raw.millisecond, meaning.event,
            meaning.values if meaning.event in STATEFUL else {}, file, raw.line, held,
            zlib.crc32(repr(own).encode("utf-8", "surrogatepass")),
            [[point.measurement, point.time, dict(point.tags), list(point.fields)] for point in own],
        )  # fmt: skip

    def is_older_batch(self, point: Point) -> bool:
        """A batch that began before anything was read with this: it stays, whatever the records ahead turn out to be."""
        return point.measurement == "batch" and point.time in self._begun

    def _stamp(self, raw: Raw, file: str, harvest: Harvest) -> int | None:
        if not raw.headed or (raw.moments is None and self.clock.last < 0):
            first = raw.moments[0] + raw.millisecond if raw.moments else 0
            if not raw.offset or raw.headed:  # of a text that is told in parts only the first
                harvest.letters.append(_letter(raw, file, "text before the first record", first * 1_000_000))
            return None
        return self.clock.again() if raw.moments is None else self.clock.stamp(raw.moments, raw.millisecond)

    def _log_record(self, raw: Raw, file: str, stamp: int, harvest: Harvest) -> Recognised:
        meaning, message = recognised(raw.lines), ""
        if len(raw.lines) > 1 or len(raw.lines[0]) > SHORT:
            message = redact(raw.text[:MESSAGE_CHARACTERS])
        elif meaning.stored is None:
            message = meaning.stored = redact(raw.lines[0])
        else:
            message = meaning.stored
        fields: dict[str, FieldValue] = {
            "message": message,
            "file": file,
            "line": raw.line,
            "lines": raw.count,
            "offset": raw.offset,
        }
        if raw.count > meaning.own_lines:
            fields["stray_lines"] = raw.count - meaning.own_lines
        harvest.points.append(Point("log_record", stamp, _tags(raw.level, meaning.event), fields))
        return meaning


@cache
def _tags(level: str, event: str) -> Mapping[str, str]:
    """Shared by all records of an event: with tags of their own, ten thousand points outgrow the processor's caches."""
    return {"level": level, "event": event}


def _letter(raw: Raw, file: str, reason: str, stamp: int) -> DeadLetter:
    return DeadLetter(file, raw.line, reason, redact(raw.text[:_EXCERPT]), stamp)
