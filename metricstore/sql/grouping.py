"""What rows are grouped by: the window a time lies in, and columns."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from metricstore.sql.dialect import Dialect
from metricstore.sql.trees import column, placeholder


def grouping(dialect: Dialect, runs: int, by: Sequence[str]) -> tuple[list[exp.Expression], list[exp.Expression]]:
    """What a SELECT begins with, `window` and `by_NAME`, and what stands in its GROUP BY. `runs`: see windows.py; 0 for no windows."""
    chosen: list[exp.Expression] = []
    if runs:
        window = dialect.edge() if runs < 0 else _window(0, runs)
        chosen.append(exp.alias_(window, "window", quoted=True))
    for name in by:
        value = exp.func("coalesce", column(name), exp.Literal.string(""))
        chosen.append(exp.alias_(value, f"by_{name}", quoted=True))
    return chosen, [exp.Literal.number(place + 1) for place in range(len(chosen))]


def _window(first: int, stop: int) -> exp.Expression:
    """The number of the window, by halving over runs of windows of equal length."""
    if stop - first == 1:
        elapsed = exp.paren(exp.Sub(this=column("time"), expression=placeholder()))
        return exp.IntDiv(this=elapsed, expression=placeholder())
    middle = (first + stop) // 2
    earlier = exp.LT(this=column("time"), expression=placeholder())
    return exp.Case(ifs=[exp.If(this=earlier, true=_window(first, middle))], default=_window(middle, stop))
