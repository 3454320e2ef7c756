"""A whole page as a zip: a file for each chart and table, and a manifest with their hashes and proofs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from dashapp.downloads.formats import Format, check_size
from dashapp.downloads.sources import Asked, chart_table, key_figures, records_table
from dashapp.downloads.table import Table
from dashapp.downloads.zipping import ZipStream
from layouts.pages import PAGES, TABLES, charts_of
from layouts.tile_values import tiles_of
from metricstore.errors import NotAllowed
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.windows import zone

MANIFEST = "manifest.json"
_PACKED = ("xlsx", "parquet")


@dataclass(frozen=True)
class _Part:
    name: str
    title: str
    make: Callable[[], Table]


def file_name(page: str, selection: Selection, now: datetime) -> str:
    """With the time on the viewer's clock."""
    return f"{page}_{now.astimezone(zone(selection.timezone)):%Y%m%d-%H%M%S}.zip"


def page_zip(
    store: Store, page: str, form: Format, selection: Selection, now: datetime, view: str
) -> Iterator[bytes]:  # fmt: skip
    """The zip, piece by piece. What the viewer may not see is named in the manifest with the reason."""
    local = now.astimezone(UTC)
    zipped = ZipStream(large=True, moment=(local.year, local.month, local.day, local.hour, local.minute, local.second))
    files: list[dict[str, object]] = []
    for part in _parts(store, page, selection, now, view):
        about: dict[str, object] = {"file": f"{part.name}.{form.name}", "title": part.title}
        files.append(about)
        try:
            table = part.make()
            check_size(form, table)
            pieces = form.stream(table)
            first = next(pieces, b"")
        except NotAllowed as error:
            about |= {"file": None, "refused": str(error)}
            continue
        hashed = hashlib.sha256()
        size = [0]
        yield from zipped.add(
            str(about["file"]), _measured(first, pieces, hashed.update, size), packed=form.name not in _PACKED
        )
        about |= {"bytes": size[0], "sha256": hashed.hexdigest(), "proof": table.proofs[0]}
    yield from zipped.add(MANIFEST, iter([_manifest(page, selection, now, view, files)]))
    yield zipped.close()


def _parts(store: Store, page: str, selection: Selection, now: datetime, view: str) -> Iterator[_Part]:
    if tiles_of(page):
        yield _Part("key_figures", "Key figures", lambda: key_figures(store, page, selection, now, view))
    for chart in charts_of(page):
        yield _Part(chart.id, chart.title, lambda chart=chart: chart_table(store, chart, selection, now, view))  # type: ignore[misc]
    for listed in TABLES[page]:
        yield _Part(
            listed.id, listed.title,
            lambda listed=listed: records_table(  # type: ignore[misc]
                store, Asked.of_table(listed), selection, now, title=listed.title, name=listed.id, view=view
            ),
        )  # fmt: skip


def _measured(
    first: bytes, pieces: Iterator[bytes], update: Callable[[bytes], None], size: list[int]
) -> Iterator[bytes]:  # fmt: skip
    for piece in chain([first], pieces):
        update(piece)
        size[0] += len(piece)
        yield piece


def _manifest(
    page: str, selection: Selection, now: datetime, view: str, files: list[dict[str, object]]
) -> bytes:  # fmt: skip
    start, stop = selection.range(now)
    document = {
        "complete": True,
        "title": PAGES[page].title,
        "view": view,
        "start": start.isoformat(),
        "stop": stop.isoformat(),
        "timezone": selection.timezone,
        "data_as_of": now.isoformat(),
        "files": files,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
