"""Every message the observed system is known to log: one row a template.

Texts are written as they appear; `{name}` stands for any text, `{name:d}` for a whole number, `{name:f}` for a
decimal one, `{name:w}` for a word. `open` ones end in somebody else's words (an error's text), which may run over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

_HOLE = re.compile(r"\{(\w+)(?::([dfw]))?\}")
_KINDS = {"d": r"\d+", "f": r"\d+(?:\.\d+)?", "w": r"\S+", None: r".*"}


@dataclass(frozen=True)
class Template:
    event: str
    level: str
    """The level it is written with; the record's own level is what counts."""
    text: str
    meaning: str
    open: bool = False

    @cached_property
    def regex(self) -> re.Pattern[str]:
        parts, end = [], 0
        for hole in _HOLE.finditer(self.text):
            parts += [re.escape(self.text[end : hole.start()]), f"(?P<{hole[1]}>{_KINDS[hole[2]]})"]
            end = hole.end()
        return re.compile("".join([*parts, re.escape(self.text[end:])]), re.DOTALL)

    @cached_property
    def prefix(self) -> str:
        return _HOLE.split(self.text, maxsplit=1)[0]


T = Template
GENERATION = (
    T("usage_error", "ERROR", "Usage: python main.py <command> [options]", "main.py was started without a command"),
    T("unknown_command", "ERROR", "Unknown command: {command}", "main.py does not know the command"),
    T("linkedin_run_started", "INFO", "Starting LinkedIn post generation.", "linkedin_batch begins"),
    T(
        "topics_missing",
        "ERROR",
        "Error: topics.json not found. Please create it with content ideas.",
        "no topics file",
    ),
    T(
        "topics_invalid",
        "ERROR",
        "Error: Invalid JSON in topics.json. Please check the file format.",
        "topics file is broken",
    ),
    T(
        "topics_empty",
        "WARNING",
        "Error: No topics found in {file}. Please add some topics to generate content.",
        "topics list is empty",
    ),
    T(
        "linkedin_batch_started",
        "INFO",
        "Starting batch content generation for {size:d} LinkedIn posts.",
        "a batch of N posts begins",
    ),
    T(
        "post_generated",
        "INFO",
        "Generated post {position:d}/{size:d} for topic: {topic}...",
        "a post is finished, well or badly",
    ),
    T(
        "linkedin_batch_completed",
        "INFO",
        "LinkedIn batch content generation complete. Content calendar saved to {path}",
        "the calendar is written",
    ),
    T("linkedin_posts_counted", "INFO", "Generated {size:d} LinkedIn posts.", "length of the list, failures included"),
    T(
        "linkedin_run_completed",
        "INFO",
        "Successfully generated {size:d} LinkedIn posts.",
        "linkedin_batch ends; failures are counted too",
    ),
    T("linkedin_nothing_generated", "WARNING", "No LinkedIn posts were generated.", "no topics, no posts"),
    T("twitter_run_started", "INFO", "Starting Twitter thread generation.", "twitter_batch begins"),
    T(
        "twitter_calendar_loaded",
        "INFO",
        "Loaded LinkedIn calendar from file for Twitter generation.",
        "the LinkedIn calendar was read",
    ),
    T(
        "twitter_calendar_missing",
        "ERROR",
        "Error: LinkedIn content_calendar.json not found. Please run LinkedIn generation first.",
        "twitter_batch has nothing to work on",
    ),
    T(
        "twitter_calendar_empty",
        "WARNING",
        "Error: LinkedIn content calendar is empty or not provided. Please generate LinkedIn posts first.",
        "the LinkedIn calendar is empty",
    ),
    T(
        "twitter_batch_started",
        "INFO",
        "Starting Twitter thread generation from {size:d} LinkedIn posts.",
        "a batch of N threads begins",
    ),
    T(
        "thread_generated",
        "INFO",
        "Generated thread {position:d}/{size:d} for topic: {topic}...",
        "a thread is finished, well or badly",
    ),
    T(
        "twitter_batch_completed",
        "INFO",
        "Twitter thread generation complete. Twitter calendar saved to {path}",
        "the calendar is written",
    ),
    T("twitter_calendar_saved", "INFO", "Twitter calendar saved to {path}", "main.py wrote the calendar again"),
    T(
        "twitter_threads_counted",
        "INFO",
        "Generated {size:d} Twitter threads.",
        "length of the list, failures included",
    ),
)
LIBRARIES = (
    T(
        "ai_request",
        "INFO",
        'HTTP Request: {method:w} {url:w} "HTTP/{version:w} {status:d} {phrase}"',
        "an HTTP request was answered",
    ),
    T(
        "ai_retry",
        "INFO",
        "Retrying request to {endpoint:w} in {wait:f} seconds",
        "a request is tried again after a wait",
    ),
)
SCHEDULING = (
    T("scheduling_started", "INFO", "Starting post scheduling.", "schedule_posts begins"),
    T(
        "buffer_token_missing",
        "ERROR",
        "BUFFER_ACCESS_TOKEN not found in environment variables. Please set it in your .env file.",
        "no Buffer token",
    ),
    T(
        "buffer_profiles_failed",
        "ERROR",
        "Could not retrieve Buffer profiles. Please check your access token and internet connection.",
        "Buffer refused, was not reached, or has no profiles",
    ),
    T("scheduling_aborted", "WARNING", "Profile IDs cannot be empty. Aborting scheduling.", "no profile was typed in"),
    T("calendars_loaded", "INFO", "Loaded content calendars for scheduling.", "both calendars were read"),
    T(
        "calendars_missing",
        "ERROR",
        "Error: Content calendars not found. Please run content generation first.",
        "a calendar is missing",
    ),
    T("linkedin_scheduling_results", "INFO", "LinkedIn scheduling results: [{rows}]", "what Buffer said of each post"),
    T("twitter_scheduling_results", "INFO", "Twitter scheduling results: [{rows}]", "what Buffer said of each tweet"),
    T("scheduling_completed", "INFO", "Scheduling complete.", "schedule_posts ends"),
)
SERVICE = (
    T("service_post_added", "INFO", "Added post {id:w} to queue - {platform} at {due}", "a calendar item is queued"),
    T("service_profile_missing", "ERROR", "No profile ID found for {platform}", "no profile in the environment"),
    T("service_calendar_loaded", "INFO", "Loaded {count:d} posts from {file}", "a calendar was queued"),
    T("service_calendar_failed", "ERROR", "Error loading calendar {file}: {error}", "a calendar can't be read", True),
    T(
        "service_state_absent",
        "INFO",
        "No existing state file found, starting fresh",
        "the service starts with an empty queue",
    ),
    T("service_state_loaded", "INFO", "Loaded {count:d} scheduled posts from state", "the queue was restored"),
    T("service_state_failed", "ERROR", "Error loading state: {error}", "the state file can't be read", True),
    T("service_state_save_failed", "ERROR", "Error saving state: {error}", "the state file can't be written", True),
    T("service_loop_started", "INFO", "Production scheduler started", "the service's loop runs"),
    T("service_started", "INFO", "Production scheduler service started", "the service is up"),
    T("service_processing", "INFO", "Processing post {id:w} for {platform}", "a due item is taken up"),
    T("service_posted", "INFO", "Successfully posted {id:w} to {platform}", "Buffer accepted it"),
    T(
        "service_rate_limited",
        "WARNING",
        "Rate limit exceeded for {platform}, skipping post {id}",
        "skipped: cooling down",
    ),
    T(
        "service_retry_scheduled",
        "WARNING",
        "Post {id:w} failed, scheduling retry {retry:d}/{retries:d}",
        "tried again in 1 h",
    ),
    T("service_gave_up", "ERROR", "Post {id:w} failed after {retries:d} retries", "final failure"),
    T("service_post_failed", "ERROR", "Failed to post {id:w}: {error}", "Buffer refused it", True),
    T(
        "service_post_error",
        "ERROR",
        "Error posting {id:w}: {error}",
        "the service failed before or while sending",
        True,
    ),
    T("service_loop_error", "ERROR", "Error in scheduler loop: {error}", "the service's loop failed", True),
    T("service_add_failed", "ERROR", "Error adding scheduled post: {error}", "an item could not be queued", True),
    T("service_already_running", "WARNING", "Scheduler is already running", "started twice"),
    T("service_stopped", "INFO", "Production scheduler service stopped", "the service was stopped"),
)
DASHBOARDS = (
    T("metrics_csv_loaded", "INFO", "Loaded CSV metrics into database", "metrics dashboard imported the CSV"),
    T("metrics_csv_failed", "ERROR", "Error loading CSV metrics: {error}", "the CSV can't be imported", True),
    T("metrics_add_failed", "ERROR", "Error adding metrics: {error}", "metrics can't be stored", True),
    T("realtime_started", "INFO", "Starting real-time monitoring for platforms: {platforms}", "monitoring begins"),
    T("realtime_alert", "INFO", "Alert created: {message}", "an alert was raised", True),
    T("realtime_subscribed", "INFO", "New subscriber. Total: {count:d}", "a client subscribed"),
    T("realtime_unsubscribed", "INFO", "Subscriber removed. Total: {count:d}", "a client left"),
    T("realtime_stopped", "INFO", "Real-time monitoring stopped", "monitoring ends"),
    T("realtime_background", "INFO", "Real-time analytics started in background thread", "monitoring runs"),
    T("websocket_starting", "INFO", "Starting WebSocket server on {address}", "WebSocket server starts"),
    T("websocket_started", "INFO", "WebSocket server started successfully", "WebSocket server is up"),
    T("websocket_connected", "INFO", "New WebSocket connection from {address}", "a browser connected"),
    T("websocket_closed", "INFO", "WebSocket connection closed", "a browser left"),
    T("websocket_bad_message", "ERROR", "Invalid JSON received from client", "a browser sent nonsense"),
    T("websocket_error", "ERROR", "Error handling WebSocket message: {error}", "a message failed", True),
    T("realtime_collect_failed", "ERROR", "Error collecting {what}: {error}", "figures can't be collected", True),
    T("realtime_loop_error", "ERROR", "Error in real-time monitoring loop: {error}", "monitoring failed", True),
    T("realtime_alerts_failed", "ERROR", "Error checking alerts: {error}", "alerts can't be checked", True),
    T("realtime_alert_failed", "ERROR", "Error creating alert: {error}", "an alert can't be stored", True),
    T("realtime_store_failed", "ERROR", "Error storing {what}: {error}", "figures can't be stored", True),
    T("analytics_read_failed", "ERROR", "Error getting {what}: {error}", "figures can't be read", True),
    T("insights_failed", "ERROR", "Error generating insights: {error}", "insights can't be made", True),
    T("dashboard_monitoring_starting", "INFO", "Starting enhanced dashboard monitoring...", "monitoring starts"),
    T("dashboard_monitoring_started", "INFO", "Enhanced dashboard monitoring started", "monitoring runs"),
    T("dashboard_monitoring_stopping", "INFO", "Stopping enhanced dashboard monitoring...", "monitoring stops"),
    T("dashboard_client_connected", "INFO", "Client connected: {id}", "a browser connected"),
    T("dashboard_client_disconnected", "INFO", "Client disconnected: {id}", "a browser left"),
    T("dashboard_client_subscribed", "INFO", "Client {id} subscribed to {platform}", "a browser chose a platform"),
    T("dashboard_loop_error", "ERROR", "Error in Socket.IO update loop: {error}", "updates failed", True),
    T("analytics_started", "INFO", "Real-time analytics engine started", "analytics run"),
    T("analytics_stopped", "INFO", "Real-time analytics engine stopped", "analytics end"),
    T("analytics_loop_error", "ERROR", "Error in real-time update loop: {error}", "analytics failed", True),
    T("user_api_answer", "WARNING", "User API returned {status:d} for {name}", "a network refused a question"),
    T("tweets_api_answer", "WARNING", "Tweets API returned {status:d}", "a network refused a question"),
    T("organization_denied", "WARNING", "Organization access denied: {url}", "a network refused a question"),
    T("account_read_failed", "ERROR", "Failed to get {what}: {body}", "a network refused a question", True),
    T("account_connected", "INFO", "✅ {message}", "an account answered", True),
    T("account_warning", "WARNING", "⚠️ {message}", "an account's data is doubtful", True),
    T("account_failed", "ERROR", "❌ {message}", "an account failed", True),
)
TEMPLATES: tuple[Template, ...] = (*GENERATION, *LIBRARIES, *SCHEDULING, *SERVICE, *DASHBOARDS)

