"""One part of a document that no parser takes costs that part alone."""

from __future__ import annotations

import json
import math
from decimal import Decimal

import pytest

from collectors.json_text import DEEPEST, TOO_DEEP, loads, shallow

DEEP = ("[" * 50_000 + "]" * 50_000, '{"a":' * 50_000 + "1" + "}" * 50_000, '[{"a":' * 9_000 + "0" + "}]" * 9_000)


@pytest.mark.parametrize("deep", DEEP, ids=("lists", "objects", "both"))
def test_what_is_nested_too_deeply_is_replaced_and_its_neighbours_are_kept(deep: str) -> None:
    found = loads(f'{{"items": [{{"n": 1}}, {{"n": {deep}}}, {{"n": "[{{"}}], "end": true}}')
    assert (found["items"][0], found["items"][2], found["end"]) == ({"n": 1}, {"n": "[{"}, True)
    value, levels = found["items"][1]["n"], 3
    while not isinstance(value, str):
        value, levels = (value[0] if isinstance(value, list) else value["a"]), levels + 1
    assert (value, levels) == (TOO_DEEP, DEEPEST)


def test_numbers_of_thousands_of_digits_are_infinite_and_others_exact() -> None:
    found = loads(
        b'{"a": ' + b"9" * 5_000 + b', "b": -' + b"9" * 5_000 + b', "c": 12345678901234567890, "d": 0.1}',
        parse_float=Decimal,
    )
    assert found == {"a": math.inf, "b": -math.inf, "c": 12345678901234567890, "d": Decimal("0.1")}


def test_what_is_no_number_is_kept_or_left_out_as_asked() -> None:
    assert math.isnan(loads("[NaN]")[0])
    assert loads("[NaN, Infinity, -Infinity, 1]", keep_nan=False) == [None, None, None, 1]


@pytest.mark.parametrize("text", ['{"a": 1', "", "[1,]", '{"a": ' + "[" * 3_000, "[" * 3_000 + "]" * 2_000])
def test_what_is_not_json_stays_an_error(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        loads(text)
    with pytest.raises(UnicodeDecodeError):
        loads(b'["\xff"]')


def test_line_numbers_and_texts_with_brackets_and_quotes_are_kept() -> None:
    deep = "[\n" * 300 + "]\n" * 300
    text = '{"a": "\\"[[{", \n"b": ' + deep + ',\n"c": 1}'
    assert shallow(text).count("\n") == text.count("\n")
    assert loads(text)["c"] == 1
    assert shallow('{"a": [1, "x"]}') == '{"a": [1, "x"]}'
