"""metricstore.spelling as an SQL expression: a whole row as one text, made by all of DuckDB's threads."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from metricstore.catalogue import Measurement, measurement
from metricstore.dates import DATED
from metricstore.spelling import (
    DECIMALS,
    GUARD,
    GUARDED_FIRST,
    MINUTE,
    Clock,
    Spelling,
    kind_of,
    minutes,
    offset_text,
    utc_offset,
)
from metricstore.sql.trees import call, column, placeholder
from metricstore.time_parts import offsets

LINE = "a line"
"""The text's name among the columns: no name of a field has a blank."""
_SECOND = 1_000_000_000
_DATE = "%Y-%m-%d"
_ISO = f"{_DATE}T%H:%M:%S"
_WALL = f"{_DATE} %H:%M:%S"
_FIRST = tuple(ord(character) for character in GUARDED_FIRST + GUARD)
_DANGEROUS = f"^{GUARD}*[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]"


@dataclass(frozen=True)
class Line:
    """What a row's expression depends on. `ahead`: minutes ahead of UTC of each stretch of equal offset."""

    measurement: str
    columns: tuple[str, ...]
    delimiter: str
    decimal: str
    begin: str
    ahead: tuple[int, ...]
    guard: bool = True
    clock: Clock = "iso"

    @classmethod
    def of(
        cls, source: Measurement, columns: tuple[str, ...], spelling: Spelling, start: int, stop: int
    ) -> tuple[Line, list[int]]:
        """The shape over [start, stop) in nanoseconds, and its parameters: where each stretch but the last ends."""
        runs = offsets(start, stop, spelling.timezone)
        ahead = tuple(minutes(run.nanoseconds) for run in runs)
        line = cls(
            source.name, columns, spelling.delimiter, spelling.decimal, spelling.begin, ahead,
            spelling.guard, spelling.clock,
        )  # fmt: skip
        return line, [run.stop for run in runs[:-1]]

    def expression(self) -> exp.Expression:
        """A text; its placeholders take the parameters of `of`."""
        source = measurement(self.measurement)
        parts: list[exp.Expression] = []
        for name in self.columns:
            if parts:
                parts.append(exp.Literal.string(self.delimiter))
            parts.append(self._cell(source, name))
        return call("concat", exp.Literal.string(self.begin), *parts)

    def _cell(self, source: Measurement, name: str) -> exp.Expression:
        own = column(name)
        what = kind_of(source, name)
        if what == "time":
            return self._time(own, source)
        if what == "text":
            return _text(own, tag=name in source.tag_names, guard=self.guard)
        plain: exp.Expression = exp.cast(own, "varchar")
        if what == "float" and self.decimal != ".":
            plain = call("replace", plain, exp.Literal.string("."), exp.Literal.string(self.decimal))
        return call("coalesce", plain, exp.Literal.string(""))

    def _time(self, own: exp.Column, source: Measurement) -> exp.Expression:
        if self.clock == "iso":
            whens = [_moment(own, ahead, DECIMALS[source.exact]) for ahead in self.ahead]
        else:
            whens = [self._wall(own, ahead) for ahead in self.ahead]
        ifs = [exp.If(this=exp.LT(this=own.copy(), expression=placeholder()), true=when) for when in whens[:-1]]
        if source.dates is not None:
            dated = column(DATED)
            ifs.insert(
                0, exp.If(this=exp.not_(exp.Is(this=dated, expression=exp.null())), true=self._date(dated.copy()))
            )
        return exp.Case(ifs=ifs, default=whens[-1]) if ifs else whens[-1]

    def _date(self, stored: exp.Expression) -> exp.Expression:
        """In a file for spreadsheets no offset stands beside it."""
        date = call("strftime", _whole_seconds(stored), exp.Literal.string(_DATE))
        return date if self.clock == "iso" else call("concat", date, exp.Literal.string(self.delimiter))

    def _wall(self, own: exp.Column, ahead: int) -> exp.Expression:
        """Two cells: the clock's time in whole seconds, and its offset."""
        clock = call("strftime", _whole_seconds(_wall(own, ahead)), exp.Literal.string(_WALL))
        return call("concat", clock, exp.Literal.string(f"{self.delimiter}{utc_offset(ahead)}"))


def _wall(own: exp.Column, ahead: int) -> exp.Expression:
    return exp.paren(exp.Add(this=own.copy(), expression=exp.Literal.number(ahead * MINUTE)))


def _whole_seconds(wall: exp.Expression) -> exp.Expression:
    return call("make_timestamp", exp.paren(exp.IntDiv(this=exp.paren(_less_part(wall)), expression=_number(1_000))))


def _moment(own: exp.Column, ahead: int, decimals: int) -> exp.Expression:
    """DuckDB writes no more than six decimals: the nanoseconds are put behind the whole seconds."""
    wall = _wall(own, ahead)
    pieces = [call("strftime", _whole_seconds(wall), exp.Literal.string(_ISO))]
    if decimals:
        part = exp.cast(exp.Add(this=_part(wall.copy()), expression=_number(_SECOND)), "varchar")
        pieces += [exp.Literal.string("."), call("substr", part, _number(2), _number(decimals))]
    return call("concat", *pieces, exp.Literal.string(offset_text(ahead)))


def _part(wall: exp.Expression) -> exp.Expression:
    """Nanoseconds of the second, before 1970 too."""
    second = _number(_SECOND)
    positive = exp.paren(exp.Add(this=exp.paren(exp.Mod(this=wall, expression=second)), expression=second.copy()))
    return exp.paren(exp.Mod(this=positive, expression=second.copy()))


def _less_part(wall: exp.Expression) -> exp.Expression:
    return exp.Sub(this=wall.copy(), expression=_part(wall.copy()))


def _text(own: exp.Column, *, tag: bool, guard: bool) -> exp.Expression:
    """Absent tags are "", absent fields NULL: both an empty cell. Only texts that begin like a formula are
    looked at by the regular expression."""
    mark = exp.Literal.string('"')
    body = call("replace", own.copy(), mark.copy(), exp.Literal.string('""'))
    plain = call("concat", mark.copy(), body, mark.copy())
    first = exp.In(this=call("ord", own.copy()), expressions=[_number(code) for code in _FIRST])
    dangerous = exp.and_(first, call("regexp_matches", own.copy(), exp.Literal.string(_DANGEROUS)))
    safe = call("concat", mark.copy(), exp.Literal.string(GUARD), body.copy(), mark.copy())
    missing: exp.Expression = exp.Is(this=own.copy(), expression=exp.null())
    if tag:
        missing = exp.or_(missing, exp.EQ(this=own.copy(), expression=exp.Literal.string("")))
    ifs = [exp.If(this=missing, true=exp.Literal.string(""))]
    if guard:
        ifs.append(exp.If(this=dangerous, true=safe))
    return exp.Case(ifs=ifs, default=plain)


def _number(value: int) -> exp.Expression:
    return exp.Literal.number(value)
