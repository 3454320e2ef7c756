"""Metrics of calendar content and of the audience."""

from metricstore.metrics.model import Measure, Metric, any_of

EXPOSED = "sum of likes, comments and shares / sum of impressions (views, then reach, where impressions are not given)"


def _posts_of(platform: str, title: str) -> Metric:
    return Metric(
        f"{platform}_posts", title, "posts", f"{platform} calendar items by publish date, each counted once",
        Measure("post", where=(any_of("platform", platform),)), good="up",
    )  # fmt: skip


_IMPORTED = (any_of("provenance", "imported"),)
# Exports by post, day and week tell the same audience: posts count, and what weeks and days tell beyond them.
# Snapshots of accounts are standings, not what a day or a post brought: they are never summed.
_ONCE = (any_of("grain", "post", "rest"),)
_OWN = (*_IMPORTED, any_of("grain", "week", "day", "account"))
COUNTED_ONCE = ("each once: those of single posts and, of a network's weekly and daily rows, what no post of that week "
                "tells; `grain=week` asks for the rows of weeks instead")  # fmt: skip


def _summed(field: str) -> Measure:
    return Measure("engagement", "sum", field, where=_IMPORTED, usual=_ONCE)


def _engagement_sum(field: str, title: str) -> Metric:
    return Metric(field, title, field, f"sum of {field} in imported figures, {COUNTED_ONCE}", _summed(field),
                  good="up", provenance="imported")  # fmt: skip


def _mean_of_post(field: str, title: str, unit: str, decimals: int = 1) -> Metric:
    return Metric(f"post_{field}", title, unit, f"{title.lower()}, mean over calendar items",
                  Measure("post", "mean", field), decimals=decimals)  # fmt: skip


METRICS = (
    Metric("posts", "Posts in calendars", "posts", "calendar items by publish date, each counted once",
           Measure("post"), good="up"),
    _posts_of("linkedin", "LinkedIn posts"),
    _posts_of("twitter", "X threads"),
    _posts_of("instagram", "Instagram posts"),
    Metric("posts_with_failure_text", "Items holding failure text", "posts",
           "calendar items whose content is an error message, null or empty",
           Measure("post", where=(any_of("content_state", "failed", "partial", "null", "empty"),)), good="down"),
    Metric("posts_over_limit", "Over-long items", "posts", "longer than the network or the prompt allows",
           Measure("post", "sum", "over_limit"), good="down"),
    Metric("topics", "Topics", "topics", "different topics", Measure("post", "distinct", "topic")),
    _mean_of_post("characters", "Length", "characters", 0),
    _mean_of_post("hashtags", "Hashtags", "hashtags"),
    _mean_of_post("emoji", "Emoji", "emoji"),
    _mean_of_post("tweets", "Tweets per thread", "tweets"),
    Metric("placeholders", "Template holes left in", "placeholders", "such as [Your Name]",
           Measure("post", "sum", "placeholders"), good="down"),
    Metric("post_transitions", "Status changes", "changes", "calendar items that changed status", Measure("post_transition")),
    Metric("engagement_rate", "Engagement rate", "%", "interactions as a share of exposures",
           _summed("engagements"), per=_summed("exposures"),
           scale=100, good="up", decimals=2, formula=EXPOSED, provenance="imported"),
    _engagement_sum("impressions", "Impressions"),
    _engagement_sum("views", "Views"),
    _engagement_sum("reach", "Reach"),
    _engagement_sum("clicks", "Clicks"),
    _engagement_sum("likes", "Likes"),
    _engagement_sum("comments", "Comments"),
    _engagement_sum("shares", "Shares"),
    _engagement_sum("saves", "Saves"),
    Metric("followers", "Followers", "followers", "latest imported figure",
           Measure("engagement", "last", "followers", where=_OWN),
           good="up", provenance="imported"),
)  # fmt: skip
