"""Account snapshots: the JSON files that the Twitter tools leave. Pure.

`is_fallback: true` marks figures that were invented when the API refused: provenance `modelled`.
In the nested shape `reach` copies the followers and zeros mean "not fetched": only followers, following and posts count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from collectors import local_time
from collectors.engagement import numbers
from collectors.engagement.rows import Rejected, Row, totals
from collectors.json_places import document
from collectors.platforms import platform_named
from collectors.reading import short_hash
from metricstore.catalogue import FieldValue

_ALWAYS = {
    "followers": ("followers", "followers_count"),
    "following": ("following", "following_count"),
    "account_posts": ("tweets", "tweet_count", "posts"),
}
_IF_FETCHED = {
    "likes": ("tweet_likes",),
    "shares": ("tweet_retweets",),
    "comments": ("tweet_replies",),
    "impressions": ("tweet_impressions",),
}
_TIMES = ("timestamp", "last_updated", "last_connected")


def read_snapshot(text: str, zone: ZoneInfo, file: str) -> tuple[list[Row], list[Rejected]]:
    """Rows of a snapshot file; none for JSON that is something else. NotJson for a cut file."""
    root = document(text).value
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for account, own, figures, time, line_of in _accounts(root):
        line = text.count("\n", 0, max(0, text.find(f'"{line_of}":'))) + 1
        try:
            rows.append(_row(account, own, figures, time, zone, file, line))
        except ValueError as error:
            rejected.append(Rejected(line, str(error), json.dumps({account: dict(figures)})[:500]))
    return rows, rejected


Found = tuple[str, bool, Mapping[str, Any], Any, str]
"""account, whether it is the user's own, figures, time, a word of its line."""


def _accounts(root: Any) -> Iterator[Found]:
    if not isinstance(root, dict):
        return
    if isinstance(root.get("results"), dict):
        for name, figures in root["results"].items():
            if isinstance(figures, dict):
                yield name, False, figures, _time(figures) or root.get("test_timestamp"), name
    elif isinstance(root.get("accounts"), dict):
        about = root.get("extraction_metadata")
        when = about.get("timestamp") if isinstance(about, dict) else None
        for name, figures in root["accounts"].items():
            if isinstance(figures, dict) and isinstance(figures.get("public_metrics"), dict):
                yield str(figures.get("username", name)), False, figures["public_metrics"], when, name
    elif isinstance(root.get("twitter"), dict):
        told = root["twitter"]
        if isinstance(told.get("analytics"), dict):
            name = str(told.get("username") or told.get("account_name") or "")
            own = told["analytics"].get("data_source") == "your_real_api"
            yield name, own, told["analytics"], _time(told), "twitter"
    elif "username" in root and "followers" in root:
        yield str(root["username"]), True, root, _time(root), "username"


def _row(account: str, own: bool, figures: Mapping[str, Any], when: Any, zone: ZoneInfo, file: str, line: int) -> Row:
    time = local_time.moment(when, zone)
    if time is None:
        raise ValueError(f"snapshot has no time ({when!r})")
    fields: dict[str, FieldValue] = {}
    for name, value in _figures(figures):
        fields[name] = value
    if not fields:
        raise ValueError("snapshot has no figures")
    fields |= totals(fields)
    rate = figures.get("engagement_rate")
    if isinstance(rate, int | float) and not isinstance(rate, bool):
        fields["reported_rate"] = float(rate)
    platform = platform_named("twitter") or "twitter"
    row_id = short_hash(json.dumps([platform, account.lower(), time]))
    fields |= {"account": account[:100], "row_id": row_id, "file": file, "line": line}
    provenance = "modelled" if figures.get("is_fallback") is True else "imported"
    return Row(platform, "account" if own else "watched", provenance, time, row_id, fields, file, line)


def _figures(figures: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, keys in (_ALWAYS | _IF_FETCHED).items():
        value = numbers.count(next((figures[key] for key in keys if key in figures), None))
        if value is not None and (value or name in _ALWAYS):
            yield name, value


def _time(figures: Mapping[str, Any]) -> Any:
    return next((figures[key] for key in _TIMES if figures.get(key)), None)
