"""What AI providers, gateways and the observed system itself say of calls, tokens and money.

Words are those of OpenTelemetry's GenAI conventions. Input tokens include cached ones for every provider.
Money is whole nano-dollars, so that sums are exact; metrics show dollars.
"""

from metricstore.catalogue.model import LONG_DELAY, Dates, Field, Measurement, Tag

SOURCE = Tag("source", "who reported it; never add up over sources",
             ("app", "litellm", "litellm_logs", "openai", "anthropic"))  # fmt: skip
PROVIDER = Tag("provider", "AI provider: openai, anthropic, zai …")

TOKENS = (
    Field("input_tokens", "int", "tokens sent, cached ones included", "tokens"),
    Field("cache_read_input_tokens", "int", "of these, read from the provider's cache", "tokens"),
    Field("cache_write_input_tokens", "int", "of these, written to the provider's cache", "tokens"),
    Field("output_tokens", "int", "tokens received, reasoning included", "tokens"),
    Field("reasoning_output_tokens", "int", "of these, spent on reasoning", "tokens"),
)
PRICING = Field("pricing", "string", "how far the cost can be trusted", dimension=True,
                values=("measured", "estimated", "unknown"))  # fmt: skip
COST = Field("cost_nano_usd", "int", "what it cost, in billionths of a US dollar; absent when unknown", "nUSD")

GEN_AI_REQUEST = Measurement(
    "gen_ai_request",
    "AI calls",
    "end of the call; the last digits come from its id",
    (SOURCE, PROVIDER, Tag("outcome", "how it ended", ("ok", "error"))),
    (
        Field("operation", "string", "what was asked for: chat, embeddings …", dimension=True),
        Field("request_model", "string", "model asked for", dimension=True),
        Field("model", "string", "model that answered, else the one asked for", dimension=True),
        Field("project", "string", "project or workspace", dimension=True),
        Field("prompt_type", "string", "prompt type", dimension=True),
        Field("platform", "string", "network the content is for", dimension=True),
        Field("error_type", "string", "HTTP status, provider's code or exception", dimension=True),
        *TOKENS,
        Field("retries", "int", "tries before this one", "retries"),
        Field("duration_seconds", "float", "from sending to the end of the answer", "s"),
        Field("time_to_first_token_seconds", "float", "from sending to the first token", "s"),
        COST,
        PRICING,
        Field("price_table", "string", "version of the price an estimate was made with"),
        Field("request_id", "string", "the provider's id of the call"),
        Field("post_number", "int", "number of the post in its calendar"),
        Field("file", "string", "file the call was read from, relative to the source folder"),
        Field("line", "int", "line of the file, counted from 1"),
    ),
    exact="ms",
    partial=True,
)  # fmt: skip

GEN_AI_USAGE = Measurement(
    "gen_ai_usage",
    "AI usage by hour or day",
    "start of the hour or day",
    (
        SOURCE,
        PROVIDER,
        Tag("model", "model"),
        Tag("project", "project or workspace; `none`"),
        Tag("service_tier", "service tier; `none`"),
        Tag("batch", "whether it went by the batch API", ("true", "false", "none")),
        Tag("bucket", "length of the bucket", ("1h", "1d")),
    ),
    (
        *TOKENS,
        Field("requests", "int", "requests", "requests"),
        Field("failed_requests", "int", "requests that failed", "requests"),
        Field("web_search_requests", "int", "web searches", "requests"),
    ),
    dates=Dates("bucket", "1d"),
    exact="s",
    reach="newest",
    partial=True,
    settle=LONG_DELAY,
)

GEN_AI_COST = Measurement(
    "gen_ai_cost",
    "AI cost by day",
    "start of the UTC day",
    (
        SOURCE,
        PROVIDER,
        Tag("model", "model; `none` where the source does not say"),
        Tag("project", "project or workspace; `none`"),
        Tag("line_item", "what was billed"),
    ),
    (
        COST,
        PRICING,
        Field("quantity", "float", "how much was billed, in `quantity_unit`"),
        Field("quantity_unit", "string", "unit of the quantity"),
    ),
    dates=Dates(),
    exact="s",
    reach="newest",
    partial=True,
    settle=LONG_DELAY,
)

MEASUREMENTS = (GEN_AI_REQUEST, GEN_AI_USAGE, GEN_AI_COST)
