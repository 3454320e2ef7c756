"""What is read from calendars and the scheduler's state."""

from metricstore.catalogue.model import BY_TIME_KIND, PLATFORM, TIME_KIND, Field, Measurement, Tag, origin

STATUSES = (
    "draft", "generated", "ready", "scheduled", "pending", "posted", "published", "completed", "failed", "deleted",
)  # fmt: skip

POST = Measurement(
    "post",
    "Calendar items",
    "publish date; with the scheduled time of day where one is given",
    (PLATFORM, TIME_KIND),
    (
        Field("post_id", "string", "stable id: platform, date, topic and content"),
        Field("status", "string", "status as the calendar says it now", dimension=True, values=STATUSES),
        Field("content_state", "string", "what the content is", dimension=True,
              values=("ok", "partial", "incomplete", "failed", "null", "empty", "unreadable")),
        Field("presence", "string", "whether its calendar still holds it", dimension=True,
              values=("current", "replaced")),
        Field("topic", "string", "topic", dimension=True),
        Field("content", "string", "the text, tweets joined by a blank line, cut at 32 KiB"),
        Field("prompt_type", "string", "prompt type or style", dimension=True),
        Field("method", "string", "how it was made: batch, fast_parallel, manual, demo", dimension=True),
        Field("post_number", "int", "number in its calendar"),
        Field("position", "int", "place in its calendar, counted from 1"),
        Field("calendar_size", "int", "items in the calendar when it was first seen"),
        Field("characters", "int", "characters of the text", "characters"),
        Field("words", "int", "words of the text", "words"),
        Field("tweets", "int", "tweets of the thread", "tweets"),
        Field("longest_tweet_characters", "int", "longest tweet", "characters"),
        Field("hashtags", "int", "hashtags in the text", "hashtags"),
        Field("emoji", "int", "emoji, joined ones counted once", "emoji"),
        Field("links", "int", "links in the text", "links"),
        Field("questions", "int", "question marks", "questions"),
        Field("placeholders", "int", "template holes left in the text, like [Your Name]", "placeholders"),
        Field("over_limit", "int", "1 when longer than its network or prompt allows, else 0"),
        Field("held_by", "string", "calendar files that hold it, each @ the revision it came in, separated by |"),
        Field("content_hash", "string", "hash of the content: shows an edit"),
        Field("revision", "string", "hash of the calendar file it was first seen in"),
        Field("revision_time", "string", "ISO time (UTC) that file had been written", moment=True),
        Field("first_seen", "string", "ISO time it was first collected", moment=True),
        *origin(what="the item"),
    ),
    dates=BY_TIME_KIND,
    exact="s",
    reach="ahead",
)  # fmt: skip

POST_TRANSITION = Measurement(
    "post_transition",
    "Status changes",
    "when the change happened (completed_at and the like), else the calendar's modification time",
    (PLATFORM,),
    (
        Field(
            "from_status",
            "string",
            "status before; `new` on first sight",
            dimension=True,
            values=("new", *STATUSES, "replaced"),
        ),
        Field("to_status", "string", "status after", dimension=True, values=(*STATUSES, "replaced")),
        Field("post_id", "string", "the post"),
        Field("topic", "string", "topic"),
        Field("held_seconds", "float", "time in the status before, when known", "s"),
        Field("ordinal", "int", "which change of the post it is, counted from 1"),
        *origin(what="the item"),
    ),
    exact="ms",
)

QUEUE_ITEM = Measurement(
    "queue_item",
    "Scheduler queue items",
    "time the item is due",
    (PLATFORM,),
    (
        Field("item_id", "string", "id in the scheduler's state"),
        Field("status", "string", "state of the item", dimension=True, values=("pending", "posted", "failed", "gone")),
        Field("retry_count", "int", "retries so far", "retries"),
        Field("topic", "string", "topic of the post"),
        Field("post_number", "int", "number in its calendar"),
        *origin(what="the item"),
    ),
    exact="s",
    reach="ahead",
)

DELIVERY = Measurement(
    "delivery",
    "Deliveries by the scheduler service",
    "when the service posted or gave up",
    (PLATFORM, Tag("outcome", "how it ended", ("ok", "failed"))),
    (
        Field("item_id", "string", "id in the scheduler's state"),
        Field("retry_count", "int", "retries needed", "retries"),
        Field("late_seconds", "float", "posted minus due", "s"),
        Field("topic", "string", "topic of the post"),
        *origin(what="the history entry"),
    ),
    exact="us",
)

QUEUE_SNAPSHOT = Measurement(
    "queue_snapshot",
    "Scheduler queue over time",
    "modification time of the state file",
    (PLATFORM, Tag("status", "state of the items", ("pending", "posted", "failed"))),
    (Field("items", "int", "items in that state", "items"),),
    exact="ms",
)

MEASUREMENTS = (POST, POST_TRANSITION, QUEUE_ITEM, DELIVERY, QUEUE_SNAPSHOT)
