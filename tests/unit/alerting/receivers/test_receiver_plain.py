"""Texts are cut and escaped without breaking a character or an escape."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.receivers.bodies.plain import cut, cut_bytes, escaped, length, one_line, quietly

ANY = st.text(st.characters(exclude_categories=[]))


@given(ANY, st.integers(1, 50))
def test_a_cut_text_is_never_longer_than_it_may_be(text: str, most: int) -> None:
    text = one_line(text)
    assert length(cut(text, most)) <= most
    assert len(cut_bytes(text, most + 3).encode()) <= most + 3
    found = escaped(text, escape, most + 6)
    assert length(found) <= most + 6
    assert "&" not in found.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").replace("&quot;", "").replace(
        "&#x27;", ""
    )


@given(ANY)
def test_one_line_is_one_line(text: str) -> None:
    found = one_line(text)
    assert found.splitlines() in ([found], [])
    found.encode()
    assert one_line(found) == found


@pytest.mark.parametrize(
    ("text", "quiet"),
    [("@here", "@\u200bhere"), ("a @all b", "a @\u200ball b"), ("ops@example.org", "ops@example.org"), ("@@x", "@\u200b@\u200bx"), ("", "")],
)  # fmt: skip
def test_nobody_is_called_by_name(text: str, quiet: str) -> None:
    assert quietly(text) == quiet
