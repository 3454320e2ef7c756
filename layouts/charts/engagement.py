"""Engagement: who sees it, what do they do, what works?"""

from layouts.charts.figures import grouped_bars, lines, ranked_bars, stacked_bars
from layouts.charts.model import Chart

TILES = ("impressions", "likes", "comments", "shares", "clicks", "engagement_rate", "clickthrough_rate", "followers")

CHARTS = (
    Chart("impressions_trend", "Impressions", "engagement", "impressions", stacked_bars, by=("platform",), width=6),
    Chart("engagement_rate_by_platform", "Engagement rate", "engagement", "engagement_rate", lines, by=("platform",), width=6,
          note="Interactions as a share of exposures."),
    Chart("reactions_per_platform", "What people do", "engagement", "likes", grouped_bars, by=("platform",), every="none",
          also=("comments", "shares", "clicks", "saves"), width=6),
    Chart("clickthrough_trend", "Click-through rate", "engagement", "clickthrough_rate", lines, by=("platform",), width=6),
    Chart("engagement_rate_by_topic", "Best topics", "engagement", "engagement_rate", ranked_bars, by=("topic",),
          every="none", width=6, height=360, note="Rows of whole weeks name no topic. Few exposures make a rate jump."),
    Chart("views_by_topic", "Views by topic", "engagement", "views", ranked_bars, by=("topic",), every="none", width=6,
          height=360, note="How much stands behind each rate."),
    Chart("likes_per_post_by_platform", "Likes of a post", "engagement", "likes_per_post", ranked_bars, by=("platform",),
          every="none", width=6, note="Mean of the single posts that tell them."),
    Chart("followers_trend", "Followers", "engagement", "followers", lines, by=("platform",), width=6),
)  # fmt: skip
