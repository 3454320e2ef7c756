"""Engagement: who sees it, what do they do, what works?"""

from layouts.charts.figures import grouped_bars, lines, ranked_bars, stacked_bars
from layouts.charts.growth import growth_curves, posts_behind
from layouts.charts.intervals import best_and_worst, mixed_and_left_out, steps_with_intervals
from layouts.charts.model import Chart
from layouts.charts.shares import share_heatmap
from layouts.page import Page
from layouts.tables import Table, columns_of

TILES = ("post_impressions", "post_reactions", "post_comments", "post_reposts", "post_clicks", "post_engagement_rate",
         "post_clickthrough_rate", "first_day_share",
         "impressions", "likes", "engagement_rate", "followers")  # fmt: skip

_SURE = ("rated_posts", "post_engagement_rate_low", "post_engagement_rate_high")
_WHISKERS = "Whiskers: 95 % confidence interval. n: posts. Grey: fewer than 10 posts."


def _trait(name: str, title: str, note: str) -> Chart:
    """Engagement rate by something that can be told of a text."""
    return Chart(f"engagement_by_{name}", title, "engagement", "post_engagement_rate", steps_with_intervals, by=(name,),
                 every="none", also=_SURE, width=4, note=note, says=mixed_and_left_out)  # fmt: skip


CHARTS = (
    Chart("post_impressions_trend", "Impressions of posts", "engagement", "post_impressions", stacked_bars, by=("platform",),
          width=6, note="Each post's latest figure, on the day the post was sent."),
    Chart("post_engagement_rate_trend", "Engagement rate of posts", "engagement", "post_engagement_rate", lines,
          by=("platform",), width=6, note="Reactions, comments and reposts as a share of impressions, by the day of sending."),
    Chart("post_growth_curves", "How posts grow", "engagement", "growing_exposures", growth_curves, by=("post", "age_step"),
          every="none", also=("growing_age",), width=8, height=380, says=posts_behind,
          note="Impressions by age, from our own readings; posts sent in the range whose source reports them."),
    Chart("first_day_share_per_platform", "First 24 hours", "engagement", "first_day_share", best_and_worst, by=("platform",),
          every="none", also=("first_day_posts",), width=4, height=380,
          note="Share of all impressions that came within a day; posts at least seven days old. n: posts."),
    Chart("post_engagement_rate_by_topic", "Best and worst topics", "engagement", "post_engagement_rate", best_and_worst,
          by=("topic",), every="none", also=_SURE, width=12, height=420, note=_WHISKERS, says=mixed_and_left_out),
    Chart("engagement_hours", "When posts are engaged with", "engagement", "post_engagement_rate", share_heatmap, every="1h",
          also=("rated_interactions", "rated_exposures", "rated_posts"), width=12,
          note="Engagement rate by weekday and hour of sending; the number is how many posts. Grey: too few to judge."),
    _trait("length_step", "Length and engagement", f"Characters of the text. {_WHISKERS}"),
    _trait("hashtags_step", "Hashtags and engagement", "Hashtags in the text."),
    _trait("emoji_step", "Emoji and engagement", "Emoji in the text."),
    _trait("links_step", "Links and engagement", "Links in the text."),
    _trait("thread_step", "Threads and engagement", "Tweets of the thread a tweet belongs to."),
    _trait("prompt_type", "Prompt types and engagement", "What the text was asked to be."),
    Chart("reactions_per_post_platform", "What people do with posts", "engagement", "post_reactions", grouped_bars,
          by=("platform",), every="none", also=("post_comments", "post_reposts", "post_clicks", "post_saves"), width=6),
    Chart("impressions_trend", "Impressions", "engagement", "impressions", stacked_bars, by=("platform",), width=6),
    Chart("engagement_rate_by_platform", "Engagement rate", "engagement", "engagement_rate", lines, by=("platform",), width=6,
          note="Interactions as a share of exposures."),
    Chart("reactions_per_platform", "What people do", "engagement", "likes", grouped_bars, by=("platform",), every="none",
          also=("comments", "shares", "clicks", "saves"), width=6),
    Chart("clickthrough_trend", "Click-through rate", "engagement", "clickthrough_rate", lines, by=("platform",), width=6),
    Chart("likes_per_post_by_platform", "Likes of a post", "engagement", "likes_per_post", ranked_bars, by=("platform",),
          every="none", width=6, note="Mean of the single posts that report them."),
    Chart("engagement_rate_by_topic", "Best topics", "engagement", "engagement_rate", ranked_bars, by=("topic",),
          every="none", width=6, height=456, note="Rows of whole weeks name no topic. Few exposures make a rate jump."),
    Chart("views_by_topic", "Views by topic", "engagement", "views", ranked_bars, by=("topic",), every="none", width=6,
          height=456, note="How much stands behind each rate."),
    Chart("followers_trend", "Followers", "engagement", "followers", lines, by=("platform",), width=12, height=260),
)  # fmt: skip

PAGE = Page(
    "engagement",
    "/engagement",
    "Engagement",
    "Who sees the posts, what they do, and what works.",
    order=50,
    tiles=TILES,
    sections={"Reach and rate": "post_impressions_trend", "What works": "post_engagement_rate_by_topic", "What people do": "reactions_per_post_platform",
              "Imported figures": "impressions_trend", "Posts sent": "post_figures", "Figures as reported": "engagement_figures"},
    charts=CHARTS,
    tables=(Table("post_figures", "Posts sent", "post_performance", columns_of("post_performance"),
                         note="Each once, with its latest figures; a dash where its source does not report one."),
                   Table("engagement_figures", "Figures as reported", "engagement", columns_of("engagement")),),
)  # fmt: skip
