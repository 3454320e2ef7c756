"""From the words of a page's address to a selection."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from metricstore import vocabulary
from metricstore.selection import RESERVED, Selection
from metricstore.store import Store

KNOWN = frozenset(RESERVED) | vocabulary.filter_names()
"""Words of a query string that mean something to a selection."""
_OTHERS = ("_", "utm_")
"""How words of a page's address begin that are the page's own, or that those who count clicks add."""


def understood(
    words: Mapping[str, str] | None, store: Callable[[], Store], default: Selection
) -> tuple[Selection, tuple[vocabulary.Mistake, ...]]:
    """(the selection, what was left out of it: unknown filters, unknown values of closed sets, filters without a value).

    InvalidQuestion names a word that can't be left out, such as a wrong range. `store` is looked up only where values must be compared
    with those that are stored.
    """
    asked = {key: text for key, text in (words or {}).items() if not key.startswith(_OTHERS)}
    return vocabulary.forgiving(asked, store, default)
