"""Metrics of posts at the scheduling service: what was sent, what failed, how late, what waits."""

from metricstore.metrics.model import Measure, Metric, any_of
from metricstore.query import Aggregate, Filter

# Platforms tell of the same posts as the service that sent them: never added up, the service's word counts.
SERVICE = any_of("source", "buffer", "buffer_classic")
_SERVICE = (SERVICE,)


def _posts(*statuses: str) -> Measure:
    return Measure("social_post", where=(any_of("status", *statuses),) if statuses else (), usual=_SERVICE)


def _late(aggregate: Aggregate) -> Measure:
    return Measure("social_post", aggregate, "late_seconds", where=(any_of("status", "sent"),), usual=_SERVICE)


METRICS = (
    Metric("service_posts", "Posts at the service", "posts", "posts the scheduling service knows, drafts included", _posts()),
    Metric("service_sent", "Posts sent", "posts", "posts the scheduling service published", _posts("sent"), good="up"),
    Metric("service_failed", "Posts not sent", "posts", "posts the scheduling service tried to publish and could not", _posts("failed"),
           good="down"),
    Metric("service_ended", "Posts due", "posts", "posts the scheduling service published or could not publish", _posts("sent", "failed")),
    Metric("service_withdrawn", "Withdrawn posts", "posts", "posts that were taken back before they were due", _posts("withdrawn")),
    Metric("service_waiting", "Posts waiting", "posts", "posts that wait at the scheduling service for their time, approval or sending",
           _posts("scheduled", "sending", "approval")),
    Metric("service_drafts", "Drafts at the service", "posts", "posts at the scheduling service that nobody has scheduled yet",
           _posts("draft")),
    Metric("delivery_rate", "Delivery rate", "%", "posts that were published, of those that were due; withdrawn ones are left out",
           _posts("sent"), per=_posts("sent", "failed"), scale=100, good="up", decimals=1, formula="sent / (sent + failed)"),
    Metric("send_lateness", "Lateness", "s", "sent minus due, of posts that were published", _late("p50"), good="down"),
    Metric("posts_on_time", "On time", "%", "published posts that were at most five minutes late",
           Measure("social_post", where=(any_of("status", "sent"), Filter("late_seconds", "max", (300.0,))), usual=_SERVICE),
           per=_late("count"), scale=100, good="up", decimals=1, formula="sent within 5 minutes / sent with a known lateness"),
    Metric("queue_depth", "Posts in the queue", "posts", "posts that wait in a channel's queue, latest figure",
           Measure("social_queue", "last", "pending")),
    Metric("queue_days_left", "Days of content left, least", "days", "until a channel's last waiting post is due: the least of all channels in the range",
           Measure("social_queue", "min", "days_left"), good="up", decimals=1),
    Metric("quota_left", "Requests left", "requests", "what a service's quota still allows, lowest figure",
           Measure("api_quota", "min", "remaining"), good="up"),
)  # fmt: skip
