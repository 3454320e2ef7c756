"""A bill's lines beside what was recorded, by day and model. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from dashapp.bills.reading import BillLine, plain_model

Verdict = Literal["agrees", "differs", "only billed", "only recorded"]
CENT = Decimal("0.01")
SHARE = Decimal("0.01")
"""What differs by at most a cent or one per cent agrees: providers round."""


@dataclass(frozen=True)
class Recorded:
    """What we know of one day and model. `unpriced` calls are not in `amount`."""

    day: date
    model: str
    amount: Decimal
    calls: int
    unpriced: int


@dataclass(frozen=True)
class Compared:
    """One day and model. `lines` are those of the bill that were added up."""

    day: date
    model: str
    billed: Decimal | None
    recorded: Decimal | None
    calls: int
    unpriced: int
    lines: tuple[int, ...]

    @property
    def difference(self) -> Decimal:
        return (self.billed or Decimal(0)) - (self.recorded or Decimal(0))

    @property
    def verdict(self) -> Verdict:
        if self.recorded is None:
            return "only billed"
        if self.billed is None:  # what cost nothing is on no bill
            return "only recorded" if self.recorded else "agrees"
        allowed = max(CENT, SHARE * max(abs(self.billed), abs(self.recorded)))
        return "agrees" if abs(self.difference) <= allowed else "differs"

    @property
    def why(self) -> str:
        """What explains it, as far as anything here does."""
        if self.verdict == "agrees":
            return ""
        if self.unpriced and self.difference > 0:
            return f"{self.unpriced:,} of {self.calls:,} calls here have no known price"
        if self.verdict == "only billed":
            return "no call was recorded here on that day" if not self.calls else ""
        if self.verdict == "only recorded":
            return "the bill does not name it"
        return (
            "calls were not recorded, or at a lower price"
            if self.difference > 0
            else "recorded at a higher price than billed"
        )


def compared(bill: Iterable[BillLine], ledger: Iterable[Recorded]) -> list[Compared]:
    """Every day and model of either side exactly once, newest first, the largest difference of a day first."""
    billed: dict[tuple[date, str], list[BillLine]] = defaultdict(list)
    for line in bill:
        billed[line.day, line.model].append(line)
    known: dict[tuple[date, str], list[Recorded]] = defaultdict(list)
    for one in ledger:
        known[one.day, plain_model(one.model)].append(one)
    rows = [_row(key, billed.get(key, []), known.get(key, [])) for key in billed.keys() | known.keys()]
    return sorted(rows, key=lambda row: (-row.day.toordinal(), -abs(row.difference), row.model))


def _row(key: tuple[date, str], lines: list[BillLine], known: list[Recorded]) -> Compared:
    calls, unpriced = sum(one.calls for one in known), sum(one.unpriced for one in known)
    priced = [one.amount for one in known if one.calls > one.unpriced or one.amount]
    return Compared(
        *key, sum((line.amount for line in lines), Decimal(0)) if lines else None,
        sum(priced, Decimal(0)) if priced else None, calls, unpriced, tuple(line.line for line in lines),
    )  # fmt: skip
