"""The words questions are asked with: names of filters, and the values of columns that have a closed set of them.

The one place that decides what is a mistake, for pages, API, downloads and embeds alike. Values that a source has of its
own, beyond those declared, count as known once they are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from metricstore.catalogue import MEASUREMENTS, Field, Tag
from metricstore.errors import InvalidQuestion, UnknownName, nearest
from metricstore.selection import RESERVED, Selection, literal, signed, split_values
from metricstore.time_parts import TIME_PARTS

if TYPE_CHECKING:  # it brings pandas, which accounts and the login do without
    from metricstore.store import Store

_AROUND = timedelta(milliseconds=1)
"""The bounds of a measurement are its first and last point: both belong to what is looked at."""
_SHOWN = 12
"""Known values that an error lists."""
Mistake = InvalidQuestion | UnknownName


@cache
def filter_names() -> frozenset[str]:
    """Every column of any measurement, and the parts of time."""
    columns = {column for source in MEASUREMENTS.values() for column in source.columns}
    return frozenset(columns | set(TIME_PARTS)) - {"time"}


@cache
def closed_sets() -> Mapping[str, tuple[str, ...]]:
    """Declared values by column, of all measurements that declare any."""
    found: dict[str, dict[str, None]] = {}
    for source in MEASUREMENTS.values():
        declared: tuple[Tag | Field, ...] = (*source.tags, *source.fields)
        for column in declared:
            if column.values:
                found.setdefault(column.name, {}).update(dict.fromkeys(column.values))
    return {name: tuple(values) for name, values in found.items()}


def asked(params: Mapping[str, str], store: Callable[[], Store], default: Selection | None = None) -> Selection:
    """The selection that `params` ask for. UnknownName or InvalidQuestion for the first mistake.

    `store` is asked only about values that aren't declared.
    """
    for name in params:
        _require_filter(name, params[name])
    selection, mistakes = _as_stored(canonical(Selection.from_params(params, default)), store)
    for mistake in mistakes:
        raise mistake
    return selection


def forgiving(
    params: Mapping[str, str], store: Callable[[], Store], default: Selection | None = None
) -> tuple[Selection, tuple[Mistake, ...]]:  # fmt: skip
    """As `asked`, but what is mistaken in the filters is left out, and said. InvalidQuestion for all else."""
    mistakes: list[Mistake] = []
    known = {}
    for name, text in params.items():
        try:
            _require_filter(name, text)
            known[name] = text
        except (InvalidQuestion, UnknownName) as mistake:
            mistakes.append(mistake)
    selection, strange = _as_stored(canonical(Selection.from_params(known, default)), store)
    return selection, (*mistakes, *strange)


def canonical(selection: Selection) -> Selection:
    """The same with the values of closed sets written as they are declared, whatever their case."""
    where = {column: canonical_words(column, words) for column, words in selection.where.items()}
    return replace(selection, where=where) if where != selection.where else selection


def canonical_words(column: str, words: Iterable[str]) -> tuple[str, ...]:
    """The words of a filter, as `canonical`."""
    declared = closed_sets().get(column)
    if declared is None:
        return tuple(words)
    spelled = {value.casefold(): value for value in declared}
    found = []
    for word in words:
        sign, value = signed(word)
        known = spelled.get(value.casefold()) if sign in ("", "!", "\\") and value not in declared else None
        found.append(word if known is None else f"{'!' if sign == '!' else ''}{known}")
    return tuple(found)


def _require_filter(name: str, text: str) -> None:
    if name in RESERVED:
        return
    if name not in filter_names():
        raise UnknownName("filter", name, (*sorted(filter_names()), *RESERVED))
    if not split_values(text):
        raise InvalidQuestion(name, 'has no value: leave it out for everything, or say "" for what has none')


def undeclared(selection: Selection) -> dict[str, list[str]]:
    """By column of a closed set: words with a value that is not declared."""
    found = {}
    for column, words in selection.where.items():
        declared = closed_sets().get(column)
        if declared is None or column in TIME_PARTS:
            continue
        if strange := [word for word in words if not _is_known(word, declared)]:
            found[column] = strange
    return found


def _as_stored(selection: Selection, store: Callable[[], Store]) -> tuple[Selection, list[InvalidQuestion]]:
    """With words of closed sets that aren't declared as sources spell them, whatever their case, and without those that
    aren't stored either; these are the mistakes."""
    mistakes = []
    for column, strange in undeclared(selection).items():
        stored, words = sorted(_stored(store(), column)), []
        for word in selection.where[column]:
            sign, value = signed(word)
            meant = (
                [other for other in stored if other.casefold() == value.casefold()] if value not in stored else [value]
            )
            if word not in strange or meant == [value]:
                words.append(word)
            elif meant:
                words += [f"!{other}" if sign == "!" else literal(other) for other in meant]
            else:
                mistakes.append(unknown_value(column, word, stored))
        selection = selection.narrowed(column, tuple(words))
    return selection, mistakes


def _is_known(word: str, declared: tuple[str, ...]) -> bool:
    sign, value = signed(word)
    return sign not in ("", "!", "\\") or value == "" or value in declared


def _stored(store: Store, column: str) -> set[str]:
    """What sources have called it; asked only for a word that isn't declared."""
    found: set[str] = set()
    for source in MEASUREMENTS.values():
        if column in source.dimensions and (bounds := store.bounds(source.name)) is not None:
            start, stop = bounds
            found.update(store.values(source.name, column, start - _AROUND, stop + _AROUND))
    return found


def unknown_value(column: str, word: str, stored: Iterable[str] = ()) -> InvalidQuestion:
    """What to say of a word of `undeclared`. `stored`: values that sources have of their own."""
    value = signed(word)[1]
    declared = tuple(dict.fromkeys((*closed_sets()[column], *(other for other in stored if other))))
    meant = nearest(value, declared)
    hint = f"; did you mean {meant!r}?" if meant is not None else "."
    some = ", ".join(declared[:_SHOWN]) + (", …" if len(declared) > _SHOWN else "")
    return InvalidQuestion(column, f"{value!r} isn't a known value{hint} Known: {some}")
