"""What a file is made of: declared columns, frames that arrive one after the other, and what it tells of itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy.typing as npt
import pandas as pd

from dashapp.api.encoding import moment
from dashapp.downloads.exact import ExactSum
from metricstore.catalogue import Exactness
from metricstore.spelling import Kind, Lines, Spelling, dates_of, numeric

PROOF = "_proof"
"""Name of the column, key or property that holds the proof."""


@dataclass(frozen=True)
class Column:
    """`key` names it in the frames, `name` in files of every format: a column or a metric as it is declared, without
    its unit, which stands in the file's proof and in the schema of formats that have one."""

    key: str
    name: str
    kind: Kind
    unit: str = ""
    meaning: str = ""
    moment: bool = False
    """Whether a text column holds moments, as ISO 8601."""


@dataclass(frozen=True)
class Facts:
    """What is known before the first row: which question this is the answer to."""

    title: str
    view: str
    """Address of the page that shows it."""
    question: str
    """What was asked, as the words of a query string."""
    filters: tuple[str, ...]
    """In words for people."""
    start: datetime
    stop: datetime
    timezone: str
    window: str
    """Such as `1d`; `none` where values stand for the whole range, `records` for single records."""
    data_as_of: datetime
    """When the data were read: what was stored by then is in the file."""
    newest: date | datetime | None = None
    """Time of the newest record of its kind in the store, as its source gives it."""
    remark: str = ""
    source: str = "Content Metrics"

    def document(self) -> dict[str, object]:
        """Times as ISO 8601 in the question's zone."""
        return {
            "title": self.title,
            "view": self.view,
            "question": self.question,
            "filters": list(self.filters),
            "start": moment(self.start, self.timezone),
            "stop": moment(self.stop, self.timezone),
            "window": self.window,
            "timezone": self.timezone,
            "data_as_of": moment(self.data_as_of, self.timezone),
            "newest_record": moment(self.newest, self.timezone)
            if isinstance(self.newest, datetime)
            else self.newest and self.newest.isoformat(),
            **({"remark": self.remark} if self.remark else {}),
            "source": self.source,
        }


@dataclass(frozen=True)
class Table:
    """`frames()` yields pandas frames with every column's `key`: time columns zoned timestamps, int columns int64 or
    Int64, float columns float64 (NaN: missing), text columns str (None or NaN: missing). It may be called once.

    `lines`, where the source has it, yields the same rows spelled as text much faster.
    `rows` is how many there will be, if that was asked for beforehand. `exact` is the
    unit that times are written to.
    """

    name: str
    """Of the file, without extension."""
    columns: tuple[Column, ...]
    facts: Facts
    frames: Callable[[], Iterator[pd.DataFrame]]
    lines: Callable[[Spelling], Iterator[Lines]] | None = None
    rows: int | None = None
    count: Callable[[], int] | None = None
    """Asks for the number of rows; only where a format needs it."""
    exact: Exactness = "s"
    why_empty: Callable[[], str] | None = None
    """Asks why there are no rows; only when a file has none."""
    proofs: list[dict[str, object]] = field(default_factory=list, compare=False)
    """The proof that was written, when the file is finished."""

    @property
    def kinds(self) -> dict[str, Kind]:
        return {column.key: column.kind for column in self.columns}

    @property
    def units(self) -> dict[str, str]:
        """By the column's name in the file."""
        return {column.name: column.unit for column in self.columns if column.unit}


def for_spreadsheets(table: Table) -> Table:
    """The same with moments that are stored as texts as times, too: spreadsheets take them for texts otherwise."""
    named = [column.key for column in table.columns if column.moment]
    if not named:
        return table

    def frames() -> Iterator[pd.DataFrame]:
        for frame in table.frames():
            dates = {dates_of(key): _dates(frame[key]) for key in named}
            yield frame.assign(**{key: _moments(frame[key]) for key in named}, **dates)

    columns = tuple(replace(column, kind="time") if column.moment else column for column in table.columns)
    return replace(table, columns=columns, frames=frames, lines=None)


def _moments(texts: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_datetime(texts.astype(object), utc=True, format="ISO8601", errors="coerce")


def _dates(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Which of them are dates, see `metricstore.spelling.dates_in`."""
    dated = texts.str.len() == len("2026-11-10")
    stored = pd.to_datetime(texts.where(dated).astype(object), format="ISO8601", errors="coerce")
    return pd.Series(
        pd.arrays.IntegerArray(stored.astype("M8[ns]").astype("int64").to_numpy(), stored.isna().to_numpy())
    )


def spreadsheet_names(table: Table) -> list[str]:
    """Headings where cells know no time zone: a time is what the zone's clocks showed, its offset stands beside it."""
    names: list[str] = []
    for column in table.columns:
        if column.kind == "time":
            names += [f"{column.name} [{table.facts.timezone}]", f"{column.name}_utc_offset"]
        else:
            names.append(column.name)
    return names


@dataclass
class Tally:
    """Counts and adds up what goes into a file."""

    columns: tuple[Column, ...]
    rows: int = 0
    sums: dict[str, ExactSum] = field(init=False)

    def __post_init__(self) -> None:
        self.sums = {
            column.key: ExactSum(whole=column.kind == "int")
            for column in self.columns
            if column.kind in ("int", "float")
        }

    def add(self, frame: pd.DataFrame) -> None:
        """Rows of a frame."""
        kinds = {column.key: column.kind for column in self.columns}
        self.add_numbers(len(frame), {key: numeric(frame[key], kinds[key]) for key in self.sums})

    def add_numbers(self, rows: int, numbers: Mapping[str, npt.NDArray[Any]]) -> None:
        """`rows` rows whose numeric columns hold `numbers`."""
        self.rows += rows
        for key, total in self.sums.items():
            total.add(numbers[key])

    def named_sums(self) -> dict[str, int | float | None]:
        """By the column's name in the file."""
        return {column.name: self.sums[column.key].value for column in self.columns if column.key in self.sums}


def proof(table: Table, tally: Tally, sha256: str | None = None, **more: object) -> dict[str, object]:
    """What stands at the end of a file. `sha256` is that of everything before it, where the format allows to say so."""
    document: dict[str, object] = {
        "complete": True,
        **table.facts.document(),
        "units": table.units,
        **more,
        "rows": tally.rows,
        "sums": tally.named_sums(),
        **({"empty": table.why_empty()} if table.why_empty is not None and not tally.rows else {}),
        **({"sha256": sha256} if sha256 is not None else {}),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    table.proofs[:] = [document]
    return document


def told(document: dict[str, object]) -> bytes:
    """A proof as JSON. Its sums may be larger than 64 bits."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


class Hashed:
    """Remembers the hash of every byte that passed."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def __call__(self, data: bytes) -> bytes:
        self._hash.update(data)
        return data

    def hex(self) -> str:
        return self._hash.hexdigest()
