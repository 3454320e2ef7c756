"""Metrics of generation, the AI provider as the log shows it, and scheduling."""

from metricstore.metrics.formula import Formula, Term
from metricstore.metrics.model import DeclaredBound, Measure, Metric, any_of
from metricstore.query import Filter

FAILED = any_of("outcome", "failed", "partial")
JUDGED = any_of("outcome", "ok", "failed", "partial")
# The log does not see a failure whose text was kept as content: what it alone calls ok may still have failed.
AT_MOST = DeclaredBound("upper", "generations_judged_by_log", "generations_judged")
AT_LEAST = DeclaredBound("lower", "generations_judged_by_log", "generations_judged")
# What the log's reader takes for an answer that did not work; "" is an answer whose status is not known.
_ERROR = Filter("http_status", "none", ("", "200", "201", "202", "203", "204", "205", "206", "207", "208", "226"))
_JUDGED = Measure("generation", where=(JUDGED,))
_CONFIRMED = Measure("generation", where=(any_of("content_outcome", "ok", "failed", "partial"),))

METRICS = (
    Metric("generations", "Posts generated", "posts", "posts and threads the generator finished, good or bad",
           Measure("generation"), good="up"),
    Metric("generation_failures", "Failed generations", "posts",
           "finished posts with a failed AI call or failure text, by log and calendar together",
           Measure("generation", where=(FAILED,)), good="down", bound=AT_LEAST),
    Metric("generation_success_rate", "Generation success rate", "%",
           "finished posts without any failed AI call, of those that could be judged",
           Measure("generation", where=(any_of("outcome", "ok"),)),
           per=_JUDGED, scale=100, good="up", decimals=1,
           formula="ok / (ok + partial + failed); unknown outcomes are left out", bound=AT_MOST),
    Metric("generations_judged", "Judged posts", "posts", "finished posts that log or calendar call ok, partial or failed", _JUDGED),
    Metric("generations_judged_by_log", "Judged by the log alone", "posts",
           "judged posts whose content was not found in a calendar: failures hidden in their text are not known", _JUDGED,
           formula="judged - judged by their content, too",
           model=Formula("judged - confirmed", (Term("judged", "judged posts", _JUDGED),
                                                Term("confirmed", "posts judged by their content", _CONFIRMED)))),
    Metric("generation_times", "Generation time", "s", "seconds a post or thread took",
           Measure("generation", "mean", "duration_seconds"), good="down", decimals=2),
    Metric("generation_time_p90", "Generation time, 90th percentile", "s", "nine of ten posts and threads took no longer",
           Measure("generation", "p90", "duration_seconds"), good="down", decimals=2, needs=10),
    Metric("batches", "Batches", "batches", "generation runs that began", Measure("batch")),
    Metric("batch_durations", "Batch duration", "s", "begin to completion of completed batches",
           Measure("batch", "mean", "duration_seconds"), good="down", decimals=1),
    Metric("batch_requests", "Posts asked for", "posts", "posts and threads that batches were to make", Measure("batch", "sum", "requested")),
    Metric("batch_completion", "Finished of those asked for", "%", "posts finished, good or bad, of those that batches were to make",
           Measure("batch", "sum", "finished"), per=Measure("batch", "sum", "requested"), scale=100, good="up", decimals=1,
           formula="finished / asked for"),
    Metric("slowest_generation", "Slowest post", "s", "the slowest post of any batch", Measure("batch", "max", "slowest_seconds"),
           good="down", decimals=1),
    Metric("ai_requests_per_post", "AI requests for a post", "requests", "answered attempts, retries included, where the log says whose they are",
           Measure("generation", "sum", "ai_requests"), per=Measure("generation", "count", "ai_requests"), good="down", decimals=2,
           formula="answered attempts / posts whose attempts are known"),
    Metric("ai_requests", "AI requests", "requests", "answered HTTP attempts in the log", Measure("ai_request")),
    Metric("ai_request_error_rate", "AI request error rate", "%", "answered attempts that the provider answered with an error (any HTTP status but 2xx)",
           Measure("ai_request", where=(_ERROR,)),
           per=Measure("ai_request"), scale=100, good="down", decimals=1, formula="attempts answered with an error / answered attempts"),
    Metric("ai_request_latency", "AI answer time", "s",
           "estimated from the record before the answer: an upper bound",
           Measure("ai_request", "p95", "latency_seconds"), good="down", decimals=2),
    Metric("ai_retries", "AI retries", "retries", "retries announced in the log", Measure("ai_retry"), good="down"),
    Metric("ai_retry_wait", "Time lost waiting for retries", "s", "sum of the announced waits",
           Measure("ai_retry", "sum", "wait_seconds"), good="down", decimals=1),
    Metric("scheduling_attempts", "Scheduling attempts", "attempts", "posts and tweets sent to Buffer",
           Measure("scheduling_attempt")),
    Metric("scheduling_failures", "Scheduling failures", "attempts", "posts and tweets Buffer did not accept",
           Measure("scheduling_attempt", where=(any_of("outcome", "failed"),)), good="down"),
    Metric("scheduling_success_rate", "Accepted by Buffer", "%", "attempts Buffer accepted, failures included below the line",
           Measure("scheduling_attempt", where=(any_of("outcome", "ok"),)),
           per=Measure("scheduling_attempt"), scale=100, good="up", decimals=1, formula="accepted / sent"),
    Metric("deliveries", "Service deliveries", "posts", "posts the scheduler service posted or gave up", Measure("delivery")),
    Metric("delivery_lateness", "Delivery lateness", "s", "posted minus due",
           Measure("delivery", "p50", "late_seconds"), good="down", decimals=0),
    Metric("queue_items", "Queue items", "items", "items the scheduler service holds, by due time", Measure("queue_item")),
)  # fmt: skip