OTHER = "other"
"""The event of a record no template fits."""

_BY_FIRST_WORD: dict[str, list[Template]] = {}
for _template in TEMPLATES:
    _BY_FIRST_WORD.setdefault(_template.prefix.split(" ", 1)[0], []).append(_template)


def recognise(message: str) -> tuple[Template | None, Mapping[str, str]]:
    """The template a message (its own lines only) fits (the first in order) and what stands in its holes; None when none fits."""
    for template in _BY_FIRST_WORD.get(message.split(" ", 1)[0], ()):
        if message.startswith(template.prefix) and (match := template.regex.fullmatch(message)):
            return template, match.groupdict()
    return None, {}


UNFINISHED_UNTIL = {
    "post_generated": "...",
    "thread_generated": "...",
    "linkedin_scheduling_results": "]",
    "twitter_scheduling_results": "]",
}
"""Templates whose text can run over several lines, and what its last line ends with (`]` stands alone there)."""

_MULTILINE = tuple(t for t in TEMPLATES if t.event in UNFINISHED_UNTIL)


def unfinished(first_line: str) -> Template | None:
    """The template whose text begins like this but can only be whole with further lines."""
    return next((t for t in _MULTILINE if first_line.startswith(t.prefix) and not t.regex.fullmatch(first_line)), None)


def begun_as(first_line: str) -> Template | None:
    """The template a message with this first line is of, as far as that line shows."""
    return recognise(first_line)[0] or unfinished(first_line)


def may_be_known(message: str) -> bool:
    """False only for messages of which no template can be."""
    return message.split(" ", 1)[0] in _BY_FIRST_WORD
