"""Events: the log, from the picture down to the line."""

from layouts.charts.figures import ranked_bars, stacked_bars, week_heatmap
from layouts.charts.model import Chart
from layouts.page import Menu, Page
from layouts.tables import Table, columns_of

TILES = ("log_records", "errors", "warnings", "unknown_log_records")

CHARTS = (
    Chart("log_records_by_level", "Log records, by level", "events", "log_records", stacked_bars, by=("level",),
          width=12, height=240),
    Chart("log_records_per_event", "Most frequent messages", "events", "log_records", ranked_bars, by=("event",),
          every="none", width=6, height=360),
    Chart("errors_by_event_trend", "Errors, by message", "events", "errors", stacked_bars, by=("event",), width=6,
          height=360),
    Chart("log_hours", "When the log is written", "events", "log_records", week_heatmap, every="1h", width=12),
)  # fmt: skip

PAGE = Page(
    "events",
    "/events",
    "Events",
    "The log, from the picture down to the line.",
    order=90,
    tiles=TILES,
    charts=CHARTS,
    tables=(Table("log_records", "Log records", "log_record", columns_of("log_record"),
                     "Newest first. A row opens the record with the lines around it."),),
    menus=(Menu("log_record", "level"), Menu("log_record", "event")),
    searches={"message": "Search the messages"},
    tables_after=1,
)  # fmt: skip
