"""What scheduling services and platforms say of posts that left the house: outcomes, figures, queues, quotas."""

from datetime import timedelta

from metricstore.catalogue.model import LONG_DELAY, PLATFORM, SHORT_DELAY, Dates, Field, Measurement, Tag
from metricstore.time_parts import HOURS, WEEKDAYS

SOURCES = ("buffer", "buffer_classic", "linkedin", "x", "x_analytics")
SOURCE = Tag("source", "service that reported it; never add up over sources", SOURCES)
CHANNEL = Field("channel_id", "string", "the service's id of the channel", dimension=True)
CHANNEL_WEEKDAY = Field("channel_weekday", "string", "weekday of its time in the channel's own time zone; not where the service "
                        "names no zone", dimension=True, values=WEEKDAYS)  # fmt: skip
CHANNEL_HOUR = Field(
    "channel_hour", "string", "hour of its time in the channel's own time zone", dimension=True, values=HOURS
)
_POST_ID = Field("service_post_id", "string", "the service's id of the post")

FIGURES = (
    Field("impressions", "int", "times shown", "impressions"),
    Field("reach", "int", "people reached", "people"),
    Field("reactions", "int", "likes and other reactions", "reactions"),
    Field("comments", "int", "comments and replies", "comments"),
    Field("reposts", "int", "reposts, retweets and shares within the network", "reposts"),
    Field("shares", "int", "sent on outside of the network", "shares"),
    Field("quotes", "int", "reposts with a comment of one's own", "quotes"),
    Field("saves", "int", "saves and bookmarks", "saves"),
    Field("clicks", "int", "clicks on links", "clicks"),
    Field("profile_clicks", "int", "clicks on the author", "clicks"),
    Field("views", "int", "views of the media", "views"),
    Field("watch_time_seconds", "float", "time the media was watched in all", "s"),
    Field("engagement_ratio", "float", "engagement rate as the service wrote it, 0 to 1"),
)
"""One canonical set for all services; what a service does not report is left out of the point, never 0."""

MAPPING_VERSION = "2026-11"
"""Version of the mapping from services' words to FIGURES; stored with every point."""

LATENESS = ("up to 1 min", "1-5 min", "5-15 min", "15-60 min", "1-6 h", "over 6 h")
"""How late a post was sent, in steps people would tell apart."""

_TRUST = (
    Field("not_reported", "string", "figures the service did not report, separated by commas"),
    Field("mapping_version", "string", "version of the mapping from the service's words"),
)

SOCIAL_POST = Measurement(
    "social_post",
    "Posts at services",
    "sent, else due, else last changed; the last digits distinguish posts of one second",
    (SOURCE, PLATFORM),
    (
        _POST_ID,
        Field("status", "string", "state at the service now", dimension=True,
              values=("draft", "approval", "scheduled", "sending", "sent", "failed", "withdrawn", "other")),
        CHANNEL,
        CHANNEL_WEEKDAY,
        CHANNEL_HOUR,
        Field("via", "string", "how the post came to the service", dimension=True),
        Field("late_seconds", "float", "sent minus due", "s"),
        Field("lateness", "string", "sent minus due, as a step; early counts as punctual", dimension=True, values=LATENESS),
        Field("due", "string", "ISO time it is due", moment=True),
        Field("sent", "string", "ISO time it was sent", moment=True),
        Field("created", "string", "ISO time it came to the service", moment=True),
        Field("error_class", "string", "kind of failure: auth, rate_limit, content, media, network, other",
              dimension=True),
        Field("error_text", "string", "what the service said of the failure, secrets redacted"),
        Field("content_hash", "string", "hash of the text, spaces and links aside: finds the calendar's post"),
        Field("platform_post_id", "string", "the platform's own id of the post"),
        Field("excerpt", "string", "how its text begins, secrets redacted"),
    ),
    exact="s",
    reach="ahead",
    partial=True,
    settle=SHORT_DELAY,
)  # fmt: skip

SOCIAL_POST_STATS = Measurement(
    "social_post_stats",
    "Figures of posts over time",
    "when the service refreshed the figures, else the time of asking floored to the interval; the last digits name the post",
    (SOURCE, PLATFORM),
    (
        _POST_ID,
        CHANNEL,
        *FIGURES,
        Field("age_seconds", "int", "time since the post was sent", "s"),
        *_TRUST,
    ),
    exact="s",
    reach="newest",
    partial=True,
    settle=LONG_DELAY,
)

SOCIAL_CHANNEL_STATS = Measurement(
    "social_channel_stats",
    "Figures of channels",
    "the day, or the time of asking floored to the interval; the last digits name the channel",
    (SOURCE, PLATFORM, Tag("bucket", "what one row stands for", ("day", "snapshot"))),
    (CHANNEL, Field("followers", "int", "followers", "followers"), *FIGURES, *_TRUST),
    dates=Dates("bucket", "day"),
    exact="s",
    reach="newest",
    snapshot=timedelta(days=1),
    partial=True,
    settle=LONG_DELAY,
)

SOCIAL_QUEUE = Measurement(
    "social_queue",
    "Queues at services",
    "time of asking, floored to the hour; the last digits name the channel",
    (SOURCE, PLATFORM),
    (
        CHANNEL,
        Field("channel", "string", "the channel's name", dimension=True),
        Field("timezone", "string", "the channel's time zone"),
        Field("pending", "int", "posts that wait", "posts"),
        Field("sent_today", "int", "posts sent today", "posts"),
        Field("scheduled_today", "int", "posts scheduled for today", "posts"),
        Field("daily_limit", "int", "posts a day the plan allows", "posts"),
        Field("failed", "int", "posts that failed and are still there", "posts"),
        Field("days_left", "float", "days until the last waiting post is due", "d"),
        Field("queue_paused", "int", "1 when the queue is paused, else 0"),
        Field("disconnected", "int", "1 when the channel has lost its connection, else 0"),
    ),
    exact="s",
    reach="newest",
    snapshot=timedelta(hours=1),
    partial=True,
    settle=SHORT_DELAY,
)

API_QUOTA = Measurement(
    "api_quota",
    "Request quotas of services",
    "time of the answer, floored to the second",
    (Tag("service", "which service"), Tag("window", "length of the quota's window", ("15m", "24h", "30d", "other"))),
    (
        Field("allowed", "int", "requests allowed in the window", "requests"),
        Field("remaining", "int", "requests left", "requests"),
        Field("reset_seconds", "int", "until the window starts anew", "s"),
    ),
    exact="s",
    reach="newest",
)

MEASUREMENTS = (SOCIAL_POST, SOCIAL_POST_STATS, SOCIAL_CHANNEL_STATS, SOCIAL_QUEUE, API_QUOTA)
