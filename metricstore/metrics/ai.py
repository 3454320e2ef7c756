"""Metrics of AI calls as the observed system records them itself: tokens, money, latency."""

from metricstore.metrics.content import OUT
from metricstore.metrics.formula import Formula, Term
from metricstore.metrics.model import DeclaredBound, Measure, Metric, any_of, modelled

# the same call may be told by a gateway too: what is added up comes from one source
OWN = (any_of("source", "app"),)
_NANO = 1e-9
_UNPRICED = DeclaredBound("lower", "ai_unpriced_calls")


def _tokens(name: str, field: str, title: str, meaning: str) -> Metric:
    return Metric(name, title, "tokens", meaning, Measure("gen_ai_request", "sum", field, where=OWN))


METRICS = (
    Metric("ai_calls", "AI calls", "calls", "AI calls recorded by the observed system, failed ones included",
           Measure("gen_ai_request", where=OWN)),
    Metric("ai_call_failures", "Failed AI calls", "calls", "recorded AI calls that ended in an error",
           Measure("gen_ai_request", where=(*OWN, any_of("outcome", "error"))), good="down"),
    Metric("ai_call_error_rate", "AI call failure rate", "%", "recorded AI calls that ended in an error",
           Measure("gen_ai_request", where=(*OWN, any_of("outcome", "error"))),
           per=Measure("gen_ai_request", where=OWN), scale=100, good="down", decimals=1, formula="failed calls / calls"),
    Metric("ai_call_duration", "AI call duration", "s", "from sending to the end of the answer, failed calls included",
           Measure("gen_ai_request", "p95", "duration_seconds", where=OWN), good="down", decimals=2, needs=20),
    Metric("ai_call_retries", "Repeated AI calls", "tries", "failed tries before the recorded one",
           Measure("gen_ai_request", "sum", "retries", where=OWN), good="down"),
    _tokens("ai_input_tokens", "input_tokens", "Input tokens", "tokens sent, cached ones included"),
    _tokens("ai_cached_tokens", "cache_read_input_tokens", "Cached input tokens", "of the input, read from the provider's cache"),
    _tokens("ai_output_tokens", "output_tokens", "Output tokens", "tokens received, reasoning included"),
    _tokens("ai_reasoning_tokens", "reasoning_output_tokens", "Reasoning tokens", "of the output, spent on reasoning"),
    Metric("ai_cost", "AI cost", "USD", "cost of recorded AI calls: as the provider says, else estimated from the price table",
           Measure("gen_ai_request", "sum", "cost_nano_usd", where=OWN), scale=_NANO, good="down", decimals=4,
           formula="sum of known costs, measured or estimated; calls without a known price are left out",
           bound=_UNPRICED),
    Metric("ai_cost_per_post", "AI cost of a published post", "USD", "known AI cost for each calendar item that was posted, published or completed",
           Measure("gen_ai_request", "sum", "cost_nano_usd", where=OWN), per=Measure("post", where=(OUT,)), scale=_NANO, good="down",
           decimals=4, formula="known AI cost / posts published", bound=_UNPRICED),
    modelled("ai_budget_used", "AI budget used", "%", "known AI cost as a share of the budget for the time shown",
             Formula("100 * cost / (ai_budget * days / 30)", (
                 Term("cost", "AI cost", Measure("gen_ai_request", "sum", "cost_nano_usd", where=OWN), scale=_NANO),
             )), good="down", decimals=1, bound=_UNPRICED),
    Metric("ai_unpriced_calls", "AI calls without a known price", "calls", "their cost is missing from every sum",
           Measure("gen_ai_request", where=(*OWN, any_of("pricing", "unknown"))), good="down"),
)  # fmt: skip
