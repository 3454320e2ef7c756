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
        Field("bytes", "int", "bytes read", "bytes"),
        Field("attempts", "int", "tries needed", "tries"),
        Field("error", "string", "what went wrong"),
        Field(
            "warnings", "string", "what was not understood in the source though the run went well, a sentence a line"
        ),
    ),
    exact="ms",
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
)

MEASUREMENTS = (COLLECTOR_RUN, DEAD_LETTER)
