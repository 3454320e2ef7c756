"""Metrics of calendar content and of the audience."""

from metricstore.metrics.model import Measure, Metric, any_of
from metricstore.query import Aggregate, Filter

EXPOSED = "sum of likes, comments and shares / sum of impressions (views, then reach, where impressions are not given)"


def _posts_of(platform: str, title: str) -> Metric:
    return Metric(
        f"{platform}_posts", title, "posts", f"calendar items of {title.split()[0]} by publish date, each counted once",
        Measure("post", where=(any_of("platform", platform),)), good="up",
    )  # fmt: skip


_IMPORTED = (any_of("provenance", "imported"),)
# Exports by post, day and week tell the same audience: posts count, and what weeks and days tell beyond them.
# Snapshots of accounts are standings, not what a day or a post brought: they are never summed.
_ONCE = (any_of("grain", "post", "rest"),)
_OWN = (*_IMPORTED, any_of("grain", "week", "day", "account"))
COUNTED_ONCE = "each once: those of single posts, and of a network's weekly and daily rows what they add to the posts"
"""The filter `grain=week` asks for the rows of weeks instead."""


def summed(field: str) -> Measure:
    """The sum of an imported figure, each told once."""
    return Measure("engagement", "sum", field, where=_IMPORTED, usual=_ONCE)


def _engagement_sum(field: str, title: str) -> Metric:
    return Metric(field, title, field, f"sum of {field} in imported figures, {COUNTED_ONCE}", summed(field),
                  good="up", provenance="imported")  # fmt: skip


def _mean_of_post(field: str, title: str, unit: str, decimals: int = 1) -> Metric:
    return Metric(f"post_{field}", title, unit, f"{title.lower()}, mean over calendar items",
                  Measure("post", "mean", field), decimals=decimals)  # fmt: skip


WAITING = any_of("status", "draft", "generated", "ready", "scheduled", "pending")
TEXTLESS = any_of("content_state", "failed", "partial", "incomplete", "null", "empty")
OUT = any_of("status", "posted", "published", "completed")
KEPT = (Filter("status", "none", ("deleted",)),)
_HELD = Filter("presence", "none", ("replaced",))
"""Still in a calendar: each batch replaces the file as a whole, and nobody changes the status of what it held."""


def _per_post(field: str, title: str, decimals: int = 1) -> Metric:
    def of_posts(aggregate: Aggregate) -> Measure:
        return Measure("engagement", aggregate, field, where=(*_IMPORTED, any_of("grain", "post")))

    return Metric(f"{field}_per_post", title, field, f"mean of the single posts that report {field}",
                  of_posts("sum"), per=of_posts("count"), good="up", decimals=decimals,
                  formula=f"sum of {field} / posts that report them", provenance="imported")  # fmt: skip


def _share(name: str, title: str, upper: str, lower: str, meaning: str) -> Metric:
    return Metric(name, title, "%", meaning, summed(upper), per=summed(lower), scale=100, good="up", decimals=2,
                  formula=f"sum of {upper} / sum of {lower}", provenance="imported")  # fmt: skip


METRICS = (
    Metric("posts", "Posts in calendars", "posts", "calendar items by publish date, each counted once",
           Measure("post"), good="up"),
    _posts_of("linkedin", "LinkedIn posts"),
    _posts_of("twitter", "X threads"),
    _posts_of("instagram", "Instagram posts"),
    Metric("posts_per_day", "Posts a day", "posts/day", "calendar items for each day of the range, deleted ones left out",
           Measure("post", "per_day", where=KEPT), good="up", decimals=2, formula="posts / days"),
    Metric("posts_waiting", "Not yet out", "posts", "items still in a calendar with a status before publication; those of past days are overdue",
           Measure("post", where=(WAITING, _HELD)), good="down"),
    Metric("publication_rate", "Published", "%", "items still in a calendar that are posted, published or completed",
           Measure("post", where=(OUT, _HELD)), per=Measure("post", where=(*KEPT, _HELD)), scale=100, good="up", decimals=1,
           formula="posted, published and completed / all but deleted"),
    Metric("posts_with_failure_text", "Items holding failure text", "posts",
           "calendar items whose content is an error message, null or empty", Measure("post", where=(TEXTLESS,)), good="down"),
    Metric("waiting_without_text", "Waiting without text", "posts",
           "items not yet out and still in a calendar, whose content is an error message, null or empty",
           Measure("post", where=(TEXTLESS, WAITING, _HELD)), good="down"),
    Metric("posts_over_limit", "Over-long items", "posts", "longer than the network or the prompt allows",
           Measure("post", "sum", "over_limit"), good="down"),
    Metric("topics", "Topics", "topics", "different topics", Measure("post", "distinct", "topic")),
    _mean_of_post("characters", "Length", "characters", 0),
    _mean_of_post("hashtags", "Hashtags", "hashtags"),
    _mean_of_post("emoji", "Emoji", "emoji"),
    _mean_of_post("tweets", "Tweets per thread", "tweets"),
    _mean_of_post("questions", "Questions", "questions"),
    _mean_of_post("links", "Links", "links"),
    Metric("topic_reuse", "Posts on a topic", "posts", "how often a topic is used, on average", Measure("post"),
           per=Measure("post", "distinct", "topic"), decimals=1, formula="posts / different topics"),
    Metric("placeholders", "Template holes left in", "placeholders", "such as [Your Name]",
           Measure("post", "sum", "placeholders"), good="down"),
    Metric("post_transitions", "Status changes", "changes", "calendar items that changed status", Measure("post_transition")),
    Metric("status_durations", "Time in a status", "s", "how long items stayed in the status they left, where known",
           Measure("post_transition", "p50", "held_seconds")),
    Metric("engagement_rate", "Imported engagement rate", "%", "interactions as a share of exposures",
           summed("engagements"), per=summed("exposures"),
           scale=100, good="up", decimals=2, formula=EXPOSED, provenance="imported"),
    Metric("reported_engagement_rate", "Engagement rate as reported", "%", "mean of the rates that sources wrote themselves, whatever their formula",
           Measure("engagement", "mean", "reported_rate", where=_IMPORTED, usual=(any_of("grain", "post", "week", "day"),)),
           decimals=2, provenance="imported"),
    _share("clickthrough_rate", "Click-through rate", "clicks", "impressions", "clicks as a share of impressions"),
    _share("share_rate", "Shared on", "shares", "impressions", "shares as a share of impressions"),
    _per_post("impressions", "Impressions of a post", 0),
    _per_post("views", "Views of a post", 0),
    _per_post("likes", "Likes of a post"),
    _per_post("comments", "Comments on a post"),
    _per_post("shares", "Shares of a post"),
    _engagement_sum("impressions", "Imported impressions"),
    _engagement_sum("views", "Views"),
    _engagement_sum("reach", "Reach"),
    _engagement_sum("clicks", "Clicks"),
    _engagement_sum("likes", "Likes"),
    _engagement_sum("comments", "Comments"),
    _engagement_sum("shares", "Shares"),
    _engagement_sum("saves", "Saves"),
    Metric("conflicting_rows", "Conflicting rows", "rows",
           "rows of imported files that claim to be the same post or day as another with other figures; the other is counted",
           Measure("engagement", "sum", "conflicting_rows", where=_IMPORTED, usual=_ONCE), good="down", provenance="imported"),
    Metric("followers", "Followers", "followers", "latest imported figure, of whichever account reported last",
           Measure("engagement", "last", "followers", where=_OWN),
           good="up", provenance="imported"),
)  # fmt: skip
