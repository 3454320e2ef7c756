"""Each day and model of either side exactly once, and no amount lost on the way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.bills.matching import Recorded, Reported, compared
from dashapp.bills.reading import BillLine

DAY = date(2026, 11, 3)


def billed(amount: str, model: str = "m", line: int = 2) -> BillLine:
    return BillLine(DAY, model, Decimal(amount), line)


def known(amount: str, calls: int = 5, unpriced: int = 0, model: str = "m") -> Recorded:
    return Recorded(DAY, model, Decimal(amount), calls, unpriced)


@pytest.mark.parametrize(
    ("bill", "ledger", "verdict", "why"),
    [
        ([billed("1.00")], [known("1.009")], "agrees", ""),
        ([billed("100")], [known("99.1")], "agrees", ""),
        ([billed("2.00")], [known("1.00")], "differs", "calls were not recorded, or at a lower price"),
        ([billed("1.00")], [known("2.00")], "differs", "recorded at a higher price than billed"),
        ([billed("2.00")], [known("1.00", 5, 2)], "differs", "2 of 5 calls here have no known price"),
        ([billed("2.00")], [known("0", 5, 5)], "only billed", "5 of 5 calls here have no known price"),
        ([billed("2.00")], [], "only billed", "no call was recorded here on that day"),
        ([], [known("0.50")], "only recorded", "the bill does not name it"),
        ([], [known("0")], "agrees", ""),
        ([billed("0.4"), billed("0.6", line=3)], [known("0.7", model="M-20260101"), known("0.3")], "agrees", ""),
    ],
)
def test_verdicts_say_what_explains_them(bill: list[BillLine], ledger: list[Recorded], verdict: str, why: str) -> None:
    (row,) = compared(bill, ledger)
    assert (row.verdict, row.why) == (verdict, why)
    assert row.lines == tuple(line.line for line in bill)


@pytest.mark.parametrize(
    ("bill", "report", "said", "verdict"),
    [
        ([billed("2.00")], [Reported(DAY, "m-2026-01-01", Decimal("2.004"))], "agrees", "differs"),
        (
            [billed("2.00")],
            [Reported(DAY, "m", Decimal("1.5")), Reported(DAY, "m", Decimal("0.5"))],
            "agrees",
            "differs",
        ),
        ([billed("2.00")], [Reported(DAY, "m", Decimal("1.00"))], "differs", "differs"),
        ([billed("2.00")], [], "not reported", "differs"),
        ([billed("2.00")], [Reported(DAY, "m", None, 3)], "not reported", "differs"),
        ([], [Reported(DAY, "m", Decimal("1.00"))], "not billed", "only recorded"),
        ([], [], "", "only recorded"),
    ],
)
def test_what_the_provider_reports_is_held_beside_what_it_bills(
    bill: list[BillLine], report: list[Reported], said: str, verdict: str
) -> None:
    (row,) = compared(bill, [known("1.00")], report)
    assert (row.report_verdict, row.verdict) == (said, verdict)
    assert ("own report says what the bill says" in row.why) == (said == "agrees")


def test_calls_without_a_price_that_nobody_bills_are_only_recorded() -> None:
    (row,) = compared([], [known("0", 5, 5)])
    assert (row.verdict, row.recorded, row.report_verdict) == ("only recorded", None, "")


def test_what_is_only_reported_is_a_line_of_its_own() -> None:
    rows = {row.model: row for row in compared([billed("1")], [known("1")], [Reported(DAY, "n", Decimal(4))])}
    assert (rows["n"].verdict, rows["n"].report_verdict, rows["n"].reported) == (
        "only reported",
        "not billed",
        Decimal(4),
    )
    assert (rows["m"].verdict, rows["m"].report_verdict) == ("agrees", "not reported")


_MODELS, _AMOUNTS = st.sampled_from("abc"), st.decimals(0, 100, places=4)
_LINES = st.builds(BillLine, st.dates(date(2026, 11, 1), date(2026, 11, 4)), _MODELS, _AMOUNTS, st.integers(2, 99))
_KNOWN = st.builds(
    Recorded, st.dates(date(2026, 11, 1), date(2026, 11, 4)), _MODELS, _AMOUNTS, st.integers(1, 9), st.just(0)
)


@given(st.lists(_LINES), st.lists(_KNOWN))
def test_everything_is_compared_exactly_once(bill: list[BillLine], ledger: list[Recorded]) -> None:
    rows = compared(bill, ledger)
    assert len({(row.day, row.model) for row in rows}) == len(rows)
    assert sum((row.billed or Decimal(0) for row in rows), Decimal(0)) == sum(
        (line.amount for line in bill), Decimal(0)
    )
    assert sum((row.recorded or Decimal(0) for row in rows), Decimal(0)) == sum(
        (one.amount for one in ledger), Decimal(0)
    )
    assert sum(len(row.lines) for row in rows) == len(bill)
