"""Which tables of records each page has: measurement, columns, order and what their records have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from metricstore.catalogue import Measurement, measurement
from metricstore.metrics.social import SERVICE
from metricstore.query import Filter
from metricstore.selection import Selection

AHEAD = timedelta(days=400)
"""How far tables of what is to come look."""


@dataclass(frozen=True)
class Table:
    """A table of records of one measurement, newest first unless said otherwise."""

    id: str
    title: str
    measurement: str
    columns: tuple[str, ...]
    note: str = ""
    order: str = "time"
    descending: bool = True
    where: tuple[Filter, ...] = ()
    """What its records have in common, beside the viewer's filters."""
    ahead: bool = False
    """Shows what is to come, from now on, whatever the range."""

    @property
    def source(self) -> Measurement:
        return measurement(self.measurement)

    def range(self, selection: Selection, now: datetime) -> tuple[datetime, datetime]:
        """[start, stop) of the records it shows."""
        return (now, now + AHEAD) if self.ahead else selection.range(now)


_COLUMNS: dict[str, tuple[str, ...]] = {
    "log_record": ("time", "level", "event", "message", "file", "line"),
    "generation": ("time", "platform", "outcome", "outcome_reason", "topic", "duration_seconds", "ai_retries"),
    "batch": ("time", "platform", "outcome", "requested", "finished", "failed", "duration_seconds", "slowest_seconds",
              "ai_retries"),
    "post": ("time", "platform", "status", "content_state", "topic", "characters", "tweets", "hashtags"),
    "post_transition": ("time", "platform", "from_status", "to_status", "topic", "held_seconds"),
    "ai_request": ("time", "http_status", "provider", "platform", "latency_seconds"),
    "ai_retry": ("time", "endpoint", "platform", "wait_seconds"),
    "scheduling_attempt": ("time", "platform", "outcome", "error_kind", "topic", "post_number", "tweet_number"),
    "social_post": ("time", "platform", "source", "status", "due", "sent", "late_seconds", "error_class", "error_text"),
    "post_performance": ("time", "platform", "source", "topic", "impressions", "reactions", "comments", "reposts", "clicks", "rate",
                         "first_day_share", "not_reported"),
    "queue_item": ("time", "platform", "status", "retry_count", "topic", "post_number"),
    "collector_run": ("time", "collector", "outcome", "records", "points", "rejected", "duration_seconds", "error", "warnings"),
    "dead_letter": ("time", "collector", "file", "line", "reason", "excerpt"),
    "alert_event": ("time", "event", "severity", "title", "labels", "value", "limit", "notified", "reason", "by"),
    "gen_ai_request": ("time", "source", "provider", "model", "outcome", "error_type", "input_tokens", "output_tokens",
                       "duration_seconds", "cost_nano_usd", "pricing"),
    "post_journey": ("time", "platform", "step", "state", "cause", "waiting", "topic", "sources", "impressions", "interactions"),
    "engagement": ("time", "platform", "provenance", "grain", "topic", "impressions", "likes", "comments", "shares"),
}  # fmt: skip

TABLES: dict[str, tuple[Table, ...]] = {
    "overview": (),
    "generation": (Table("batches", "Batches", "batch", _COLUMNS["batch"], "Every generation run that began."),),
    "content": (Table("posts", "Calendar items", "post", _COLUMNS["post"], "Each item once, as its calendar says it now."),),
    "delivery": (
        Table("next_posts", "Next posts due", "social_post", ("time", "platform", "status", "channel_id", "via", "created"),
              "From now on, whatever the range.", descending=False, ahead=True,
              where=(Filter("status", "any", ("scheduled", "sending", "approval", "draft")), SERVICE)),
        Table("failed_posts", "Failed posts", "social_post", ("time", "platform", "error_class", "error_text", "channel_id"),
              "With the service's own words.", where=(Filter("status", "any", ("failed",)), SERVICE)),
        Table("service_posts", "Posts at services", "social_post", _COLUMNS["social_post"],
              "What is due stands at its due time: choose a range that ends ahead."),
        Table("queue_items", "The observed scheduler's queue", "queue_item", _COLUMNS["queue_item"]),
    ),
    "engagement": (Table("post_figures", "Posts sent", "post_performance", _COLUMNS["post_performance"],
                         note="Each once, with its latest figures; a dash where its source does not report one."),
                   Table("engagement_figures", "Figures as reported", "engagement", _COLUMNS["engagement"]),),
    "journey": (
        Table("stuck_posts", "Stuck posts", "post_journey",
              ("time", "platform", "step", "state", "cause", "cause_detail", "waiting", "topic"),
              "And those that were given up, with the likeliest reason. A row opens the post with all its records.",
              where=(Filter("state", "any", ("stuck", "failed")),)),
        Table("journey_posts", "Posts by step", "post_journey", _COLUMNS["post_journey"],
              "Every post in exactly one step. What is planned stands at its date: choose a range that ends ahead."),
        Table("unmatched_posts", "Records without a calendar item", "post_journey",
              ("time", "platform", "anchor", "unmatched", "step", "topic", "sources", "first_told"),
              "Each stands by itself, as a post of its own.", where=(Filter("unmatched", "none", ("",)),)),
    ),
    "ai": (Table("ai_calls", "AI calls", "gen_ai_request", _COLUMNS["gen_ai_request"],
                 "As the observed system recorded them (app). What a gateway reports stands here too, perhaps of the same call "
                 "again, and isn't counted in any figure above."),),
    "value": (),
    "events": (Table("log_records", "Log records", "log_record", _COLUMNS["log_record"],
                     "Newest first. A row opens the record with the lines around it."),),
    "health": (
        Table("collector_runs", "Collector runs", "collector_run", _COLUMNS["collector_run"]),
        Table("dead_letters", "Dead letters", "dead_letter", _COLUMNS["dead_letter"],
              "Records that could not be used, with the place they stand at."),
        Table("alert_history", "History of alerts", "alert_event", _COLUMNS["alert_event"],
              "Everything that happened to alerts, and who was written to."),
    ),
}  # fmt: skip


def columns_of(name: str) -> tuple[str, ...]:
    """The columns records of a measurement are listed with."""
    source = measurement(name)
    return _COLUMNS.get(name) or ("time", *source.columns[:7])
