"""The price table: read, checked, and asked what a call costs. Exact decimals throughout."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).with_name("prices.toml")
_MILLION, _NANO = Decimal(1_000_000), Decimal(1_000_000_000)
_DATED = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")
_RATES = ("input", "cached_input", "cache_write", "output")
_NAMES = frozenset({"provider", "model", "from", "above", *_RATES})
_LARGEST = 2**63 - 1


class PriceError(Exception):
    """A price table that can't be used; the text names file, entry and reason."""


@dataclass(frozen=True)
class Tokens:
    """Tokens of one call. `input` includes `cached` and `cache_written`, `output` includes reasoning."""

    input: int
    output: int
    cached: int = 0
    cache_written: int = 0


@dataclass(frozen=True)
class Rates:
    """US dollars per million tokens."""

    input: Decimal
    cached_input: Decimal
    cache_write: Decimal
    output: Decimal

    def usd(self, tokens: Tokens) -> Decimal:
        plain = max(0, tokens.input - tokens.cached - tokens.cache_written)
        total = (
            plain * self.input + tokens.cached * self.cached_input
            + tokens.cache_written * self.cache_write + tokens.output * self.output
        )  # fmt: skip
        return total / _MILLION


@dataclass(frozen=True)
class Price:
    """What a model costs from a day on. `above`: (input tokens, rates) of larger calls, ascending."""

    provider: str
    model: str
    valid_from: date
    rates: Rates
    above: tuple[tuple[int, Rates], ...] = ()
    origin: str = ""

    @property
    def tiered(self) -> bool:
        return bool(self.above)

    @property
    def version(self) -> str:
        """Which price it was: stored beside an estimate."""
        return f"{self.origin}:{self.provider}/{self.model}@{self.valid_from}"

    def usd(self, tokens: Tokens) -> Decimal:
        """The cost of one call in US dollars."""
        rates = self.rates
        for limit, higher in self.above:
            if tokens.input > limit:
                rates = higher
        return rates.usd(tokens)


class PriceTable:
    """Prices by provider and model; what comes first in `prices` goes before what comes later."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self._prices: dict[tuple[str, str], list[Price]] = {}
        for price in prices:
            self._prices.setdefault((price.provider.lower(), price.model.lower()), []).append(price)

    def find(self, provider: str, model: str, moment: datetime) -> Price | None:
        """The price that held at `moment`; None when the table knows none."""
        day = moment.astimezone(UTC).date()
        name = model.lower().removeprefix(f"{provider.lower()}/")
        for wanted in (name, _DATED.sub("", name)):
            held = [price for price in self._prices.get((provider.lower(), wanted), ()) if price.valid_from <= day]
            if held:
                own = [price for price in held if price.origin == held[0].origin]
                return max(own, key=lambda price: price.valid_from)
        return None

    def cost_of_bucket(self, provider: str, model: str, moment: datetime, tokens: Tokens) -> tuple[Decimal, str] | None:
        """(US dollars, version) of many calls added up; None where the price depends on each call's size."""
        price = self.find(provider, model, moment)
        return None if price is None or price.tiered else (price.usd(tokens), price.version)


def nano_usd(dollars: Decimal) -> int:
    """Billionths of a dollar, as stored; OverflowError beyond what 64 bits hold."""
    found = int((dollars * _NANO).to_integral_value(ROUND_HALF_EVEN))
    if abs(found) > _LARGEST:
        raise OverflowError(f"{dollars} US dollars are too many")
    return found


def load_prices(own: Path | None = None) -> PriceTable:
    """The shipped table with the user's own file before it; PriceError when one can't be used."""
    prices = list(_read(own, "own")) if own is not None else []
    return PriceTable([*prices, *_read(SHIPPED, "shipped")])


def _read(path: Path, origin: str) -> list[Price]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PriceError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise PriceError(f"{path} isn't text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise PriceError(f"{path}: {error}") from None
    entries = document.get("price", [])
    if not isinstance(entries, list) or set(document) - {"price"}:
        raise PriceError(f"{path}: prices are written as [[price]] entries and nothing else")
    found = []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(replace(_price(entry), origin=origin))
        except ValueError as error:
            raise PriceError(f"{path}: price {number}: {error}") from None
    return found


def _price(entry: Mapping[str, Any]) -> Price:
    if unknown := sorted(set(entry) - _NAMES):
        raise ValueError(f"{unknown[0]!r} means nothing here; known: {', '.join(sorted(_NAMES))}")
    provider, model = _named("provider", entry), _named("model", entry)
    begins = entry.get("from")
    if not isinstance(begins, date) or isinstance(begins, datetime):
        raise ValueError("from must be a day such as 2026-01-31")
    above = []
    for higher in entry.get("above", []):
        limit = higher.get("input_tokens")
        if not isinstance(limit, int) or limit <= 0:
            raise ValueError("above: input_tokens must be a whole number above 0")
        above.append((limit, _rates({name: value for name, value in higher.items() if name != "input_tokens"})))
    above.sort(key=lambda pair: pair[0])
    rates = _rates({name: entry[name] for name in _RATES if name in entry})
    return Price(provider, model, begins, rates, tuple(above))


def _named(name: str, entry: Mapping[str, Any]) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be a name")
    return value.strip()


def _rates(entry: Mapping[str, Any]) -> Rates:
    if unknown := sorted(set(entry) - set(_RATES)):
        raise ValueError(f"{unknown[0]!r} isn't a rate; known: {', '.join(_RATES)}")
    rates = {name: _dollars(name, value) for name, value in entry.items()}
    for name in ("input", "output"):
        if name not in rates:
            raise ValueError(f"{name} is missing")
    usual = rates["input"]
    return Rates(usual, rates.get("cached_input", usual), rates.get("cache_write", usual), rates["output"])


def _dollars(name: str, value: Any) -> Decimal:
    try:
        found = Decimal(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or found < 0:
        raise ValueError(f"{name} is {value!r}, no amount of dollars")
    return found
