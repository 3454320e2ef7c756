"""Content & calendar: what is planned, what it looks like, what is wrong with it."""

from layouts.charts.figures import lines, matrix, ranked_bars, stacked_bars
from layouts.charts.model import Chart
from layouts.page import Page
from layouts.tables import Table, columns_of

TILES = ("posts", "linkedin_posts", "twitter_posts", "instagram_posts", "topics", "posts_with_failure_text",
         "posts_over_limit", "placeholders")  # fmt: skip

CHARTS = (
    Chart("calendar_by_status", "Calendar items, by status", "content", "posts", stacked_bars, by=("status",), width=8,
          note="On the day each item is meant for."),
    Chart("posts_per_prompt_type", "Kinds of content", "content", "posts", ranked_bars, by=("prompt_type",),
          every="none", width=4),
    Chart("post_length_trend", "Length of posts", "content", "post_characters", lines, by=("platform",), width=6,
          note="Mean characters of the whole text."),
    Chart("content_problems", "Items holding failure text", "content", "posts_with_failure_text", stacked_bars,
          by=("content_state",), width=6, note="About to be published unless somebody looks."),
    Chart("over_limit_per_platform", "Over-long items", "content", "posts_over_limit", ranked_bars, by=("platform",),
          every="none", width=4),
    Chart("hashtags_per_platform", "Hashtags per post", "content", "post_hashtags", ranked_bars, by=("platform",),
          every="none", width=4),
    Chart("emoji_per_platform", "Emoji per post", "content", "post_emoji", ranked_bars, by=("platform",),
          every="none", width=4),
    Chart("posts_per_topic", "Most used topics", "content", "posts", ranked_bars, by=("topic",), every="none", width=12, height=340),
    Chart("status_per_platform", "Status by platform", "content", "posts", matrix, by=("platform", "status"),
          every="none", width=6, note="Click a cell to see one platform everywhere."),
    Chart("posts_per_method", "How posts were made", "content", "posts", ranked_bars, by=("method",), every="none",
          width=6),
    Chart("status_changes", "Status changes", "content", "post_transitions", stacked_bars, by=("to_status",), width=12,
          note="When items moved to a new status."),
)  # fmt: skip

PAGE = Page(
    "content",
    "/content",
    "Content & calendar",
    "What is planned, what it looks like, and what is wrong with it.",
    order=30,
    tiles=TILES,
    charts=CHARTS,
    tables=(Table("posts", "Calendar items", "post", columns_of("post"), "Each item once, as its calendar says it now."),),
)  # fmt: skip
