"""From a bill's text to its lines. Pure.

CSV with a heading, separated by commas, semicolons or tabs: exports of OpenAI, Anthropic and LiteLLM, or any table that
has a day, an amount in US dollars and perhaps a model. Amounts are exact; a day is a day in UTC.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

MOST_BYTES = 400_000
MOST_LINES = 20_000
_EARLIEST, _LATEST = 2000, 2200
_DAYS = (
    "usage_date_utc",
    "usage_date",
    "date",
    "day",
    "start_time_iso",
    "start_time",
    "starttime",
    "start_date",
    "start",
    "timestamp",
    "time",
    "created_at",
)
_MODELS = ("model", "model_name", "line_item", "model_id", "sku", "product", "description")
_AMOUNTS = ("cost_usd", "amount_usd", "amount_value", "amount", "cost", "spend", "total_cost", "total", "price", "usd")
_CURRENCIES = ("amount_currency", "currency")
_WITHOUT = "not given"
_DATED = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8})$")


class BillError(ValueError):
    """Why a bill can't be read; names the line and what stands there."""


@dataclass(frozen=True)
class BillLine:
    day: date
    model: str
    """As everybody's lines are matched by: small letters, without the date of its version."""
    amount: Decimal
    line: int


def plain_model(name: str) -> str:
    """`GPT-4o-2024-08-06, input` and `gpt-4o` are one model: what comes after a comma or as a version's date counts for nothing."""
    return _DATED.sub("", name.partition(",")[0].strip().lower()) or _WITHOUT


def read_bill(text: str) -> list[BillLine]:
    """Every line that bills something. BillError names the first line that is not understood."""
    if len(text.encode()) > MOST_BYTES:
        raise BillError(f"the bill is larger than {MOST_BYTES // 1000} kB; give one month at a time")
    text = text.removeprefix("\ufeff").strip("\r\n")
    if not text.strip():
        raise BillError("there is no bill yet; paste it or choose a file")
    heading = text.splitlines()[0]
    separator = max(",;\t", key=heading.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        heads = [_name(head) for head in next(rows)]
        places = _places(heads)
        return _lines(rows, places, comma=separator == ";")
    except csv.Error as error:
        raise BillError(f"line {rows.line_num}: {error}") from None


@dataclass(frozen=True)
class _Places:
    day: int
    amount: int
    model: int | None
    currency: int | None

    @property
    def most(self) -> int:
        return max(self.day, self.amount, self.model or 0)


def _name(head: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", head.strip().lower()).strip("_")


def _places(heads: list[str]) -> _Places:
    def place(known: tuple[str, ...]) -> int | None:
        return next((heads.index(name) for name in known if name in heads), None)

    day, amount = place(_DAYS), place(_AMOUNTS)
    if day is None or amount is None:
        wanted = "a day (such as `date`)" if day is None else "an amount (such as `cost_usd`)"
        raise BillError(f"line 1: no column holds {wanted}; there are {', '.join(heads) or 'none'}")
    return _Places(day, amount, place(_MODELS), place(_CURRENCIES))


def _lines(rows: object, places: _Places, *, comma: bool) -> list[BillLine]:
    found: list[BillLine] = []
    for row in rows:  # type: ignore[attr-defined]
        number = rows.line_num  # type: ignore[attr-defined]
        if not any(cell.strip() for cell in row):
            continue
        if len(found) >= MOST_LINES:
            raise BillError(f"line {number}: the bill has more than {MOST_LINES:,} lines; give one month at a time")
        if len(row) <= places.most:
            raise BillError(f"line {number}: {len(row)} cells, and the heading has at least {places.most + 1}")
        if not row[places.day].strip():  # a line of totals
            continue
        if (
            places.currency is not None
            and len(row) > places.currency
            and row[places.currency].strip().lower() not in ("usd", "")
        ):
            raise BillError(f"line {number}: {row[places.currency]!r} isn't in US dollars; costs here are in USD")
        model = row[places.model] if places.model is not None else ""
        amount = _amount(row[places.amount], number, comma=comma)
        if amount is not None:
            found.append(BillLine(_day(row[places.day], number), plain_model(model), amount, number))
    if not found:
        raise BillError("the bill has no line that bills anything")
    return found


def _day(text: str, line: int) -> date:
    """A date, a moment (with an offset or in UTC), or seconds since 1970."""
    plain = text.strip()
    try:
        found = _moment(plain)
    except (ValueError, OverflowError):
        raise BillError(f"line {line}: {plain[:40]!r} isn't a day; write it like 2026-11-23") from None
    if not _EARLIEST <= found.year <= _LATEST:
        raise BillError(f"line {line}: {plain[:40]!r} is not between the years {_EARLIEST} and {_LATEST}")
    return found


def _moment(plain: str) -> date:
    if re.fullmatch(r"\d{9,10}(\.\d+)?", plain):
        return datetime.fromtimestamp(float(plain), UTC).date()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", plain):
        return date.fromisoformat(plain)
    moment = datetime.fromisoformat(plain.replace(" UTC", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()


def _amount(text: str, line: int, *, comma: bool) -> Decimal | None:
    """None for an empty cell."""
    plain = text.strip().removeprefix("$").removesuffix("USD").strip().replace("\u00a0", "").replace(" ", "")
    if not plain:
        return None
    if comma and re.fullmatch(r"-?[\d.]*,\d+", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) > 10**9:
        raise BillError(f"line {line}: {text.strip()[:40]!r} isn't an amount in US dollars")
    return found
