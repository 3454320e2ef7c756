"""Events: the log, from the picture down to the line."""

from layouts.charts.figures import ranked_bars, stacked_bars, week_heatmap
from layouts.charts.model import Chart

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
