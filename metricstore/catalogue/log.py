"""What is read from `app.log`."""

from metricstore.catalogue.model import PLATFORM, Field, Measurement, Tag, origin

OUTCOMES = ("ok", "partial", "failed", "unknown")

LOG_RECORD = Measurement(
    "log_record",
    "Log records",
    "when the record was written (source time zone, converted to UTC)",
    (
        Tag("level", "severity", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
        Tag("event", "which message template was recognised; `other` when none"),
    ),
    (
        Field("message", "string", "the whole record's text, secrets redacted, cut at 32 KiB"),
        *origin(what="the record"),
        Field("lines", "int", "lines the record spans", "lines"),
        Field("offset", "int", "byte the record begins at in its file", "bytes"),
        Field("stray_lines", "int", "of its lines those that other programs printed behind it", "lines"),
    ),
    exact="ms",
)

GENERATION = Measurement(
    "generation",
    "Finished posts and threads",
    "when the generator said the post or thread was finished",
    (PLATFORM,),
    (
        Field("outcome", "string", "what log and calendar together say of it", dimension=True, values=OUTCOMES),
        Field("outcome_reason", "string", "why: http_500, no_answer, failure_text, null_content, ambiguous…",
              dimension=True),
        Field("log_outcome", "string", "what the log alone says", dimension=True, values=OUTCOMES),
        Field("content_outcome", "string", "what the calendar item's content says", dimension=True, values=OUTCOMES),
        Field("duration_seconds", "float", "time since the previous post or the batch's begin", "s"),
        Field("topic", "string", "the topic, first 30 characters when only the log is known"),
        Field("position", "int", "i of i/N in its batch"),
        Field("batch_size", "int", "N of i/N"),
        Field("batch_id", "string", "the batch it belongs to"),
        Field("ai_requests", "int", "answered HTTP attempts seen for it", "requests"),
        Field("ai_retries", "int", "retries announced while it was made", "retries"),
        Field("retry_wait_seconds", "float", "time spent waiting before retries", "s"),
        Field("content_reason", "string", "why content_outcome: content_ok, failure_text, null_content, empty_content",
              dimension=True),
        Field("revision", "string", "the calendar its content was found in"),
        *origin(what="the finishing record"),
    ),
    exact="ms",
)  # fmt: skip

BATCH = Measurement(
    "batch",
    "Generation batches",
    "when the batch began",
    (PLATFORM,),
    (
        Field("outcome", "string", "how it ended", dimension=True, values=("completed", "abandoned", "running")),
        Field("duration_seconds", "float", "begin to completion; absent unless completed", "s"),
        Field("requested", "int", "posts asked for", "posts"),
        Field("finished", "int", "posts finished", "posts"),
        Field("failed", "int", "finished posts known from the log to have a failed call", "posts"),
        Field("slowest_seconds", "float", "the slowest post", "s"),
        Field("ai_requests", "int", "answered HTTP attempts that are surely its own", "requests"),
        Field("ai_retries", "int", "retries announced that are surely its own", "retries"),
        Field("retry_wait_seconds", "float", "time lost waiting before retries", "s"),
        Field("batch_id", "string", "stable id"),
        *origin(what="the starting record"),
    ),
    exact="ms",
)

AI_REQUEST = Measurement(
    "ai_request",
    "AI requests",
    "when the answer's head arrived",
    (
        Tag("http_status", "HTTP status of the answer", ("200", "400", "401", "429", "500", "503")),
        Tag("provider", "host that answered"),
    ),
    (
        Field("latency_seconds", "float", "estimated from the record before it: an upper bound", "s"),
        Field("platform", "string", "platform of the batch it belongs to, when sure", dimension=True),
        Field("batch_id", "string", "batch it belongs to, when sure"),
        *origin(what="the record"),
    ),
    exact="ms",
)

AI_RETRY = Measurement(
    "ai_retry",
    "AI retries",
    "when the retry was announced",
    (Tag("endpoint", "path that is retried"),),
    (
        Field("wait_seconds", "float", "announced wait", "s"),
        Field("platform", "string", "platform of the batch it belongs to, when sure", dimension=True),
        Field("batch_id", "string", "batch it belongs to, when sure"),
        *origin(what="the record"),
    ),
    exact="ms",
)

SCHEDULING_ATTEMPT = Measurement(
    "scheduling_attempt",
    "Scheduling attempts",
    "when the result was logged; one point for each post or tweet sent to Buffer",
    (
        PLATFORM,
        Tag("outcome", "whether Buffer accepted it", ("ok", "failed")),
        Tag("program", "who sent it", ("main", "service")),
    ),
    (
        Field("error_kind", "string", "error by kind: http_500, http_429, not_json, connection, refused, other",
              dimension=True),
        Field("error", "string", "error text, secrets redacted"),
        Field("topic", "string", "topic of the post"),
        Field("post_number", "int", "number in its calendar"),
        Field("tweet_number", "int", "number in its thread"),
        Field("buffer_id", "string", "id Buffer gave, when read"),
        Field("item_id", "string", "id in the scheduler's queue, when the service sent it"),
        *origin(what="the result"),
    ),
    exact="ms",
)  # fmt: skip

MEASUREMENTS = (LOG_RECORD, GENERATION, BATCH, AI_REQUEST, AI_RETRY, SCHEDULING_ATTEMPT)
