"""Whether what pages declare is there, asked once, when they are loaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from layouts.charts.model import Chart
from layouts.page import Page
from layouts.tables import Table
from metricstore.assumptions import ASSUMPTIONS
from metricstore.catalogue import MEASUREMENTS
from metricstore.errors import CatalogueError
from metricstore.metrics import METRICS
from metricstore.time_parts import TIME_PARTS


def require_whole(pages: Sequence[Page]) -> None:
    """CatalogueError names the first thing a page shows that is declared nowhere, or twice."""
    _once("path", ((page.path, page) for page in pages))
    _once("chart", ((chart.id, page) for page in pages for chart in page.charts))
    _once("table", ((table.id, page) for page in pages for table in page.tables))
    for page in pages:
        for name in (*page.tiles, *page.stand_ins, *page.stand_ins.values(), *page.ahead):
            _metric(page, f'the figure "{name}"', name)
        for chart in page.charts:
            _require_chart(page, chart)
        for table in page.tables:
            _require_table(page, table)
        for menu in page.menus:
            _column(page, f'the menu "{menu.column}"', menu.measurement, menu.column)
        for words, name in page.sections.items():
            if name not in {*(chart.id for chart in page.charts), *(table.id for table in page.tables)}:
                raise _error(
                    page, f'begins the part "{words}" with "{name}", which is neither a chart nor a table of it'
                )
        for name in page.assumes:
            if name not in ASSUMPTIONS:
                raise _error(page, f'assumes "{name}", which isn\'t declared: add it to metricstore/assumptions.py')


def _require_chart(page: Page, chart: Chart) -> None:
    what = f'the chart "{chart.id}"'
    if chart.page != page.key:
        raise _error(page, f'has {what}, which says it is on the page "{chart.page}": write "{page.key}" there')
    for question in (chart.metric, *chart.also):
        _metric(page, what, question.partition(":")[0])
    known = (*METRICS[chart.metric].dimensions, *TIME_PARTS)
    for name in (*chart.by, *filter(None, [chart.filters_by])):
        if name not in known:
            raise _error(page, f'{what} groups {chart.metric} by "{name}"; it can be grouped by {", ".join(known)}')


def _require_table(page: Page, table: Table) -> None:
    for column in (*table.columns, table.order, *(one.column for one in table.where)):
        if column != "time":
            _column(page, f'the table "{table.id}"', table.measurement, column)


def _metric(page: Page, what: str, name: str) -> None:
    if name not in METRICS:
        raise _error(
            page,
            f'{what} shows the metric "{name}", which isn\'t declared: add a Metric to a file in metricstore/metrics/',
        )


def _column(page: Page, what: str, measurement: str, column: str) -> None:
    if measurement not in MEASUREMENTS:
        raise _error(page, f'{what} shows the measurement "{measurement}", which isn\'t declared: add a Measurement to a file in metricstore/catalogue/')  # fmt: skip
    columns = MEASUREMENTS[measurement].columns
    if column not in columns:
        raise _error(page, f'{what} shows the column "{column}" of {measurement}, which has {", ".join(columns)}')


def _once(what: str, named: Iterable[tuple[str, Page]]) -> None:
    owners: dict[str, Page] = {}
    for name, page in named:
        if name in owners:
            raise _error(page, f'declares the {what} "{name}", as does layouts/pages/{owners[name].key}.py: rename one')
        owners[name] = page


def _error(page: Page, text: str) -> CatalogueError:
    return CatalogueError(f"layouts/pages/{page.key}.py: {text}")
