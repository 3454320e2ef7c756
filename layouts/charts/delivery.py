"""Scheduling & delivery: did what was planned go out, on time, and what waits?"""

from layouts.charts.figures import lines, matrix, percentile_lines, ranked_bars, stacked_bars, week_heatmap
from layouts.charts.model import Chart

TILES = ("scheduling_attempts", "scheduling_success_rate", "deliveries", "delivery_lateness", "service_sent", "delivery_rate",
         "send_lateness", "queue_days_left")  # fmt: skip

CHARTS = (
    Chart("scheduling_by_platform", "Handed to the service, by the log", "delivery", "scheduling_attempts", stacked_bars,
          by=("outcome",), width=6, note="What the observed system says it sent there."),
    Chart("deliveries_by_outcome", "The observed scheduler's own deliveries", "delivery", "deliveries", stacked_bars,
          by=("outcome",), width=6, note="As its state file tells them."),
    Chart("service_posts_by_status", "Posts at the service, by state", "delivery", "service_posts", stacked_bars,
          by=("status",), width=8, note="On the day they were sent, else are due."),
    Chart("service_status_per_platform", "State by platform", "delivery", "service_posts", matrix, by=("platform", "status"),
          every="none", width=4),
    Chart("delivery_rate_trend", "Delivery rate", "delivery", "delivery_rate", lines, by=("platform",), width=6,
          note="Sent, of those that were due; withdrawn posts are left out."),
    Chart("send_lateness_trend", "Lateness", "delivery", "send_lateness", percentile_lines, aggregate="p50",
          also=("send_lateness:p95",), width=6, note="From due to sent: median and 95th percentile."),
    Chart("service_failures_per_cause", "Why posts were not sent", "delivery", "service_failed", ranked_bars,
          by=("error_class",), every="none", width=4, note="One expired login is one cause, however many posts it holds up."),
    Chart("sent_hours", "When posts are sent", "delivery", "service_sent", week_heatmap, every="1h", width=8),
    Chart("queue_depth_trend", "Posts in the queue", "delivery", "queue_depth", lines, by=("channel",), width=6),
    Chart("quota_left_trend", "Requests left at services", "delivery", "quota_left", lines, by=("service",), width=6,
          note="Collectors stop before a quota is spent."),
)  # fmt: skip
