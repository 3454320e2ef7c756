"""Metrics of the log and of the dashboard itself."""

from metricstore.metrics.model import Measure, Metric, any_of

METRICS = (
    Metric("log_records", "Log records", "records", "records in app.log", Measure("log_record")),
    Metric("errors", "Errors", "records", "log records of level ERROR and above",
           Measure("log_record", where=(any_of("level", "ERROR", "CRITICAL"),)), good="down"),
    Metric("warnings", "Warnings", "records", "log records of level WARNING",
           Measure("log_record", where=(any_of("level", "WARNING"),)), good="down"),
    Metric("unknown_log_records", "Unrecognised records", "records", "records that match no known message",
           Measure("log_record", where=(any_of("event", "other"),)), good="down"),
    Metric("collector_runs", "Collector runs", "runs", "runs of the dashboard's own collectors", Measure("collector_run")),
    Metric("collector_failures", "Failed collector runs", "runs", "runs that failed or timed out",
           Measure("collector_run", where=(any_of("outcome", "failed", "timeout"),)), good="down"),
    Metric("collector_run_times", "Collector run time", "s", "seconds a collector run took",
           Measure("collector_run", "p95", "duration_seconds"), good="down", decimals=2),
    Metric("collected_points", "Points written", "points", "points the collectors wrote",
           Measure("collector_run", "sum", "points")),
    Metric("alerts_fired", "Alerts fired", "alerts", "alerts of rules, each counted when it fired",
           Measure("alert_event", where=(any_of("event", "fired"),)), good="down"),
    Metric("alert_events", "Events of alerts", "events", "what happened to alerts: fired, raised, acknowledged, over, corrected",
           Measure("alert_event")),
    Metric("dead_letters", "Dead letters", "records", "records that could not be used", Measure("dead_letter"), good="down"),
)  # fmt: skip
