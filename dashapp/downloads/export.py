"""A download without a browser: what `dashapp export` does, in the running application or in its own process."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

import pandas as pd

from dashapp.downloads.formats import FILES, FORMATS, Format, Options, check_size
from dashapp.downloads.page import file_name, page_zip
from dashapp.downloads.proof_file import SUFFIX, proof_text, require_proof_beside
from dashapp.downloads.sources import Asked, chart_table, heading, records_table
from dashapp.downloads.table import Table
from layouts.pages import CHARTS, PAGES, TABLES, TILES
from metricstore import vocabulary
from metricstore.catalogue import MEASUREMENTS
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.selection import Selection, settled_now
from metricstore.spelling import Lines, Spelling
from metricstore.store import Store

Tell = Callable[[dict[str, Any]], None]
Piece = TypeVar("Piece", pd.DataFrame, Lines)


def names() -> dict[str, tuple[str, ...]]:
    """What can be exported, by kind."""
    tables = tuple(found.id for listed in TABLES.values() for found in listed)
    return {"chart": tuple(CHARTS), "table": tables, "records": tuple(MEASUREMENTS), "page": tuple(TILES)}


def resolved(what: str) -> tuple[str, str]:
    """(kind, name) of `chart/posts_by_status` or, where only one thing is called so, `posts_by_status`."""
    kind, _, name = what.rpartition("/")
    known = names()
    if kind:
        if name not in known.get(kind, ()):
            raise UnknownName(kind if kind in known else "kind of export", name if kind in known else kind)
        return kind, name
    found = [own for own, all_names in known.items() if name in all_names]
    if not found:
        raise UnknownName("chart, table, measurement or page", what)
    if len(found) > 1:
        raise InvalidQuestion("what", f"{what!r} may mean {' or '.join(f'{own}/{what}' for own in found)}; say which")
    return found[0], name


@dataclass
class _Counter:
    """Tells how many rows have gone out."""

    tell: Tell
    total: int | None
    rows: int = 0

    def counted(self, table: Table) -> Table:
        own = table.lines
        return replace(
            table, frames=lambda: self._passed(table.frames(), len),
            lines=None if own is None else lambda spelling: self._lines(own, spelling),
        )  # fmt: skip

    def _lines(self, own: Callable[[Spelling], Iterator[Lines]], spelling: Spelling) -> Iterator[Lines]:
        return self._passed(own(spelling), lambda lines: lines.rows)

    def _passed(self, pieces: Iterator[Piece], size: Callable[[Piece], int]) -> Iterator[Piece]:
        for piece in pieces:
            self.rows += size(piece)
            self.tell({"progress": {"rows": self.rows, "total": self.total}})
            yield piece


def export(
    services: Mapping[str, Any], tell: Tell, *, what: str, form: str, params: dict[str, str], base: str,
    options: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """Tell the file's name, then its pieces (base64) as progress, and the proof that is to lie beside it; the result
    says what was written. `options`: the words of `formats.options` and their values."""
    if form not in FILES:
        raise InvalidQuestion("format", f"{form!r}; say {', '.join(FILES)}")
    wanted = Options.read(options)
    store: Store = services["metricstore"]
    kind, name = resolved(what)
    selection, now = vocabulary.asked(params, lambda: store), settled_now()

    def send(pieces: Iterator[bytes], file: str) -> None:
        tell({"progress": {"file": file}})
        for piece in pieces:
            tell({"progress": {"piece": base64.b64encode(piece).decode()}})

    if kind == "page":
        view = f"{base}{PAGES[name].path}?{urlencode(params)}"
        file = file_name(name, selection, now)
        send(page_zip(store, name, wanted.in_zip(FORMATS[form]), selection, now, view), file)
        return {"file": file, "rows": None}
    chosen: Format = wanted.applied(FORMATS[form])
    if wanted.proof == "beside":
        require_proof_beside(chosen)
    table = _table(store, kind, name, selection, now, base, params)
    check_size(chosen, table)
    total = table.rows if table.rows is not None else table.count() if table.count else None
    counter = _Counter(tell, total)
    file = f"{table.name}.{chosen.name}"
    send(chosen.stream(counter.counted(table)), file)
    if wanted.proof == "beside":
        tell({"progress": {"beside": SUFFIX, "text": proof_text(file, table).decode()}})
    return {"file": file, "rows": counter.rows}


def _table(
    store: Store, kind: str, name: str, selection: Selection, now: Any, base: str, params: Mapping[str, str]
) -> Table:  # fmt: skip
    def view(page: str) -> str:
        return f"{base}{PAGES[page].path}" + (f"?{urlencode(params)}" if params else "")

    if kind == "chart":
        return chart_table(store, CHARTS[name], selection, now, view(CHARTS[name].page))
    if kind == "table":
        page, listed = next((page, found) for page, all_ in TABLES.items() for found in all_ if found.id == name)
        return records_table(store, Asked.of_table(listed), selection, now, title=listed.title, name=name,
                             view=view(page))  # fmt: skip
    return records_table(store, Asked(name), selection, now, title=heading(name), name=name, view=view("events"))
