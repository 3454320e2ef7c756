"""Arithmetic over measured terms and assumptions, written once: computed from and printed from the same text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from metricstore.assumptions import ASSUMPTIONS, Assumed
from metricstore.metrics.intervals import ratio_high, ratio_low

if TYPE_CHECKING:
    from metricstore.metrics.model import Measure

Values = npt.NDArray[np.float64]
DAYS = "days"
"""A term that is not asked for: the days of each window inside the range."""
_SIGNS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 1), ast.Sub: ("−", 1), ast.Mult: ("×", 2), ast.Div: ("/", 2),
}  # fmt: skip
_FUNCTIONS: dict[str, tuple[Callable[..., Values], str]] = {
    "ratio_low": (ratio_low, "lower end of the 95 % interval over {0} of {1} / {2}"),
    "ratio_high": (ratio_high, "upper end of the 95 % interval over {0} of {1} / {2}"),
}
"""What a formula may call, and how the call is printed."""


@dataclass(frozen=True)
class Term:
    """A measured part of a formula. `title` is what the printed formula calls it."""

    name: str
    title: str
    measure: Measure
    absent: float | None = None
    """What counts where nothing was measured; by default there is no result then."""
    scale: float = 1.0
    """What is stored times this is what is meant: money is kept in billionths."""


@dataclass(frozen=True)
class Formula:
    """`text` is Python arithmetic (+ - * /, brackets and _FUNCTIONS) over names of terms, of assumptions, and `days`."""

    text: str
    terms: tuple[Term, ...]

    @cached_property
    def _tree(self) -> ast.expr:
        return ast.parse(self.text, mode="eval").body

    @cached_property
    def _names(self) -> tuple[str, ...]:
        called = {id(node.func) for node in ast.walk(self._tree) if isinstance(node, ast.Call)}
        found = (node for node in ast.walk(self._tree) if isinstance(node, ast.Name) and id(node) not in called)
        return tuple(dict.fromkeys(node.id for node in sorted(found, key=lambda node: node.col_offset)))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Names of the assumptions used, in the formula's order."""
        return tuple(name for name in self._names if name in ASSUMPTIONS)

    @cached_property
    def ratios(self) -> tuple[tuple[int, ...], ...]:
        """Places of the terms that are divided by each other, or from which one function makes a ratio."""
        places = {term.name: place for place, term in enumerate(self.terms)}

        def named(node: ast.AST) -> set[int]:
            return {places[one.id] for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in places}

        found = []
        for node in ast.walk(self._tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                parts = [named(node.left), named(node.right)]
            else:
                parts = [named(node)] if isinstance(node, ast.Call) else []
            if parts and all(parts):
                found.append(tuple(sorted(set().union(*parts))))
        return tuple(found)

    @property
    def over_time(self) -> bool:
        """Whether it knows how long a window is, so that it can't be shared out to groups."""
        return DAYS in self._names

    def compute(self, terms: Mapping[str, Values], assumed: Assumed) -> Values:
        """Element by element; not a number where a term is missing or would be divided by zero."""
        known = dict(terms)
        for term in self.terms:
            if term.scale != 1.0:
                known[term.name] = known[term.name] * term.scale
            if term.absent is not None:
                known[term.name] = np.where(np.isnan(known[term.name]), term.absent, known[term.name])
        length = len(next(iter(terms.values())))

        def value(name: str) -> Values:
            return known[name] if name in known else np.full(length, assumed.share(name))

        return _computed(self._tree, value, length)

    def told(self, assumed: Assumed | None = None) -> str:
        """For people: with the assumptions' names, or with the numbers that are in force."""
        titles = {term.name: term.title for term in self.terms} | {DAYS: DAYS}

        def word(name: str) -> str:
            if name in titles:
                return titles[name]
            return assumed.told(name) if assumed else ASSUMPTIONS[name].title.lower()

        return _told(self._tree, word)[0]


def _computed(node: ast.expr, value: Callable[[str], Values], length: int) -> Values:
    if isinstance(node, ast.Name):
        return value(node.id)
    if isinstance(node, ast.Constant):
        return np.full(length, float(node.value))  # type: ignore[arg-type]
    if isinstance(node, ast.Call):
        return _FUNCTIONS[_called(node)][0](*(_computed(part, value, length) for part in node.args))
    if not isinstance(node, ast.BinOp):
        raise TypeError(f"{ast.unparse(node)} has no place in a formula")
    left, right = _computed(node.left, value, length), _computed(node.right, value, length)
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    if isinstance(node.op, ast.Mult):
        return left * right
    return np.divide(left, right, out=np.full(length, np.nan), where=right != 0)


def _told(node: ast.expr, word: Callable[[str], str]) -> tuple[str, int]:
    """(text, how tightly it holds together): brackets only where they are needed."""
    if isinstance(node, ast.Name):
        return word(node.id), 3
    if isinstance(node, ast.Constant):
        return f"{float(node.value):,.10g}", 3  # type: ignore[arg-type]
    if isinstance(node, ast.Call):
        return _FUNCTIONS[_called(node)][1].format(*(_told(part, word)[0] for part in node.args)), 2
    assert isinstance(node, ast.BinOp)
    sign, rank = _SIGNS[type(node.op)]
    left, left_rank = _told(node.left, word)
    right, right_rank = _told(node.right, word)
    if left_rank < rank:
        left = f"({left})"
    if right_rank < rank or (right_rank == rank and sign in ("−", "/")):
        right = f"({right})"
    return f"{left} {sign} {right}", rank


def _called(node: ast.Call) -> str:
    if not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS:
        raise TypeError(f"{ast.unparse(node.func)} has no place in a formula")
    return node.func.id
