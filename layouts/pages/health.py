"""Data health: can the numbers be trusted?"""

from layouts.charts.figures import lines, ranked_bars, stacked_bars
from layouts.charts.model import Chart
from layouts.page import Page
from layouts.tables import Table, columns_of

TILES = ("collector_runs", "collector_failures", "collected_points", "dead_letters", "unknown_log_records")

CHARTS = (
    Chart("collector_runs_by_outcome", "Collector runs", "health", "collector_runs", stacked_bars, by=("outcome",), width=6),
    Chart("collected_points_by_collector", "Points written", "health", "collected_points", stacked_bars,
          by=("collector",), width=6),
    Chart("collector_run_time_trend", "Run time, 95th percentile", "health", "collector_run_times", lines,
          by=("collector",), width=6),
    Chart("dead_letters_per_collector", "Dead letters", "health", "dead_letters", ranked_bars, by=("collector",),
          every="none", width=6, note="Records that could not be used; the table below names file, line and reason."),
    Chart("unknown_records_trend", "Unrecognised log records", "health", "unknown_log_records", stacked_bars, width=12,
          height=240, note="Kept and counted: a rise means that the observed system has learnt new words."),
    Chart("alerts_fired_by_rule", "Alerts fired", "health", "alerts_fired", stacked_bars, by=("rule",), width=6,
          note="By rule. What is open now is on the page Alerts."),
    Chart("alert_events_by_event", "What became of alerts", "health", "alert_events", ranked_bars, by=("event",), every="none", width=6),
    Chart("pages_opened_by_page", "Pages opened", "health", "pages_opened", ranked_bars, by=("title",), every="none", width=6,
          note="Use of this dashboard. A page without a bar was not opened."),
    Chart("slowest_charts", "Slowest charts", "health", "chart_answer_time", ranked_bars, by=("title",), every="none", width=6,
          note="How long they took to answer, on average."),
    Chart("embeds_seen_by_embed", "Embeds seen", "health", "embeds_seen", ranked_bars, by=("title",), every="none", width=12,
          height=240, note="By the id shown on the Embeds page. Embeds that are not listed were not viewed."),
)  # fmt: skip

PAGE = Page(
    "health",
    "/data-health",
    "Data health",
    "Can the numbers be trusted? What the collectors read, and what they could not use.",
    order=100,
    tiles=TILES,
    charts=CHARTS,
    tables=(
        Table("collector_runs", "Collector runs", "collector_run", columns_of("collector_run")),
        Table("dead_letters", "Dead letters", "dead_letter", columns_of("dead_letter"),
              "Records that could not be used, with the place they stand at."),
        Table("alert_history", "History of alerts", "alert_event", columns_of("alert_event"),
              "Everything that happened to alerts, and who was written to."),
    ),
)  # fmt: skip
