"""Metrics of the way from idea to reader: steps reached, time in them, what is stuck."""

from metricstore.catalogue.journey import STEPS
from metricstore.metrics.model import Good, Measure, Metric, any_of
from metricstore.query import Filter

_HOUR = 1 / 3600


def _posts(**conditions: tuple[str, ...]) -> Measure:
    return Measure("post_journey", where=tuple(any_of(column, *values) for column, values in conditions.items()))


def _from(step: str) -> tuple[str, ...]:
    return STEPS[STEPS.index(step) :]


def _reached(step: str, meaning: str) -> Metric:
    return Metric(f"reached_{step}", step.capitalize(), "posts", f"posts that got at least as far as {step}: {meaning}",
                  _posts(step=_from(step)), good="up")  # fmt: skip


def _time_as(step: str, after: str, good: Good = "down") -> Metric:
    return Metric(f"time_{step}", f"{step.capitalize()} to {after}", "h",
                  f"how long posts were {step} until they were {after}, where both moments are known",
                  Measure("post_journey", "p50", f"{step}_seconds"), scale=_HOUR, good=good, decimals=1)  # fmt: skip


METRICS = (
    Metric("journey_posts", "Posts followed", "posts", "posts of all sources by the date they are meant for, each once",
           _posts()),
    _reached("generated", "all of them"),
    _reached("accepted", "taken for publishing, in the calendar or by the service"),
    _reached("scheduled", "held by the service or by the observed scheduler for a time"),
    _reached("due", "its time came"),
    _reached("sent", "published, as the service, the platform, the scheduler or the calendar says"),
    _reached("seen", "impressions above 0"),
    _reached("engaged", "somebody reacted, commented, shared, saved or clicked"),
    Metric("promises_kept", "Promises kept", "%", "posts that were sent, of those whose time has come",
           _posts(step=_from("sent")), per=_posts(step=_from("due")), scale=100, good="up", decimals=1,
           formula="posts sent / posts whose time has come"),
    Metric("posts_stuck", "Stuck posts", "posts", "posts that have been in their step for longer than they should",
           _posts(state=("stuck",)), good="down"),
    Metric("posts_given_up", "Failed posts", "posts", "posts that were given up: by the service, the scheduler or the generator",
           _posts(state=("failed",)), good="down"),
    Metric("posts_held_up", "Stuck and failed posts", "posts", "posts that are stuck or were given up",
           _posts(state=("stuck", "failed")), good="down"),
    Metric("posts_open", "Open posts", "posts", "posts of which more is expected: moving or stuck",
           _posts(state=("moving", "stuck"))),
    Metric("posts_untold", "Posts nobody reports on", "posts", "posts whose outcome no source reports, so it is unknown",
           _posts(state=("untold",)), good="down"),
    Metric("unmatched_records", "Unmatched records", "posts", "posts known from records that no calendar item was found for",
           Measure("post_journey", where=(Filter("unmatched", "none", ("",)),)), good="down"),
    _time_as("generated", "accepted"),
    _time_as("accepted", "scheduled"),
    _time_as("scheduled", "due", "neither"),
    _time_as("due", "sent"),
    _time_as("sent", "seen"),
    _time_as("seen", "engaged"),
    Metric("lead_time", "Generated to sent", "h", "from generated to sent, median, where both moments are known",
           Measure("post_journey", "p50", "lead_seconds"), scale=_HOUR, good="down", decimals=1),
)  # fmt: skip
