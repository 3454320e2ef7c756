"""Bills as providers write them, and what is said of those nobody can read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.bills.reading import BillError, BillLine, plain_model, read_bill

DAY = date(2026, 11, 3)


@pytest.mark.parametrize(
    "text",
    [
        "date,model,cost_usd\n2026-11-03,glm-4.5-air,0.42\n",
        "\ufeffDate;Model;Amount (USD)\n2026-11-03;GLM-4.5-Air;0,42\n".replace("Amount (USD)", "Amount_USD"),
        "start_time\tline_item\tamount_value\tamount_currency\n1793664000\tglm-4.5-air, input\t0.42\tusd\n",
        "usage_date_utc,model,workspace,token_type,cost_usd\n2026-11-03,glm-4.5-air-20260101,main,output,$0.42\n",
        "startTime,spend,model\n2026-11-03T23:59:59+00:00,0.42,glm-4.5-air-2026-01-01\n\n,,\n",
        'date,model,cost\n"2026-11-03","glm-4.5-air","0.42"\n,total,0.42\n',
    ],
)
def test_exports_of_providers_are_understood_by_their_heading(text: str) -> None:
    (line,) = read_bill(text)
    assert (line.day, line.model, line.amount) == (DAY, "glm-4.5-air", Decimal("0.42"))


def test_a_moment_counts_on_its_day_in_utc_and_thousands_are_thousands() -> None:
    text = 'time,cost\n2026-11-04T00:30:00+01:00,"1,234.50"\n'
    assert read_bill(text) == [BillLine(DAY, "not given", Decimal("1234.50"), 2)]


def test_amounts_are_exact() -> None:
    lines = read_bill("date,cost\n" + "2026-11-03,0.1\n" * 3)
    assert sum(line.amount for line in lines) == Decimal("0.3")
    assert read_bill("date,cost\n2026-11-03,4.2e-07\n")[0].amount == Decimal("0.00000042")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no bill"),
        ("model,cost\nx,1\n", "line 1: no column holds a day"),
        ("date,model\n2026-11-03,x\n", "line 1: no column holds an amount"),
        ("date,cost\n2026-11-03,1\n2026-13-03,1\n", "line 3: '2026-13-03' isn't a day"),
        ("date,cost\n2026-11-03,1\nyesterday,1\n", "line 3: 'yesterday' isn't a day"),
        ("date,cost\n9999-12-31,1\n", "line 2: '9999-12-31' is not between the years 2000 and 2200"),
        ("date,cost\n0001-01-01,1\n", "line 2: '0001-01-01' is not between the years 2000 and 2200"),
        ("date,cost\n2026-11-03,free\n", "line 2: 'free' isn't an amount"),
        ("date,cost\n2026-11-03,NaN\n", "line 2: 'NaN' isn't an amount"),
        ("date,cost\n2026-11-03,1e99\n", "line 2: '1e99' isn't an amount"),
        ("date,cost,currency\n2026-11-03,1,EUR\n", "line 2: 'EUR' isn't in US dollars"),
        ("date,model,cost\n2026-11-03,x\n", "line 2: 2 cells, and the heading has at least 3"),
        ("date,cost\n,5\n", "no line that bills anything"),
        ("date,cost\n" + "2026-11-03,1\n" * 20_001, "line 20002: the bill has more than 20,000 lines"),
        ("date,cost\n" + "x" * 400_000, "larger than 400 kB"),
    ],
)
def test_a_bill_nobody_can_read_names_the_line_and_the_reason(text: str, said: str) -> None:
    with pytest.raises(BillError, match=said):
        read_bill(text)


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    for bill in (text, f"date,model,cost\n{text}", f"date,model,cost\n2026-11-03,{text},1"):
        try:
            assert all(isinstance(line, BillLine) for line in read_bill(bill))
        except BillError as error:
            assert str(error)


def test_a_version_is_no_model_of_its_own() -> None:
    assert plain_model("gpt-4o-2024-08-06, cached input") == plain_model(" GPT-4o ") == "gpt-4o"
    assert plain_model("") == "not given"
