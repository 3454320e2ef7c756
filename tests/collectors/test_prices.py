"""What an AI call costs by the table of prices: exact, dated, and silent about what it does not know."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.prices import PriceError, Tokens, load_prices, nano_usd

NOW = datetime(2026, 10, 5, tzinfo=UTC)


def usd(provider: str, model: str, tokens: Tokens, moment: datetime = NOW, own: Path | None = None) -> Decimal | None:
    price = load_prices(own).find(provider, model, moment)
    return None if price is None else price.usd(tokens)


def test_cached_tokens_have_their_own_price() -> None:
    assert usd("zai", "glm-4.5-air", Tokens(1_000_000, 0)) == Decimal("0.20")
    assert usd("zai", "glm-4.5-air", Tokens(1_000_000, 0, cached=1_000_000)) == Decimal("0.03")
    assert usd("anthropic", "claude-sonnet-4-5", Tokens(100, 0, cache_written=100)) == Decimal("0.000375")


def test_a_call_beyond_a_tier_costs_the_higher_price_and_a_sum_of_calls_none() -> None:
    table = load_prices()
    price = table.find("anthropic", "claude-sonnet-4-5", NOW)
    assert price is not None
    assert price.usd(Tokens(1_000_000, 0)) == Decimal("6")
    assert 100 * price.usd(Tokens(10_000, 0)) == Decimal("3")
    assert table.cost_of_bucket("anthropic", "claude-sonnet-4-5", NOW, Tokens(1_000_000, 0)) is None
    assert table.cost_of_bucket("zai", "glm-4.5-flash", NOW, Tokens(10, 10)) is not None


@pytest.mark.parametrize("model", ["gpt-4o-mini-2024-07-18", "GPT-4o-mini", "openai/gpt-4o-mini"])
def test_a_model_is_known_by_its_dated_name_too(model: str) -> None:
    assert usd("openai", model, Tokens(1_000_000, 0)) == Decimal("0.15")


@pytest.mark.parametrize(("provider", "model"), [("zhipuai", "glm-4.5-air"), ("zai", "glm-9"), ("", "")])
def test_what_is_not_listed_has_no_price(provider: str, model: str) -> None:
    assert usd(provider, model, Tokens(1, 1)) is None


def test_a_price_holds_from_its_day_on_and_the_own_file_goes_first(tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(
        '[[price]]\nprovider = "zai"\nmodel = "glm-4.5-air"\nfrom = 2026-01-01\ninput = 1\noutput = "2"\n'
        '[[price]]\nprovider = "zai"\nmodel = "glm-4.5-air"\nfrom = 2026-06-01\ninput = 3\noutput = "2"\n'
    )
    one = Tokens(1_000_000, 0)
    assert usd("zai", "glm-4.5-air", one, datetime(2026, 5, 31, 23, 59, tzinfo=UTC), own) == 1
    assert usd("zai", "glm-4.5-air", one, datetime(2026, 6, 1, tzinfo=UTC), own) == 3
    assert usd("zai", "glm-4.5-air", one, datetime(2025, 12, 31, tzinfo=UTC), own) == Decimal("0.20")
    assert usd("zai", "glm-4.5-air", one, datetime(2025, 1, 1, tzinfo=UTC), own) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[price]]\nprovider = a b\n", "line 2"),
        ('[[price]]\nprovider = "a"\nmodel = "b"\nfrom = 2026-01-01\ninput = 1\n', "price 1: output is missing"),
        ('[[price]]\nprovider = "a"\nmodel = "b"\nfrom = 2026-01-01\ninput = -1\noutput = 1\n', "input is -1"),
        ('[[price]]\nprovider = "a"\nmodel = "b"\nfrom = "soon"\ninput = 1\noutput = 1\n', "from must be a day"),
        (
            '[[price]]\nprovider = "a"\nmodel = "b"\nfrom = 2026-01-01\ninput = 1\noutput = 1\ncached = 1\n',
            "'cached' means",
        ),
        ('[[price]]\nmodel = "b"\nfrom = 2026-01-01\ninput = 1\noutput = 1\n', "provider must be a name"),
        ("[prices]\n", "nothing else"),
        ('[[price]]\nprovider = "a"\nmodel = "b"\nfrom = 2026-01-01\ninput = true\noutput = 1\n', "input is True"),
    ],
)
def test_a_table_that_cannot_be_used_says_where_and_why(tmp_path: Path, text: str, reason: str) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(text)
    with pytest.raises(PriceError, match=reason) as told:
        load_prices(own)
    assert str(own) in str(told.value)


def test_a_missing_table_says_so(tmp_path: Path) -> None:
    with pytest.raises(PriceError, match="can't be read"):
        load_prices(tmp_path / "absent.toml")


@given(st.decimals(0, 1000, places=12))
def test_stored_money_is_within_half_a_billionth_of_a_dollar(dollars: Decimal) -> None:
    assert abs(Decimal(nano_usd(dollars)) / 10**9 - dollars) <= Decimal("0.0000000005")


def test_more_money_than_can_be_stored_is_refused() -> None:
    with pytest.raises(OverflowError):
        nano_usd(Decimal(10) ** 12)
