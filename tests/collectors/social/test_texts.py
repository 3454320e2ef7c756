"""How a post's text begins, as it is kept."""

from __future__ import annotations

import pytest

from collectors.social.texts import EXCERPT, excerpt


def test_a_short_text_is_kept_on_one_line() -> None:
    assert excerpt("  Launch day!\n\nWe\tare live \u2028 now ") == "Launch day! We are live now"
    assert excerpt("") == ""


def test_a_long_text_is_cut() -> None:
    found = excerpt("word " * 200)
    assert len(found) == EXCERPT + 1
    assert found.endswith("…")


@pytest.mark.parametrize("length", [20, 120, 600, 5_000])
@pytest.mark.parametrize("before", ["", "Soon: " * 15, "Soon: " * 90])
@pytest.mark.parametrize(
    "secret",
    [
        '{{"access_token": "{}", "a": 1}}',
        "password={} and more",
        "https://ann:{}@example.com/path",
        "Authorization: Bearer {}",
    ],
)
def test_no_part_of_a_secret_is_kept_however_long_it_is(secret: str, before: str, length: int) -> None:
    hidden = ("aB3x" * length)[:length]
    assert "aB3xaB3x" not in excerpt(before + secret.format(hidden))


def test_half_a_pair_of_surrogates_is_kept_as_the_store_keeps_it() -> None:
    """Otherwise the post would look changed at each reading."""
    assert excerpt("Hello \ud83d world") == "Hello \ufffd world"
