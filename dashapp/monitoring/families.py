"""What is measured of the dashboard itself: each name with its labels. The counters, the answer and the reference page come from these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True)
class Family:
    """`meaning` is what the answer and the reference page say of it."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


REQUESTS = Family(
    "dashapp_http_request_duration_seconds", "histogram",
    "seconds from a request to the end of its answer, by route (never by path)",
    ("route", "method", "status"), (0.05, 0.25, 1, 2.5, 10),
)  # fmt: skip
CALLBACKS = Family(
    "dashapp_callback_duration_seconds", "histogram",
    "seconds a page's callback took, by what it fills and, where it fills one chart, that chart",
    ("callback", "chart"), (0.25, 1, 5),
)  # fmt: skip
QUESTIONS = Family(
    "dashapp_store_question_duration_seconds", "histogram",
    "seconds the store took, for what the cache did not know; streams until their first piece",
    ("kind", "outcome"), (0.01, 0.05, 0.25, 1, 5, 20),
)  # fmt: skip
CACHE = Family("dashapp_cache_requests_total", "counter", "answers looked for in the cache: hit or miss", ("result",))
EMBEDS = Family(
    "dashapp_embed_requests_total", "counter",
    "requests for embeds: ok, refused (link or view not valid), gone (revoked or expired), mistaken, unavailable", ("outcome",),
)  # fmt: skip
LOGINS = Family(
    "dashapp_logins_total", "counter", "logins with a password: ok, failed, limited (too many failures), incomplete",
    ("outcome",),
)  # fmt: skip
COUNTED = (REQUESTS, CALLBACKS, QUESTIONS, CACHE, EMBEDS, LOGINS)
"""Counted as it happens, by each process that answers requests, and added up."""

BUILD = Family("dashapp_build_info", "gauge", "always 1; its label is the version that runs", ("version",))
STORE_BYTES = Family("dashapp_store_bytes", "gauge", "size of the embedded store's files; not there with a server")
RUNS = Family(
    "dashapp_collector_runs_total", "counter", "stored runs of each collector: ok, failed, timeout",
    ("collector", "outcome"),
)  # fmt: skip
RECORDS = Family("dashapp_records_total", "counter", "records each collector has read", ("collector",))
LETTERS = Family(
    "dashapp_dead_letters_total", "counter", "records of each collector that could not be used", ("collector",)
)
SUCCESS = Family(
    "dashapp_collector_last_success_timestamp_seconds", "gauge", "when each collector's last good run began",
    ("collector",),
)  # fmt: skip
LAG = Family(
    "dashapp_collector_lag_seconds", "gauge",
    "how long each collector's next good run is overdue: time since the last good one, less its interval; 0 in time",
    ("collector",),
)  # fmt: skip
ALERTS = Family("dashapp_alerts", "gauge", "open alerts: open, taken by somebody, or muted", ("severity", "state"))
MESSAGES = Family(
    "dashapp_alert_messages", "gauge", "messages of the last 30 days: waiting, sent, or dead (refused or given up)", ("state",)
)  # fmt: skip
OLDEST_MESSAGE = Family(
    "dashapp_alert_message_oldest_seconds", "gauge", "how long the oldest message that is not sent has been waiting; 0: none is"
)  # fmt: skip
EVALUATED = Family(
    "dashapp_alert_evaluation_timestamp_seconds", "gauge", "when a process last began to judge alert rules"
)
ASKED = Family(
    "dashapp_asked_timestamp_seconds", "gauge",
    "when what is asked at a scrape was last answered: a store that hangs makes this old, not the scrape slow", ("source",),
)  # fmt: skip
