"""JSON from anybody: a part that no parser takes costs that part, not the document around it.

Python's parser gives up a whole document for one value nested a thousand deep or one whole number of 5,000 digits.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

DEEPEST = 200
"""Levels of nesting that are read."""
TOO_DEEP = "(nested too deeply to be read)"
"""The text that stands for what lies deeper."""
LONGEST_NUMBER = 4_000
"""Digits of a whole number that are read; a longer one is infinite, which no field takes."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


def loads(document: str | bytes, *, parse_float: Callable[[str], Any] = float, keep_nan: bool = True) -> Any:
    """The value a document holds. json.JSONDecodeError and UnicodeDecodeError when it isn't JSON.

    What is nested deeper than `DEEPEST` becomes the text `TOO_DEEP`. `keep_nan`: NaN and Infinity, which JSON does not
    have and Python writes, are numbers; else they are None.
    """
    options: dict[str, Any] = {"parse_float": parse_float}
    if not keep_nan:
        options["parse_constant"] = _nothing
    try:
        return json.loads(document, **options)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except (RecursionError, ValueError):
        text = (
            document if isinstance(document, str) else document.decode(json.detect_encoding(document), "surrogatepass")
        )
        return _loads_shallow(shallow(text), options)


def _loads_shallow(text: str, options: dict[str, Any]) -> Any:
    try:
        return json.loads(text, parse_int=whole, **options)
    except RecursionError:  # brackets that are never closed
        raise json.JSONDecodeError("Nested too deeply and cut off", text, len(text)) from None


def shallow(text: str) -> str:
    """`text` with everything nested deeper than `DEEPEST` replaced; line numbers stay what they were."""
    kept: list[str] = []
    depth = begin = after = 0
    for token in _TOKEN.finditer(text):
        sign = token.group()
        if sign in ("[", "{"):
            depth += 1
            if depth == DEEPEST + 1:
                begin = token.start()
        elif sign in ("]", "}"):
            depth -= 1
            if depth == DEEPEST:
                lines = text.count("\n", begin, token.end())
                kept += [text[after:begin], json.dumps(TOO_DEEP), "\n" * lines]
                after = token.end()
    return "".join([*kept, text[after:]])


def whole(digits: str) -> int | float:
    """A whole number as JSON writes it, infinite where it has too many digits to be one."""
    if len(digits) <= LONGEST_NUMBER:
        return int(digits)
    return -math.inf if digits.startswith("-") else math.inf


def _nothing(_word: str) -> None:
    return None
