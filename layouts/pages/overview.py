"""Overview: are we on track, what failed, does anybody read it?"""

from layouts.charts.figures import grouped_bars, lines, ranked_bars, stacked_bars
from layouts.charts.model import Chart
from layouts.page import Page

TILES = ("generations", "generation_success_rate", "delivery_rate", "post_engagement_rate", "ai_cost")
STAND_INS = {"post_engagement_rate": "engagement_rate"}
"""What is shown in a figure's place where nothing was ever collected for it: one choice, its source in its title."""

CHARTS = (
    Chart("generations_by_outcome", "Posts generated, by outcome", "overview", "generations", stacked_bars,
          by=("outcome",), width=8, note="By log and calendar together; failures hidden in content count as failed."),
    Chart("generations_per_platform", "Posts generated, by platform", "overview", "generations", ranked_bars,
          by=("platform",), every="none", width=4),
    Chart("posts_by_publish_date", "Calendar items, by publish date", "overview", "posts", stacked_bars,
          by=("platform",), width=8, note="Each item once, on the day it is meant for."),
    Chart("posts_by_status", "Where the posts stand", "overview", "posts", ranked_bars, by=("status",), every="none",
          width=4, note="Status as the calendar says it now."),
    Chart("scheduling_by_outcome", "Sent to Buffer", "overview", "scheduling_attempts", stacked_bars,
          by=("outcome",), width=6, note="One for each post or tweet sent."),
    Chart("errors_per_event", "What went wrong", "overview", "errors", ranked_bars, by=("event",), every="none", width=6,
          note="Log records of level ERROR and above, by message."),
    Chart("engagement_rate_trend", "Engagement rate", "overview", "engagement_rate", lines, by=("platform",), width=6,
          note="Imported figures: interactions as a share of exposures."),
    Chart("interactions_per_platform", "Likes, comments and shares", "overview", "likes", grouped_bars,
          by=("platform",), every="none", also=("comments", "shares"), width=6, note="Imported figures."),
    Chart("engagement_rate_per_topic", "Topics people react to", "overview", "engagement_rate", ranked_bars,
          by=("topic",), every="none", width=12, note="Imported figures; rows of whole weeks name no topic."),
)  # fmt: skip

PAGE = Page(
    "overview",
    "/",
    "Overview",
    "Are we on track, what failed, and are our posts being read?",
    order=10,
    tiles=TILES,
    charts=CHARTS,
    stand_ins=STAND_INS,
    compares="weekdays",
)
