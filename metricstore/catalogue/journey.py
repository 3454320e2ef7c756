"""The way of each post from idea to reader, put together from all sources."""

from itertools import pairwise

from metricstore.catalogue.model import BY_TIME_KIND, PLATFORM, SHORT_DELAY, TIME_KIND, Field, Measurement

STEPS = ("generated", "accepted", "scheduled", "due", "sent", "seen", "engaged")
"""Every post is in exactly one: the furthest it is known to have reached."""

STATES = ("moving", "stuck", "failed", "dropped", "untold", "done")
"""moving: nothing is late; stuck: longer in its step than it should be; failed: given up; dropped: taken back by people;
untold: no source tells what became of it; done: read, and nothing more is expected."""

CAUSES = (
    "generation_failed", "batch_abandoned", "calendar_lost", "calendar_replaced", "nobody_accepted",
    "no_attempt", "attempt_failed", "not_at_service", "draft_at_service", "approval_missing",
    "channel_disconnected", "queue_paused", "daily_limit", "quota_spent", "service_late",
    "scheduler_not_running", "queue_lost", "scheduler_gave_up",
    "auth", "rate_limit", "content", "media", "network", "other", "calendar_says_failed",
    "partly_sent", "no_figures", "shown_to_nobody",
    "deleted", "withdrawn",
    "service_not_collected", "figures_not_reported", "no_figures_source",
)  # fmt: skip

WAITING = ("up to 1 h", "1-6 h", "6-24 h", "1-3 days", "3-7 days", "over 7 days")
"""How long a post has been in its step, as steps people would tell apart."""

ANCHORS = ("calendar", "log", "scheduler", "service", "platform", "import")
"""What a post is first known by, in this order."""

RULES = ("platform_id", "service_id", "batch_position", "item_id", "text", "text_day", "text_time", "number_topic",
         "number_topic_day", "topic_day", "due_time", "sent_time", "day_attempt", "own")  # fmt: skip
"""By what a record was found to be of a post; `own`: it made the post known."""

UNMATCHED = ("calendar_not_seen", "item_missing", "no_calendar_item", "no_queue_item", "no_such_post", "ambiguous")
"""Why a record that should have had a calendar item has none."""


def _match(source: str) -> Field:
    return Field(
        f"{source}_match", "string", f"rule by which its {source} records were found", dimension=True, values=RULES
    )


POST_JOURNEY = Measurement(
    "post_journey",
    "Posts followed",
    "what the post is meant for: its calendar's date, else when it was sent, is due, was finished or first reported",
    (PLATFORM, TIME_KIND),
    (
        Field("post_id", "string", "the calendar's id of the post, else what the first source calls it"),
        Field("step", "string", "the furthest step it is known to have reached", dimension=True, values=STEPS),
        Field("state", "string", "how it is going", dimension=True, values=STATES),
        Field("cause", "string", "why it is stuck, failed, dropped or unknown: the likeliest reason", dimension=True,
              values=CAUSES),
        Field("cause_detail", "string", "the source's own words for it"),
        Field("waiting", "string", "how long it has been in its step, while it is open", dimension=True, values=WAITING),
        Field("topic", "string", "topic", dimension=True),
        Field("excerpt", "string", "how its text begins"),
        Field("anchor", "string", "what it is first known by", dimension=True, values=ANCHORS),
        Field("sources", "string", "every source that reports it", dimension=True),
        Field("unmatched", "string", "why no calendar item was found for it", dimension=True, values=UNMATCHED),
        Field("sent_by", "string", "who says that it was sent", dimension=True,
              values=("service", "platform", "scheduler", "calendar", "import")),
        *(Field(step, "string", f"ISO time it was {step}; its date where no time of day is known", moment=True) for step in STEPS),
        Field("since", "string", "ISO time since when it is in its step, as far as known", moment=True),
        *(
            Field(f"{step}_seconds", "float", f"from {step} to {after}", "s")
            for step, after in pairwise(STEPS)
        ),
        Field("lead_seconds", "float", "from generated to sent", "s"),
        Field("impressions", "int", "times shown, latest figure", "impressions"),
        Field("interactions", "int", "reactions, comments, reposts, shares, quotes, saves and clicks, latest figures",
              "interactions"),
        Field("tries", "int", "times it was handed to the service, threads by the tweet", "tries"),
        Field("copies", "int", "posts of it at the service, threads by the tweet", "posts"),
        *(_match(source) for source in ("log", "attempts", "scheduler", "service", "platform", "figures")),
        Field("file", "string", "log file that says it was finished, relative to the source folder"),
        Field("line", "int", "line of that log record, counted from 1"),
        Field("calendar_place", "string", "calendar file and line"),
        Field("attempt_places", "string", "log file and line of each result of handing it over"),
        Field("item_ids", "string", "ids in the scheduler's state"),
        Field("service_post_ids", "string", "ids at services and platforms, each after its source"),
        Field("platform_post_ids", "string", "the platform's own ids"),
        Field("row_ids", "string", "ids of imported rows"),
        Field("first_told", "string", "ISO time of the earliest of its records", moment=True),
        Field("last_told", "string", "ISO time of the latest of its records", moment=True),
    ),
    dates=BY_TIME_KIND,
    exact="s",
    reach="ahead",
    settle=SHORT_DELAY,
)  # fmt: skip

MEASUREMENTS = (POST_JOURNEY,)
