"""Generation: how many, how long, how well, and what the AI provider did."""

from layouts.charts.figures import lines, percentile_lines, ranked_bars, stacked_bars, week_heatmap
from layouts.charts.model import Chart
from layouts.page import Page
from layouts.tables import Table, columns_of

TILES = ("generations", "generation_failures", "generation_success_rate", "generation_times", "batches", "ai_requests",
         "ai_request_error_rate", "ai_retry_wait")  # fmt: skip

CHARTS = (
    Chart("generations_by_platform_trend", "Posts generated, by platform", "generation", "generations", stacked_bars,
          by=("platform",), width=6),
    Chart("generation_success_trend", "Success rate", "generation", "generation_success_rate", lines, by=("platform",),
          width=6, note="Of the posts that could be judged."),
    Chart("generation_duration_trend", "Generation time", "generation", "generation_times", percentile_lines,
          aggregate="p50", also=("generation_times:p95", "generation_times:p99"), width=8,
          note="Median, 95th and 99th percentile of single posts."),
    Chart("generation_duration_per_platform", "Mean generation time", "generation", "generation_times", ranked_bars,
          by=("platform",), every="none", width=4),
    Chart("failures_per_reason", "Why generations failed", "generation", "generation_failures", ranked_bars,
          by=("outcome_reason",), every="none", width=6),
    Chart("batches_by_outcome", "Batches", "generation", "batches", stacked_bars, by=("outcome",), width=6,
          note="Abandoned: begun and never finished (stopped, killed, crashed)."),
    Chart("ai_requests_by_status", "AI requests, by HTTP status", "generation", "ai_requests", stacked_bars,
          by=("http_status",), width=6, note="Answered attempts; refused connections leave only a retry."),
    Chart("ai_retry_wait_trend", "Time lost waiting for retries", "generation", "ai_retry_wait", stacked_bars, width=6),
    Chart("ai_latency_trend", "AI answer time", "generation", "ai_request_latency", percentile_lines, aggregate="p50",
          also=("ai_request_latency:p95",), width=6, note="Estimated from the record before the answer: an upper bound."),
    Chart("generation_hours", "When posts are generated", "generation", "generations", week_heatmap, every="1h", width=6),
)  # fmt: skip

PAGE = Page(
    "generation",
    "/generation",
    "Generation",
    "How many posts, how long they took, how well it went, and what the AI provider did.",
    order=20,
    tiles=TILES,
    charts=CHARTS,
    tables=(Table("batches", "Batches", "batch", columns_of("batch"), "Every generation run that began."),),
)  # fmt: skip
