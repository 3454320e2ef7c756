"""The only source of component ids. Layout and callback call the same name, so neither can mistype it."""

from __future__ import annotations

from typing import Any

Id = dict[str, Any]

# One of each in the shell.
URL = "url"
SELECTION = "selection"
"""Store: the query string's own words without view keys, e.g. {"start": "-7d", "platform": "linkedin"}."""
VIEW = "view"
"""Store: what is opened over the page, from the query string's keys that begin with `_`."""
DEFAULTS = "defaults"
"""Store: what is meant when the query string does not say."""
THEME = "theme"
"""Store: `light` or `dark`, already decided."""
THEME_CHOICE = "theme-choice"
"""Store (kept by the browser): `light`, `dark` or `system`."""
THEME_BUTTON = "theme-button"
REVISIONS = "revisions"
"""Store: measurement -> revision, as last heard from the server."""
FRESHNESS = "freshness"
"""Store: how fresh each collector's data are."""
FRESHNESS_TEXT = "freshness-text"
FRESHNESS_DOT = "freshness-dot"
FRESHNESS_LIST = "freshness-list"
SOURCE_WARNINGS = "source-warnings"
CHARTS_WANTED = "charts-wanted"
TABLES_WANTED = "tables-wanted"
"""Stores that stay empty: outputs outside of the page, without which Dash would not ask anew when the page is another."""
PULSE = "pulse"
SLOW_PULSE = "slow-pulse"
REFRESH = "refresh"
PAGE = "page"
DRAWER = "drawer"
DRAWER_BODY = "drawer-body"
DRAWER_TITLE = "drawer-title"
POPOVER = "mark-popover"
ANNOUNCE = "announce"

# Briefing of the Overview.
BRIEFING = "briefing"
BRIEFING_NEEDS = "briefing-needs"
BRIEFING_QUIET = "briefing-quiet"
BRIEFING_DUE = "briefing-due"
BRIEFING_FACTS = "briefing-facts"
"""Store: what it is made of, so that it is asked again when that changes."""
BRIEFING_SEEN = "briefing-seen"
"""Store: the revisions that the shown one was made from."""
BRIEFING_TICK = "briefing-tick"

# Filter bar.
RANGE_LABEL = "range-label"
RANGE_ERROR = "range-error"
ZONE = "zone"
ZONES = "zones"
"""Store: every zone that can be chosen."""
ZONES_WANTED = "zones-wanted"
"""Store: true once the viewer goes to the zone menu."""
PLATFORM = "platform"
STATUS = "status"
WINDOW = "window"
COMPARE = "compare"
CHIPS = "chips"


def nav(page: Any) -> Id:
    return {"type": "nav", "page": page}


def _of_chart(kind: str, chart: Any) -> Id:
    return {"type": kind, "chart": chart}


def chart_answer(chart: Any) -> Id:
    """Store: the server's answer for a chart; `board.drawChart` hands it out."""
    return _of_chart("chart-answer", chart)


def chart_wanted(chart: Any) -> Id:
    """Store: what the chart is asked for now, once it is near the window: {"words", "mode", "theme"}."""
    return _of_chart("chart-wanted", chart)


def chart_tick(chart: Any) -> Id:
    """Store: changes when the chart's data changed on the server."""
    return _of_chart("chart-tick", chart)


def chart_facts(chart: Any) -> Id:
    """Store: what the browser must know of a chart (measurements, click dimension)."""
    return _of_chart("chart-facts", chart)


def chart_mode(chart: Any) -> Id:
    """Store: `picture` or `table`."""
    return _of_chart("chart-mode", chart)


def chart_mode_button(chart: Any) -> Id:
    return _of_chart("chart-mode-button", chart)


def chart_panel(chart: Any) -> Id:
    return _of_chart("chart-panel", chart)


def chart_state(chart: Any) -> Id:
    return _of_chart("chart-state", chart)


def chart_table(chart: Any) -> Id:
    return _of_chart("chart-table", chart)


def chart_remark(chart: Any) -> Id:
    return _of_chart("chart-remark", chart)


def chart_stale(chart: Any) -> Id:
    return _of_chart("chart-stale", chart)


def chart_api_link(chart: Any) -> Id:
    return _of_chart("chart-api-link", chart)


def tiles(page: Any) -> Id:
    return {"type": "tiles", "page": page}


def tiles_tick(page: Any) -> Id:
    return {"type": "tiles-tick", "page": page}


def tiles_facts(page: Any) -> Id:
    return {"type": "tiles-facts", "page": page}


def tiles_seen(page: Any) -> Id:
    """Store: the revisions the shown tiles were made from."""
    return {"type": "tiles-seen", "page": page}


def _of_table(kind: str, table: Any) -> Id:
    return {"type": kind, "table": table}


def table_scope(table: Any) -> Id:
    """Store: what the table is narrowed to beside the selection (records behind one mark)."""
    return _of_table("table-scope", table)


def table_state(table: Any) -> Id:
    """Store: sort, page and column filters."""
    return _of_table("table-state", table)


def table_wanted(table: Any) -> Id:
    """Store: what the table is asked for now, once it is near the window: {"words"}."""
    return _of_table("table-wanted", table)


def table_tick(table: Any) -> Id:
    return _of_table("table-tick", table)


def table_seen(table: Any) -> Id:
    """Store: the revision the shown rows were made from."""
    return _of_table("table-seen", table)


def table_body(table: Any) -> Id:
    return _of_table("table-body", table)


def table_sort(table: Any, column: Any) -> Id:
    return {"type": "table-sort", "table": table, "column": column}


def table_word(table: Any, column: Any) -> Id:
    return {"type": "table-word", "table": table, "column": column}


def table_pager(table: Any) -> Id:
    return _of_table("table-pager", table)


def table_turn(table: Any, way: Any) -> Id:
    return {"type": "table-turn", "table": table, "way": way}


def search_box(column: Any) -> Id:
    """A text search in the page itself that becomes a filter of the selection."""
    return {"type": "search-box", "column": column}


def filter_menu(column: Any) -> Id:
    """A menu of the page itself that becomes a filter of the selection."""
    return {"type": "filter-menu", "column": column}


def filter_offer(column: Any, measurement: Any) -> Id:
    """What that menu offers in the range, as options: values of the measurement's column."""
    return {"type": "filter-offer", "column": column, "measurement": measurement}
