"""AI usage and cost: calls, tokens, money, latency, errors."""

from layouts.charts.figures import grouped_bars, lines, percentile_lines, ranked_bars, stacked_bars
from layouts.charts.forecast import month_outlook, month_spending
from layouts.charts.model import Chart
from layouts.charts.reconciled import difference_told, recorded_and_reported
from layouts.page import Page
from layouts.tables import Table, columns_of

TILES = ("ai_calls", "ai_call_error_rate", "ai_call_duration", "ai_input_tokens", "ai_output_tokens", "ai_cost",
         "ai_cost_per_post", "ai_billed_cost", "ai_budget_used", "ai_unpriced_calls", "ai_call_retries")  # fmt: skip

_OWN_WORDS = "From the providers' own reports."
_KNOWN = "Calls without a known cost are left out."

CHARTS = (
    Chart("ai_calls_by_outcome", "AI calls", "ai", "ai_calls", stacked_bars, by=("outcome",), width=6,
          note="As the observed system recorded them; it need not have recorded any."),
    Chart("ai_cost_by_model", "AI cost, by model", "ai", "ai_cost", stacked_bars, by=("model",), width=6, note=_KNOWN),
    Chart("ai_month", "AI spending this month", "ai", "ai_cost", month_spending, every="1d", since="-62d", width=8,
          says=month_outlook, note="Dotted: expected by what each weekday cost in the last 28 days, and where four months in five end."),
    Chart("ai_cost_by_pricing", "AI cost, measured and estimated", "ai", "ai_cost", ranked_bars, by=("pricing",), every="none", width=4,
          note="Measured: as the provider says. Estimated: tokens times the price table."),
    Chart("ai_tokens_trend", "Tokens", "ai", "ai_input_tokens", percentile_lines,
          also=("ai_cached_tokens", "ai_output_tokens", "ai_reasoning_tokens"), width=6,
          note="Cached tokens are part of the input, reasoning is part of the output."),
    Chart("ai_tokens_per_model", "Tokens, by model", "ai", "ai_input_tokens", grouped_bars, by=("model",), every="none",
          also=("ai_output_tokens",), width=6),
    Chart("ai_call_duration_trend", "AI call duration", "ai", "ai_call_duration", percentile_lines, aggregate="p50",
          also=("ai_call_duration:p95", "ai_call_duration:p99"), width=8,
          note="Median, 95th and 99th percentile of single calls."),
    Chart("ai_call_duration_per_model", "AI call duration, by model", "ai", "ai_call_duration", ranked_bars,
          by=("model",), every="none", aggregate="p50", width=4, note="Median."),
    Chart("ai_errors_per_kind", "Why AI calls failed", "ai", "ai_call_failures", ranked_bars, by=("error_type",),
          every="none", width=4, note="HTTP status, the provider's code or the exception."),
    Chart("ai_cost_per_provider", "AI cost, by provider", "ai", "ai_cost", ranked_bars, by=("provider",), every="none", width=4, note=_KNOWN),
    Chart("ai_cost_per_project", "AI cost, by project", "ai", "ai_cost", ranked_bars, by=("project",), every="none", width=4, note=_KNOWN),
    Chart("ai_cost_per_post_trend", "AI cost of a published post", "ai", "ai_cost_per_post", lines, width=4),
    Chart("ai_cost_per_prompt_type", "AI cost, by kind of content", "ai", "ai_cost", ranked_bars, by=("prompt_type",),
          every="none", width=4, note=_KNOWN),
    Chart("ai_calls_by_pricing", "How well the cost is known", "ai", "ai_calls", stacked_bars, by=("pricing",), width=4,
          note="Measured: as the provider says. Estimated: tokens times the price table. Not given: failed before any token."),
    Chart("ai_tokens_recorded_and_reported", "Tokens: recorded and reported", "ai", "ai_reported_tokens", recorded_and_reported,
          by=("provider",), every="1d", timezone="UTC", also=("ai_tokens", "ai_tokens_difference"), width=6, says=difference_told,
          note="What was recorded here beside the providers' own reports, by UTC days: two accounts of the same calls, never added up."),
    Chart("ai_cost_recorded_and_billed", "AI cost: recorded and billed", "ai", "ai_billed_cost", recorded_and_reported,
          by=("provider",), every="1d", timezone="UTC", also=("ai_cost", "ai_cost_difference", "ai_unpriced_calls"), width=6,
          says=difference_told,
          note="What was recorded here beside what the providers say they bill, by UTC days: two accounts of the same money, never added up."),
    Chart("ai_billed_by_model", "AI cost as billed, by model", "ai", "ai_billed_cost", stacked_bars, by=("model",), every="1d",
          timezone="UTC", width=8, note=f"{_OWN_WORDS} UTC days. Not given: lines without a model."),
    Chart("ai_billed_per_provider", "AI cost as billed, by provider", "ai", "ai_billed_cost", ranked_bars, by=("provider",), every="none",
          width=4, note=f"{_OWN_WORDS} A provider without a report is not in it."),
    Chart("ai_reported_requests_by_model", "Requests as reported", "ai", "ai_reported_requests", stacked_bars, by=("model",), width=8,
          note=f"{_OWN_WORDS} Anthropic's report has none."),
    Chart("ai_reported_tokens_per_model", "Tokens as reported, by model", "ai", "ai_reported_input_tokens", grouped_bars, by=("model",),
          every="none", also=("ai_reported_output_tokens",), width=4, note=_OWN_WORDS),
    Chart("ai_billed_per_project", "AI cost as billed, by project", "ai", "ai_billed_cost", ranked_bars, by=("project",), every="none",
          width=6, note=f"{_OWN_WORDS} Not given: outside of every project."),
    Chart("ai_billed_per_source", "AI cost, by who reports it", "ai", "ai_billed_cost", ranked_bars, by=("source",), every="none", width=6,
          note="A gateway reports the same calls as the provider behind it. Click one to see its report in all charts of reports."),
)  # fmt: skip

PAGE = Page(
    "ai",
    "/ai",
    "AI usage & cost",
    "What the AI provider was asked, how many tokens it took, how long, and what that cost.",
    order=70,
    tiles=TILES,
    sections={"Calls and cost": "ai_calls_by_outcome", "Tokens": "ai_tokens_trend", "Duration": "ai_call_duration_trend",
              "Recorded and billed": "ai_tokens_recorded_and_reported", "As billed": "ai_billed_by_model", "Calls": "ai_calls"},
    charts=CHARTS,
    tables=(Table("ai_calls", "AI calls", "gen_ai_request", columns_of("gen_ai_request"),
                 "As the observed system recorded them (app). What a gateway reports stands here too, perhaps of the same call "
                 "again, and isn't counted in any figure above."),),
    assumes=("ai_budget",),
    links=(("Compare with a provider's bill, line by line", "/ai/bill?next=/ai"),),
)  # fmt: skip
