"""Values as people read them: numbers, spans, moments, words of a filter."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

import pandas as pd

from layouts.value_names import name_of
from metricstore import nothing
from metricstore.metrics import Metric
from metricstore.quantities import singular
from metricstore.windows import Window, zone

NOTHING = "–"
_THIN = "\u202f"
_WHOLE_FROM = 1_000
_MONEY = 3
"""So many decimals are declared for small money alone."""


def number(value: float, decimals: int = 0) -> str:
    """`1,234.5`; a dash for nothing."""
    if value is None or math.isnan(value):
        return NOTHING
    return f"{value:,.{decimals}f}"


def number_or(value: float, why: str, decimals: int = 0) -> str:
    """The number, else the kind of nothing that `why` names; a dash where there was nothing to take it of."""
    if not math.isnan(value):
        return number(value, decimals)
    return why if why and why != nothing.NO_RECORDS else NOTHING


def measured(value: float, metric: Metric) -> tuple[str, str]:
    """(number, unit) of a metric's value; long times and large counts in the unit people would choose."""
    if value is None or math.isnan(value):
        return NOTHING, ""
    if metric.unit == "s" and abs(value) >= 120:
        minutes = value / 60
        return (number(minutes, 1), "min") if abs(minutes) < 120 else (number(minutes / 60, 1), "h")
    if metric.decimals == 0 and abs(value) >= 1_000_000:
        return f"{value / 1_000_000:,.1f}{_THIN}M", metric.unit
    text = number(value, decimals_at(value, metric.decimals))
    return text, counted(text, metric.unit)


def decimals_at(largest: float, declared: int) -> int:
    """How many decimals values up to `largest` are worth: none from a thousand on; of money of which `declared`
    would show less than two digits (with four: below a tenth of a cent) as many as show two."""
    size = abs(largest)
    if size >= _WHOLE_FROM:
        return 0
    if declared >= _MONEY and 0 < size < 10 ** (1 - declared):
        return 1 - math.floor(math.log10(size))
    return declared


def counted(text: str, unit: str) -> str:
    """The unit as it stands behind a number: `post` behind 1, `posts` behind others. Of units that are not counted (`s`, `posts/day`) the unit."""
    return unit if text != "1" or len(unit) < 2 or "/" in unit else singular(unit)


def change(value: float, before: float, unit: str) -> str | None:
    """How a value moved: percentage points for shares, per cent for all others; None when it can't be said."""
    if before is None or value is None or math.isnan(before) or math.isnan(value):
        return None
    if unit == "%":
        return f"{_signed(value - before, 1)}{_THIN}pp"
    if before == 0:
        return None if value == 0 else "new"
    return f"{_signed((value - before) / abs(before) * 100, 0)}{_THIN}%"


def _signed(value: float, decimals: int) -> str:
    """`+4.2`; what rounds to nothing has moved neither up nor down."""
    text = f"{value:+,.{decimals}f}"
    return text if text.strip("+-0.") else f"±{text[1:]}"


def moment(value: datetime | pd.Timestamp, timezone: str, *, seconds: bool = True) -> str:
    """`2026-11-03 14:05:09` on the zone's wall clock."""
    local = value.astimezone(zone(timezone)) if isinstance(value, datetime) else value
    return local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def window_time(start: datetime | pd.Timestamp, every: Window | None, timezone: str) -> str:
    """When a window begins: windows of days and longer begin with a date."""
    text = moment(start, timezone, seconds=False)
    return text if every is None or every.unit in ("m", "h") else text[:10]


def span(start: datetime, stop: datetime, timezone: str) -> str:
    """`3 Nov 2026 – 10 Nov 2026`, with times where the ends are not midnights."""
    tz = zone(timezone)
    first, last = start.astimezone(tz), stop.astimezone(tz)
    if (first.hour, first.minute, last.hour, last.minute) == (0, 0, 0, 0):
        last -= timedelta(days=1)
        ends = [_day(first), _day(last)]
        return ends[0] if ends[0] == ends[1] else " – ".join(ends)
    if first.date() == last.date():
        return f"{_day(first)}, {first:%H:%M} – {last:%H:%M}"
    return f"{_day(first)} {first:%H:%M} – {_day(last)} {last:%H:%M}"


def _day(local: datetime) -> str:
    return f"{local.day} {local:%b %Y}"


