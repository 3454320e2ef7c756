"""`/pages`: what each page of the app consists of, and its key figures."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from flask import Response

from dashapp.api.asking import defaults, store
from dashapp.api.closed_sets import CHART, METRIC, PAGE, PROVENANCE, TABLE
from dashapp.api.conditional import answer_if_changed, known_windows, plain
from dashapp.api.encoding import described_bound
from dashapp.api.endpoints import START, STOP, TZ, Endpoint, endpoint, params
from dashapp.api.metrics import ASSUME, BAD, BOUND, COMPARE
from dashapp.api.problems import not_found
from dashapp.api.schemas import NUMBER, TEXT, WHEN, WHOLE, data_of, maybe, record, some
from layouts.pages import PAGES, TABLES, TILES, charts_of
from metricstore import vocabulary
from metricstore.errors import UnknownName
from metricstore.plans import ask_together
from metricstore.selection import RESERVED, settled_now
from questions.tiles import figures_of, plan_tile

_FIGURE = record("KeyFigure", metric=METRIC, title=TEXT, unit=TEXT, value=maybe(NUMBER), before=maybe(NUMBER), provenance=PROVENANCE,
                 reason=TEXT, before_reason=TEXT, bound=BOUND, conflicting_rows=WHOLE)  # fmt: skip


@endpoint(Endpoint(
    "/pages", "All pages, with their charts, key figures and tables",
    "`{data: [{id, title, path, figures, charts, tables}]}`", example="/api/v1/pages",
    schema=data_of(record("Page", id=PAGE, title=TEXT, path=TEXT, figures=some(METRIC), charts=some(CHART), tables=some(TABLE))),
))  # fmt: skip
def pages() -> Response:
    return plain({"data": [_described(name) for name in TILES]})


@endpoint(Endpoint(
    "/pages/<name>", "The key figures of a page", "`{page, title, start, stop, timezone, figures: [{metric, title, unit, value, before, "
    "provenance, reason, before_reason, bound, conflicting_rows}]}`; a missing value is null, and so is the count of what was never collected: "
    "`reason` says why, and `before_reason` why there is nothing to compare with; `bound` and `conflicting_rows` as in `/metrics/<name>`", (START, STOP, TZ, COMPARE, ASSUME), filters=True, errors=BAD,
    places={"name": PAGE}, example="/api/v1/pages/overview?start=-7d&platform=linkedin",
    schema=record("KeyFigureList", page=PAGE, title=TEXT, start=WHEN, stop=WHEN, timezone=TEXT, figures=some(_FIGURE)),
))  # fmt: skip
def key_figures(name: str) -> Response:
    """Filters hold where a figure knows the column, as on the page."""
    if name not in TILES:
        raise not_found("page", name, tuple(TILES))
    declared = figures_of(store(), name)
    known = tuple(dict.fromkeys(column for metric in declared for column in metric.filterable))
    for word in params():
        if word not in RESERVED and word not in known:
            raise UnknownName("filter", word, known)
    selection, now, seen = vocabulary.asked(params(), store, defaults()), settled_now(), store()
    selection.filters()

    def make() -> object:
        settled = ask_together(seen, [partial(plan_tile, metric, selection, now) for metric in declared])
        found = [(metric, settle()) for metric, settle in zip(declared, settled, strict=True)]
        start, stop = selection.range(now)
        return {
            "page": name, "title": PAGES[name].title, "start": start.isoformat(), "stop": stop.isoformat(),
            "timezone": selection.timezone,
            "figures": [{"metric": metric.name, "title": metric.title, "unit": metric.unit, "value": None if shown.missing else _plain(shown.value),
                         "before": _plain(shown.before), "provenance": metric.provenance, "reason": shown.missing,
                         "before_reason": shown.before_missing, "bound": described_bound(shown.bound),
                         "conflicting_rows": shown.conflicts} for metric, shown in found],
        }  # fmt: skip

    measurements = {source for metric in declared for source in metric.measurements}
    collected = known_windows(seen, declared, replace(selection, every="none"), now)
    return answer_if_changed(seen, measurements, (*selection.range(now), selection.assume, *collected), make)


def _plain(value: float) -> float | None:
    return None if value != value else value


def _described(name: str) -> dict[str, object]:
    path, title = PAGES[name].path, PAGES[name].title
    return {"id": name, "title": title, "path": path, "figures": list(TILES[name]),
            "charts": [chart.id for chart in charts_of(name)], "tables": [table.id for table in TABLES[name]]}  # fmt: skip
