"""Any of many words in a text, as plain searching finds them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore.text_search import TextSearch, lowered

TEXTS = st.text(alphabet="abAB -é\u03a3\u03c2\u0130", max_size=12)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(words=st.lists(TEXTS.filter(bool), min_size=1, max_size=30), text=TEXTS)
def test_a_search_for_many_words_finds_what_searching_for_each_does(words: list[str], text: str) -> None:
    assert TextSearch(words).finds(text) == any(lowered(word) in lowered(text) for word in words)


def test_letters_are_lowered_one_by_one() -> None:
    assert lowered("ΟΔΟΣ İST") == "οδοσ ist"
