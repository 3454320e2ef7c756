"""Metrics of what AI providers report themselves: never added to what the observed system records of the same calls."""

from metricstore.metrics.ai import OWN
from metricstore.metrics.formula import Formula, Term
from metricstore.metrics.model import DeclaredBound, Measure, Metric, any_of

# A gateway tells of the same calls as the provider behind it: the provider's word counts, unless somebody asks by source.
_PROVIDERS = (any_of("source", "openai", "anthropic"),)
_NANO = 1e-9


def _reported(field: str) -> Measure:
    return Measure("gen_ai_usage", "sum", field, usual=_PROVIDERS)


def _recorded(field: str) -> Measure:
    return Measure("gen_ai_request", "sum", field, where=OWN)


_BILLED = Measure("gen_ai_cost", "sum", "cost_nano_usd", usual=_PROVIDERS)

_COMPARED = (
    Term("reported_in", "reported input", _reported("input_tokens")),
    Term("reported_out", "reported output", _reported("output_tokens")),
    Term("recorded_in", "recorded input", _recorded("input_tokens"), absent=0.0),
    Term("recorded_out", "recorded output", _recorded("output_tokens"), absent=0.0),
)

METRICS = (
    Metric("ai_tokens", "Recorded tokens", "tokens", "tokens of the AI calls that the observed system recorded", _recorded("input_tokens"),
           formula="input tokens + output tokens",
           model=Formula("sent + received", (Term("sent", "input tokens", _recorded("input_tokens")),
                                             Term("received", "output tokens", _recorded("output_tokens"))))),
    Metric("ai_reported_tokens", "Reported tokens", "tokens", "tokens in the providers' own reports", _reported("input_tokens"),
           formula="input tokens + output tokens",
           model=Formula("sent + received", (Term("sent", "input tokens", _reported("input_tokens")),
                                             Term("received", "output tokens", _reported("output_tokens"))))),
    Metric("ai_reported_input_tokens", "Reported input tokens", "tokens",
           "tokens sent, cached ones included, by the providers' own reports", _reported("input_tokens")),
    Metric("ai_reported_cached_tokens", "Reported cached tokens", "tokens",
           "of the input, read from the provider's cache, by the providers' own reports", _reported("cache_read_input_tokens")),
    Metric("ai_reported_output_tokens", "Reported output tokens", "tokens",
           "tokens received, reasoning included, by the providers' own reports", _reported("output_tokens")),
    Metric("ai_reported_requests", "Reported requests", "requests", "requests in the providers' own reports",
           _reported("requests")),
    Metric("ai_tokens_difference", "Difference", "tokens",
           "how many more tokens the providers report than were recorded here; meant to be asked by provider and day",
           _reported("input_tokens"), formula="reported - recorded, input and output",
           model=Formula("reported_in + reported_out - recorded_in - recorded_out", _COMPARED)),
    Metric("ai_tokens_difference_share", "Difference in percent", "%",
           "how many more tokens the providers report than were recorded here, of those reported; meant to be asked by provider and day",
           _reported("input_tokens"), decimals=1, formula="(reported - recorded) / reported, input and output",
           model=Formula("100 * (reported_in + reported_out - recorded_in - recorded_out) / (reported_in + reported_out)", _COMPARED)),
    Metric("ai_billed_cost", "AI cost as billed", "USD", "what the providers' own reports say was billed, by UTC days", _BILLED,
           scale=_NANO, good="down", decimals=4, bound=DeclaredBound("lower", "ai_billed_unknown")),
    Metric("ai_billed_unknown", "Billed lines without an amount in USD", "lines", "lines of providers' reports that are missing from every sum",
           Measure("gen_ai_cost", where=(any_of("pricing", "unknown"),), usual=_PROVIDERS), good="down"),
    Metric("ai_cost_difference", "Difference", "USD",
           "how much more the providers bill than was recorded here; meant to be asked by provider and UTC day",
           _BILLED, decimals=4, formula="billed - recorded",
           model=Formula("(billed - recorded) / 1000000000", (
               Term("billed", "billed in billionths", _BILLED),
               Term("recorded", "recorded in billionths", _recorded("cost_nano_usd"), absent=0.0)))),
)  # fmt: skip
