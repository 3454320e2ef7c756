"""Records as nobody would write them: one record of a kind, spoiled in one place, by a seeded random source."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from random import Random
from typing import Any

INPUTS = int(os.environ.get("FUZZ_INPUTS", "1500"))
"""Bad records of all kinds together; `FUZZ_INPUTS=20000 pytest tests/fuzz` looks longer."""
SEED = int(os.environ.get("FUZZ_SEED", "20261129"))

RAW = {
    "@@deep-list@@": "[" * 5_000 + "]" * 5_000,
    "@@deep-object@@": '{"a":' * 5_000 + "1" + "}" * 5_000,
    "@@digits@@": "9" * 5_000,
    "@@negative-digits@@": "-" + "8" * 4_999,
    "@@fraction@@": "0." + "3" * 5_000,
    "@@infinite@@": "1e999",
    "@@nan@@": "NaN",
    "@@surrogate@@": '"\\ud800 half a pair"',
}
"""What Python's own writer would not write, by the text that stands for it until the record is written."""

ATOMS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, -0.0, 2**63, -(2**63) - 1, 10**30, 1e308, 5e-324, "", " ", "0", "-5", "9.0", "1e400", "nan", "null",
    "\x00", "\x1b[31mred", "a\u2028b\u0085c", "\ufeff", "é" * 70_000, "x" * 5_000, "0000-00-00", "9999-12-31T23:59:60Z", "1600-01-01",
    "2026-02-30", "2026-11-10T09:00:00+99:00", "24:00", "#DIV/0!", "=1+1", "' OR 1=1 --", "{{7*7}}", "<a href='x'>", [], {}, [[]], [{}],
    [None], {"": None}, {"a": {"b": []}}, ["a", 1, None], *RAW,
)  # fmt: skip


def spoiled(record: Any, random: Random) -> Any:
    """A copy of `record` with one part replaced, removed, wrapped or doubled; now and then something else in its place."""
    if random.random() < 0.05:
        return _atom(random)
    found = copy.deepcopy(record)
    places = list(_places(found))
    if not places:
        return _atom(random)
    holder, key = random.choice(places)
    kind = random.randrange(6)
    if kind == 0:
        del holder[key]
    elif kind == 1:
        holder[key] = [holder[key]]
    elif kind == 2:
        holder[key] = {"value": holder[key]}
    else:
        holder[key] = _atom(random)
    return found


def _atom(random: Random) -> Any:
    return copy.deepcopy(random.choice(ATOMS))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every part of a record: what holds it and where."""
    pairs = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, part in pairs:
        yield value, key
        yield from _places(part)


def written(value: Any) -> str:
    """`value` as JSON text, with what stands for raw text written out."""
    text = json.dumps(value, ensure_ascii=True)
    for name, raw in RAW.items():
        text = text.replace(json.dumps(name), raw)
    return text


def chance(name: str) -> Random:
    """A random source of a test's own, the same in every run."""
    return Random(f"{SEED} {name}")
