"""Scheduling & delivery: what left the house, how punctually, and what did not."""

from layouts.charts.calendar import calendar
from layouts.charts.figures import lines, matrix, percentile_lines, ranked_bars, stacked_bars
from layouts.charts.model import Chart
from layouts.charts.ordered import ordered_bars
from layouts.charts.sentences import clock_unknown, one_cause
from layouts.charts.shares import share_heatmap
from layouts.page import Page
from layouts.tables import Table, columns_of
from metricstore.metrics.social import SERVICE
from metricstore.query import Filter

TILES = ("service_sent", "service_failed", "service_withdrawn", "service_waiting", "delivery_rate", "send_lateness",
         "posts_on_time", "queue_days_left", "scheduling_success_rate")  # fmt: skip

AHEAD = {"service_waiting": "+14d"}
"""How far figures of what is due reach beyond a range that ends now: as far as the calendar below them."""

CHARTS = (
    Chart("delivery_calendar", "Calendar", "delivery", "service_posts", calendar, by=("platform",), every="1d", ahead=AHEAD["service_waiting"],
          also=("service_sent", "service_failed", "service_waiting", "service_withdrawn", "service_drafts"), width=12, height=440,
          note="Posts on the day they were sent, else are due; two weeks ahead where the range ends now. Drag over days to zoom in, "
               "double-click to go back."),
    Chart("service_posts_by_status", "Posts at the scheduling service", "delivery", "service_posts", stacked_bars,
          by=("status",), width=8, note="On the day they were sent, else are due. Widen the range ahead to see what waits."),
    Chart("service_failures_per_cause", "Why posts failed", "delivery", "service_failed", ranked_bars, by=("error_class",),
          every="none", width=4, says=one_cause),
    Chart("delivery_rate_trend", "Delivered", "delivery", "delivery_rate", lines, by=("platform",), width=6,
          note="Of posts whose time had come; failures count, withdrawn ones do not."),
    Chart("send_lateness_trend", "Lateness", "delivery", "send_lateness", percentile_lines, aggregate="p50",
          also=("send_lateness:p95",), width=6, note="Due to sent: median and 95th percentile."),
    Chart("send_lateness_spread", "How late posts were sent", "delivery", "service_sent", ordered_bars, by=("lateness",),
          every="none", width=6),
    Chart("queue_depth_trend", "Posts in the queue", "delivery", "queue_depth", lines, by=("channel",), width=6,
          note="Of each channel, as last seen in each window."),
    Chart("scheduling_by_platform", "Handed to the service, by the log", "delivery", "scheduling_attempts", stacked_bars,
          by=("outcome",), width=6, note="What the automation says it sent there."),
    Chart("deliveries_by_outcome", "Deliveries by the project's own scheduler", "delivery", "deliveries", stacked_bars,
          by=("outcome",), width=6, note="From its state file."),
    Chart("delivery_hours", "When posts are delivered", "delivery", "delivery_rate", share_heatmap,
          by=("channel_weekday", "channel_hour"), every="none", also=("service_sent", "service_ended"), width=12, says=clock_unknown,
          note="Share delivered by weekday and hour in each channel's own time zone, not the page's; the number is how many were "
               "due. Grey: too few to judge."),
    Chart("queue_days_left", "Days of content left", "delivery", "queue_days_left", ranked_bars, by=("channel",),
          every="none", width=6, aggregate="last", note="Until the last waiting post of the channel is due, as last seen."),
    Chart("quota_left", "Requests left at services", "delivery", "quota_left", matrix, by=("service", "window"),
          every="none", width=6, aggregate="last", note="As each service last said."),
)  # fmt: skip

PAGE = Page(
    "delivery",
    "/delivery",
    "Scheduling & delivery",
    "Did what was planned go out, on time, and how much is waiting?",
    order=40,
    tiles=TILES,
    sections={"Calendar": "delivery_calendar", "On time": "delivery_rate_trend", "Queue": "queue_depth_trend", "Hours": "delivery_hours",
              "Next posts due": "next_posts", "Failed posts": "failed_posts", "All posts": "service_posts"},
    charts=CHARTS,
    tables=(
        Table("next_posts", "Next posts due", "social_post", ("time", "platform", "excerpt", "status", "created", "channel_id"),
              "From now on, whatever the range.", descending=False, ahead=True,
              where=(Filter("status", "any", ("scheduled", "sending", "approval", "draft")), SERVICE)),
        Table("failed_posts", "Failed posts", "social_post", ("time", "platform", "excerpt", "error_class", "error_text", "channel_id"),
              "With the service's own words.", where=(Filter("status", "any", ("failed",)), SERVICE)),
        Table("service_posts", "Posts at services", "social_post", columns_of("social_post"),
              "What is due stands at its due time: choose a range that ends ahead."),
        Table("queue_items", "Queue of the project's own scheduler", "queue_item", columns_of("queue_item")),
    ),
    ahead=AHEAD,
)  # fmt: skip
