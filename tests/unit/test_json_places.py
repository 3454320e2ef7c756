"""One part of a document that no parser takes costs that part alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from collectors.base import TemporaryFailure
from collectors.http.answer import Answer
from collectors.json_places import NotJson, Unreadable, document

DEEP = ("[" * 50_000 + "]" * 50_000, '{"a":' * 50_000 + "1" + "}" * 50_000, '[{"a":' * 9_000 + "0" + "}]" * 9_000)


def answer(body: bytes, *, exact: bool = False) -> Answer:
    return Answer("Service", 200, {"content-type": "application/json"}, body, exact)


@pytest.mark.parametrize("deep", DEEP, ids=("lists", "objects", "both"))
def test_what_is_nested_too_deeply_is_left_out_and_its_neighbours_are_kept(deep: str) -> None:
    text = f'{{"data": {{"items": [{{"n": 1}}, {{"n": {deep}, "m": "\\"[{{"}}, {{"n": "[{{"}}], "end": true}}}}'
    for found in (document(text).value, answer(text.encode()).json()):
        value = found["data"]["items"][1].pop("n")
        while isinstance(value, list | dict):
            value = value[0] if isinstance(value, list) else value["a"]
        assert value == Unreadable("is nested too deeply to be read")
        assert found == {"data": {"items": [{"n": 1}, {"m": '"[{'}, {"n": "[{"}], "end": True}}


def test_numbers_of_thousands_of_digits_are_left_out_and_others_exact() -> None:
    found = answer(b'{"a": ' + b"9" * 5_000 + b', "b": 12345678901234567890, "c": 0.1}', exact=True).json()
    assert found == {"a": Unreadable("isn't a number that can be read"), "b": 12345678901234567890, "c": Decimal("0.1")}


def test_what_is_no_number_is_left_out_of_answers() -> None:
    assert answer(b"[NaN, Infinity, -Infinity, 1]").json() == [None, None, None, 1]


@pytest.mark.parametrize("text", ['{"a": 1', "", "[1,]", '{"a": ' + "[" * 3_000, "[" * 3_000 + "]" * 2_000, '[1, "x]'])
def test_what_is_not_json_stays_an_error(text: str) -> None:
    with pytest.raises(NotJson):
        document(text)
    with pytest.raises(TemporaryFailure):
        answer(text.encode()).json()
    assert answer(text.encode()).lenient is None


def test_answers_in_any_unicode_are_read_and_broken_ones_said() -> None:
    assert answer('\ufeff{"a": "é"}'.encode()).json() == answer('{"a": "é"}'.encode("utf-16")).json() == {"a": "é"}
    with pytest.raises(TemporaryFailure, match="isn't JSON"):
        answer(b'["\xff"]').json()