def ago(then: datetime, now: datetime) -> str:
    """`12 s ago`, `5 min ago`, `3 h ago`, `4 days ago`."""
    return f"{length(now - then)} ago"


def length(time: timedelta) -> str:
    """`12 s`, `5 min`, `3 h`, `4 days`."""
    seconds = max(0.0, time.total_seconds())
    for limit, divisor, unit in ((90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / divisor:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"


_COLUMNS = {
    "platform": "Platform", "http_status": "HTTP status", "prompt_type": "Kind of content", "from_status": "From",
    "to_status": "To", "outcome_reason": "Reason", "log_outcome": "Outcome by log", "ai_requests": "AI requests",
    "ai_retries": "AI retries", "content_outcome": "Outcome by content", "duration_seconds": "Duration (s)", "slowest_seconds": "Slowest (s)", "late_seconds": "Late (s)", "latency_seconds": "Answer time (s)",
    "wait_seconds": "Wait (s)", "held_seconds": "Held (s)", "rate": "Rate (%)", "first_day_share": "First day (%)",
    "_id": "Identity", "cost_nano_usd": "Cost (USD)", "first_told": "First record", "last_told": "Last record", "error_class": "Kind of error", "excerpt": "Begins with",
    "retry_count": "Retries", "provenance": "Origin", "grain": "What it covers", "not_reported": "Not reported", "post_id": "Post id", "batch_id": "Batch id", "post_number": "No.", "pricing": "Cost basis",
}  # fmt: skip


def inside(title: str) -> str:
    """A title within a sentence: its first letter small, unless it begins with an abbreviation or a name (AI, LinkedIn, X)."""
    word = title.partition(" ")[0]
    return title if len(word) == 1 or not word[1:].islower() else title[:1].lower() + title[1:]


def column_name(column: str) -> str:
    """A column as people write it."""
    return _COLUMNS.get(column) or column.replace("_", " ").capitalize()


def filter_text(column: str, words: tuple[str, ...]) -> str:
    """One filter as a sentence part: `Platform: LinkedIn or X`, `Outcome: not ok`, `Message: contains “timeout”`."""
    plain = [name_of(word.removeprefix("\\"), column) for word in words if not word.startswith(("!", "~", ">=", "<="))]
    parts = [" or ".join(plain)] if plain else []
    excluded = [name_of(word[1:], column) for word in words if word.startswith("!")]
    if excluded:
        parts.append("not " + " nor ".join(excluded))
    texts = [f"“{word[1:]}”" for word in words if word.startswith("~")]
    if texts:
        parts.append("contains " + " or ".join(texts))
    parts += [f"≥ {word[2:]}" for word in words if word.startswith(">=")]
    parts += [f"≤ {word[2:]}" for word in words if word.startswith("<=")]
    return f"{column_name(column)}: {', '.join(parts)}"


_PRESETS = {
    "-1h": "Last hour", "-6h": "Last 6 hours", "-24h": "Last 24 hours", "-7d": "Last 7 days", "-30d": "Last 30 days",
    "-90d": "Last 90 days", "-365d": "Last 365 days", "day": "Today", "week": "This week", "month": "This month",
    "quarter": "This quarter", "year": "This year",
}  # fmt: skip


def not_filtered(metric: Metric, columns: Iterable[str]) -> str:
    """`not filtered by topic and status`: columns of a selection that the metric can't be filtered by; "" for none."""
    return not_filtered_by(metric.ignored(columns))


def not_filtered_by(ignored: Iterable[str]) -> str:
    """The same of columns that are known to be left out."""
    names = " and ".join(inside(column_name(column)) for column in ignored)
    return f"not filtered by {names}" if names else ""


def preset_name(start: str) -> str:
    return _PRESETS.get(start, f"Since {start}")


WINDOW_NAMES = {
    "auto": "Auto", "1m": "1 minute", "5m": "5 minutes", "15m": "15 minutes", "1h": "1 hour", "6h": "6 hours",
    "1d": "1 day", "1w": "1 week", "1mo": "1 month", "1q": "1 quarter", "1y": "1 year",
}  # fmt: skip

COMPARED_WITH = {"previous": "the period before", "weekdays": "the same weekdays before", "year": "a year before"}
"""What a comparison is with, within a sentence, by the selection's word for it."""
