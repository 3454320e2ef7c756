"""Metrics of sent posts as services and networks tell them: each post once, with its latest figures, on the day it was sent."""

from metricstore.metrics.formula import Formula, Term
from metricstore.metrics.model import Measure, Metric
from metricstore.query import Aggregate

RATE = "(reactions + comments + reposts) / impressions (else views, else reach)"
_ONCE = "the latest figure of each post sent"


def _of(field: str, aggregate: Aggregate = "sum") -> Measure:
    return Measure("post_performance", aggregate, field)


def _total(field: str, title: str, meaning: str) -> Metric:
    return Metric(f"post_{field}", title, field, f"{meaning}; {_ONCE}", _of(field), good="up")


def _interval(name: str, title: str, function: str) -> Metric:
    """An end of the engagement rate's interval."""
    terms = (
        Term("posts", "posts", _of("exposures", "count")),
        Term("acted", "interactions", _of("rated_interactions")),
        Term("seen", "exposures", _of("exposures")),
        Term("acted2", "interactions²", _of("interactions_squared")),
        Term("both", "exposures × interactions", _of("exposed_interactions")),
        Term("seen2", "exposures²", _of("exposures_squared")),
    )
    formula = Formula(f"100 * {function}(posts, acted, seen, acted2, both, seen2)", terms)
    return Metric(name, title, "%", "Student's t with the variance of the linearised ratio: posts differ, so posts are what was sampled",
                  terms[0].measure, decimals=2, formula=formula.told(), model=formula)  # fmt: skip


METRICS = (
    Metric("performing_posts", "Posts sent", "posts", "posts that went out, each once however many sources report it",
           Measure("post_performance"), good="up"),
    _total("impressions", "Impressions", "times posts were shown"),
    _total("reactions", "Reactions", "likes and other reactions"),
    _total("comments", "Comments", "comments and replies"),
    _total("reposts", "Reposts", "reposts, retweets and shares within the network"),
    _total("clicks", "Clicks", "clicks on links"),
    _total("saves", "Saves", "saves and bookmarks"),
    _total("interactions", "Interactions", "reactions, comments and reposts"),
    Metric("rated_interactions", "Interactions of rated posts", "interactions",
           "reactions, comments and reposts of posts whose exposures are reported, too", _of("rated_interactions"), good="up"),
    Metric("rated_exposures", "Exposures of rated posts", "exposures",
           "impressions (views, then reach) of posts whose reactions are reported, too", _of("exposures"), good="up"),
    Metric("rated_posts", "Posts with a rate", "posts", "posts whose reactions and exposures are both reported",
           _of("exposures", "count")),
    Metric("post_engagement_rate", "Engagement rate", "%", "interactions as a share of exposures, of posts that report both",
           _of("rated_interactions"), per=_of("exposures"), scale=100, good="up", decimals=2, formula=RATE),
    _interval("post_engagement_rate_low", "Engagement rate, low end", "ratio_low"),
    _interval("post_engagement_rate_high", "Engagement rate, high end", "ratio_high"),
    Metric("post_clickthrough_rate", "Click-through rate", "%", "clicks as a share of impressions, of posts that report both",
           _of("clicks"), per=_of("impressions"), scale=100, good="up", decimals=2, formula="clicks / impressions"),
    Metric("impressions_of_post", "Impressions of a post", "impressions", "median of the posts that report them; latest figures",
           _of("impressions", "p50"), good="up"),
    Metric("first_day_share", "First 24 hours", "%", "exposures of the first day, as a share of all so far: of posts at least seven days "
           "old whose figures were read 18 to 30 hours after they were sent (the reading nearest to 24 hours)",
           _of("first_day_exposures"), per=_of("later_exposures"), scale=100, decimals=1,
           formula="exposures after about 24 hours / latest exposures"),
    Metric("first_day_posts", "Posts with a known first day", "posts", "posts at least seven days old whose figures were read 18 to 30 "
           "hours after they were sent", _of("later_exposures", "count")),
    Metric("growing_exposures", "Exposures by age", "exposures", "impressions (views, then reach) of a post at an age; of several posts the mean",
           Measure("post_growth", "mean", "exposures"), good="up"),
    Metric("growing_age", "Age of the figures", "h", "hours between sending and reading; of several readings the mean",
           Measure("post_growth", "mean", "age_hours"), decimals=1),
)  # fmt: skip
