"""Whatever a record holds, it costs itself alone."""

from __future__ import annotations

import pytest

from collectors.base import DeadLetter, TemporaryFailure
from collectors.isolation import Place, isolated
from metricstore.errors import StoreUnreachable

PLACE = Place("a.json", 7, 5, "{" * 1000)


def deep() -> None:
    deep()


@pytest.mark.parametrize(
    "failure", [ValueError("bad"), KeyError("text"), AttributeError("a list"), OverflowError("large")]
)
def test_a_record_that_cannot_be_handled_becomes_a_dead_letter_and_the_next_is_handled(failure: Exception) -> None:
    letters: list[DeadLetter] = []
    handled = []
    for number in range(3):
        with isolated(letters, PLACE):
            if number == 1:
                raise failure
            handled.append(number)
    assert handled == [0, 2]
    (letter,) = letters
    assert (letter.file, letter.line, letter.time) == ("a.json", 7, 5)
    assert type(failure).__name__ in letter.reason
    assert len(letter.excerpt) == 500


def test_deep_nesting_is_named_for_what_it_is() -> None:
    letters: list[DeadLetter] = []
    with isolated(letters, PLACE):
        deep()
    assert letters[0].reason == "nested too deeply to be read"


@pytest.mark.parametrize(
    "failure", [StoreUnreachable("away"), TemporaryFailure("503"), OSError("disk full"), MemoryError()]
)
def test_failures_that_are_not_the_records_end_the_run(failure: Exception) -> None:
    letters: list[DeadLetter] = []
    with pytest.raises(type(failure)), isolated(letters, PLACE):
        raise failure
    assert letters == []


def test_secrets_in_a_record_stay_out_of_its_dead_letter() -> None:
    letters: list[DeadLetter] = []
    with isolated(letters, Place("app.log", 1, 0, "Authorization: Bearer sk-abcdefghijklmnopqrstuvwxyz123456")):
        raise ValueError("sk-abcdefghijklmnopqrstuvwxyz123456")
    assert "abcdefghijklmnop" not in letters[0].reason + letters[0].excerpt
