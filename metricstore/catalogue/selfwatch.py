"""What the dashboard says of itself."""

from metricstore.catalogue.model import Field, Measurement, Tag, origin

COLLECTOR_RUN = Measurement(
    "collector_run",
    "Collector runs",
    "when the run began",
    (
        Tag("collector", "which collector"),
        Tag("outcome", "how it ended", ("ok", "failed", "timeout")),
    ),
    (
        Field("duration_seconds", "float", "how long it took", "s"),
        Field("records", "int", "records read from the source", "records"),
        Field("points", "int", "points written", "points"),
        Field("rejected", "int", "records set aside as dead letters", "records"),
        Field("older", "int", "points left out, as they are older than they are kept", "points"),
        Field("expired", "int", "points deleted, as they are older than they are kept", "points"),
        Field("bytes", "int", "bytes read", "bytes"),
        Field("attempts", "int", "tries needed", "tries"),
        Field("error", "string", "what went wrong"),
        Field(
            "warnings", "string", "what was not understood in the source though the run went well, a sentence a line"
        ),
    ),
    exact="ms",
    reach="always",
)

DEAD_LETTER = Measurement(
    "dead_letter",
    "Dead letters",
    "when it was set aside",
    (Tag("collector", "which collector"),),
    (
        Field("reason", "string", "why it could not be used"),
        Field("excerpt", "string", "the first 500 characters, secrets redacted"),
        *origin(what="the record"),
    ),
    exact="s",
    reach="always",
)

ALERT_EVENT = Measurement(
    "alert_event",
    "Events of alerts",
    "when it happened: of what fired or ended the end of the window that decided it; the last digits distinguish events of one second",
    (
        Tag("rule", "id of the alert rule"),
        Tag("severity", "how loud it is", ("page", "ticket", "info")),
        Tag("event", "what happened", ("fired", "raised", "repeated", "acknowledged", "resolved", "quiet", "gone", "corrected", "undelivered")),
    ),
    (
        Field("title", "string", "the rule's title"),
        Field("metric", "string", "metric that the rule is about; none for sources that are late", dimension=True),
        Field("labels", "string", "the group it is about, such as `provider openai`"),
        Field("episode", "string", "the same for all events of one alert: rule, group and number"),
        Field("value", "float", "the figure when it fired: in percent where the limit is, else in the metric's unit"),
        Field("limit", "float", "the limit it crossed"),
        Field("sentence", "string", "all of it in a sentence, as messages say it"),
        Field("reason", "string", "why nobody was written to, the note of who acknowledged it, or the answer of a receiver that did not take it"),
        Field("notified", "string", "receivers that it was sent to, separated by commas"),
        Field("receiver", "string", "of a message that was not delivered: whom it was for", dimension=True),
        Field("by", "string", "who acknowledged it"),
    ),
    exact="s",
    about_all=True,
    reach="always",
)  # fmt: skip

APP_USE = Measurement(
    "app_use",
    "Use of the dashboard",
    "when it was written, about a minute's use at a time; the last digits distinguish processes",
    (
        Tag("what", "what was asked for", ("page", "chart", "embed")),
        Tag("name", "the page, the chart, or the id of the embed"),
    ),
    (
        Field("title", "string", "the same as people know it", dimension=True),
        Field("count", "int", "how often", "times"),
        Field("seconds", "float", "how long the answers took in all", "s"),
        Field("slowest", "float", "how long the slowest one took", "s"),
    ),
    exact="s",
    about_all=True,
    reach="always",
)

DELETION = Measurement(
    "deletion",
    "Deletions by age",
    "when it was done",
    (Tag("measurement", "what was deleted of"),),
    (
        Field("before", "string", "points dated before this moment are not kept", moment=True),
        Field("points", "int", "points that were deleted", "points"),
        Field("days", "int", "for how many days they are kept", "days"),
    ),
    exact="ms",
    about_all=True,
    reach="always",
)

MEASUREMENTS = (COLLECTOR_RUN, DEAD_LETTER, ALERT_EVENT, APP_USE, DELETION)
