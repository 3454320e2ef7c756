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


def chart_answer(chart: Any) -> Id:
    """The chart's panel: `wanted` is what it is asked for once it is near the window ({"words", "mode", "theme"}), `data` the answer."""
    return {"type": "chart-answer", "chart": chart}


def tiles(page: Any) -> Id:
    return {"type": "tiles", "page": page}


def tiles_tick(page: Any) -> Id:
    return {"type": "tiles-tick", "page": page}


def tiles_facts(page: Any) -> Id:
    return {"type": "tiles-facts", "page": page}


def tiles_seen(page: Any) -> Id:
    """Store: the revisions the shown tiles were made from."""
    return {"type": "tiles-seen", "page": page}


def table_body(table: Any) -> Id:
    """The table's panel: `wanted` is what it is asked for once it is near the window ({"words", "state"}), `rows` and `page` the answer."""
    return {"type": "table-body", "table": table}


def search_box(column: Any) -> Id:
    """A text search in the page itself that becomes a filter of the selection."""
    return {"type": "search-box", "column": column}


def filter_menu(column: Any) -> Id:
    """A menu of the page itself that becomes a filter of the selection."""
    return {"type": "filter-menu", "column": column}


def filter_offer(column: Any, measurement: Any) -> Id:
    """What that menu offers in the range, as options: values of the measurement's column."""
    return {"type": "filter-offer", "column": column, "measurement": measurement}
