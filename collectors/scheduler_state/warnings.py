"""What is wrong with the state file as it is now, in sentences for people. Pure."""

from __future__ import annotations

from collections import Counter

from collectors.platforms import unresolved, unresolved_platforms
from collectors.scheduler_state.parse import UNDERSTOOD, Rejected, State
from metricstore.quantities import quantity

HINT = "Is it the scheduler's own state file? Everything else in it is collected."
_WORTH_SAYING = 0.1
"""Share of the parts that can't be used from which on it is more than a slip."""


def of_state(name: str, state: State) -> list[str]:
    unused = [one for one in state.rejected if not one.kept]
    total = len(state.items) + len(state.history) + len(unused)
    unknown = Counter(item.platform for item in state.items if unresolved(item.platform))
    found = unresolved_platforms({name: unknown}) if unknown else []
    if unused and len(unused) >= _WORTH_SAYING * total:
        found.append(
            f"{name}: {len(unused):,} of {quantity(total, 'entries')} (items and history) can't be used; the first is in line "
            f"{unused[0].line}: {unused[0].reason}"
        )
    return found


def of_trouble(name: str, trouble: Rejected) -> list[str]:
    """For a file of which nothing could be used."""
    where = f" (line {trouble.line})" if trouble.line > 1 else ""
    return [f"{name} yields nothing: {trouble.reason}{where}. Understood would be {UNDERSTOOD}."]
