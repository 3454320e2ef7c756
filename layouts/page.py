"""What a page is declared with. Navigation, API, downloads, embeds and the page itself follow from one declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from layouts.charts.model import Chart
from layouts.tables import Table
from metricstore.query import Compare


@dataclass(frozen=True)
class Menu:
    """A menu of the page that filters by one column; it offers the values that occur in the range."""

    measurement: str
    column: str


@dataclass(frozen=True)
class Page:
    """One page. `order` is its place in the navigation: the lowest comes first; ours leave gaps of ten."""

    key: str
    """The name of its file in `layouts/pages/`."""
    path: str
    title: str
    lead: str
    order: int
    tiles: tuple[str, ...]
    """Names of the metrics shown as figures."""
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...] = ()
    menus: tuple[Menu, ...] = ()
    searches: Mapping[str, str] = field(default_factory=dict)
    """Columns of texts that are searched, with the label of their boxes."""
    assumes: tuple[str, ...] = ()
    """Assumptions that viewers can change on it."""
    links: tuple[tuple[str, str], ...] = ()
    """(text, address) of what goes further, under the charts."""
    tables_after: int | None = None
    """After how many charts its tables stand; None: after all."""
    sections: Mapping[str, str] = field(default_factory=dict)
    """Of a long page what it consists of: words, and the chart or table each part begins with."""
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    """Figures shown in place of others for which nothing was ever collected."""
    compares: Compare | None = None
    """What its figures (not its charts) are compared with where the address does not say."""
    ahead: Mapping[str, str] = field(default_factory=dict)
    """How far figures of what is due reach beyond a range that ends now, as `+14d`."""
