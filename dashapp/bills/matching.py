"""A bill's lines beside what was recorded and what the provider's own report tells, by day and model. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from dashapp.bills.reading import BillLine, plain_model
from metricstore.quantities import quantity

Verdict = Literal["agrees", "differs", "only billed", "only recorded", "only reported"]
ReportVerdict = Literal["", "agrees", "differs", "not reported", "not billed"]
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
class Reported:
    """What a provider's own report tells of one day and model. `unknown` lines are not in `amount`, None without any other."""

    day: date
    model: str
    amount: Decimal | None
    unknown: int = 0


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
    reported: Decimal | None = None
    unknown: int = 0
    """Lines of the report without an amount."""

    @property
    def difference(self) -> Decimal:
        return (self.billed or Decimal(0)) - (self.recorded or Decimal(0))

    @property
    def verdict(self) -> Verdict:
        if self.recorded is None:
            if self.billed is not None:
                return "only billed"
            return "only reported" if self.reported is not None or not self.calls else "only recorded"
        if self.billed is None:  # what cost nothing is on no bill
            return "only recorded" if self.recorded else "agrees"
        return "agrees" if _alike(self.billed, self.recorded) else "differs"

    @property
    def report_verdict(self) -> ReportVerdict:
        """What the provider bills beside what it reports; "" where it does neither."""
        if self.billed is None:
            return "not billed" if self.reported else ""
        if self.reported is None:
            return "not reported"
        return "agrees" if _alike(self.billed, self.reported) else "differs"

    @property
    def why(self) -> str:
        """What explains it, as far as anything here does."""
        if self.verdict in ("agrees", "only reported"):
            return ""
        confirmed = "the provider's own report says what the bill says" if self.report_verdict == "agrees" else ""
        return "; ".join(filter(None, (self._explained(), confirmed)))

    def _explained(self) -> str:
        if self.unpriced and self.difference > 0:
            return f"{self.unpriced:,} of {quantity(self.calls, 'calls')} here {'has' if self.unpriced == 1 else 'have'} no known price"
        if self.verdict == "only billed":
            return "no call was recorded here on that day" if not self.calls else ""
        if self.verdict == "only recorded":
            return "the bill does not name it"
        return (
            "calls were not recorded, or at a lower price"
            if self.difference > 0
            else "recorded at a higher price than billed"
        )


def _alike(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= max(CENT, SHARE * max(abs(one), abs(other)))


def compared(
    bill: Iterable[BillLine], ledger: Iterable[Recorded], reports: Iterable[Reported] = ()
) -> list[Compared]:  # fmt: skip
    """Every day and model of any side exactly once, newest first, the largest difference of a day first."""
    billed: dict[tuple[date, str], list[BillLine]] = defaultdict(list)
    for line in bill:
        billed[line.day, line.model].append(line)
    known: dict[tuple[date, str], list[Recorded]] = defaultdict(list)
    for one in ledger:
        known[one.day, plain_model(one.model)].append(one)
    told: dict[tuple[date, str], list[Reported]] = defaultdict(list)
    for report in reports:
        told[report.day, plain_model(report.model)].append(report)
    keys = billed.keys() | known.keys() | told.keys()
    rows = [_row(key, billed.get(key, []), known.get(key, []), told.get(key, [])) for key in keys]
    return sorted(rows, key=lambda row: (-row.day.toordinal(), -abs(row.difference), row.model))


def _row(key: tuple[date, str], lines: list[BillLine], known: list[Recorded], told: list[Reported]) -> Compared:
    calls, unpriced = sum(one.calls for one in known), sum(one.unpriced for one in known)
    priced = [one.amount for one in known if one.calls > one.unpriced or one.amount]
    amounts = [one.amount for one in told if one.amount is not None]
    return Compared(
        *key, sum((line.amount for line in lines), Decimal(0)) if lines else None,
        sum(priced, Decimal(0)) if priced else None, calls, unpriced, tuple(line.line for line in lines),
        sum(amounts, Decimal(0)) if amounts else None, sum(one.unknown for one in told),
    )  # fmt: skip
