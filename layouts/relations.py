"""Which records of other measurements belong to one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MOST = 20
"""Records listed of each kind; the latest where there are more."""
Kind = Literal["id", "sourced", "place"]


@dataclass(frozen=True)
class Relation:
    """Records of `measurement` that the record's field `told_by` names, several separated by `|`.

    `id`: the values of `column`. `sourced`: `source:value`, of the tag `source` and of `column`. `place`: `file:line`.
    The record's `first_told` and `last_told` say in which span of time they lie.
    """

    title: str
    measurement: str
    told_by: str
    column: str
    shows: tuple[str, ...]
    kind: Kind = "id"
    alike: tuple[str, ...] = ()
    """Columns in which they must be equal to the record, where both have them."""


RELATIONS: Mapping[str, tuple[Relation, ...]] = {
    "post_journey": (
        Relation("In the log: finished", "generation", "log_place", "file", ("outcome", "outcome_reason", "duration_seconds"), "place"),
        Relation("In the log: handed over", "scheduling_attempt", "attempt_places", "file",
                 ("outcome", "program", "tweet_number", "error_kind"), "place", ("platform", "topic")),
        Relation("In the calendar", "post", "post_id", "post_id", ("status", "presence", "content_state", "file", "line")),
        Relation("Changes of status", "post_transition", "post_id", "post_id", ("from_status", "to_status")),
        Relation("In the scheduler's queue", "queue_item", "item_ids", "item_id", ("status", "retry_count", "file", "line")),
        Relation("Posted by the scheduler", "delivery", "item_ids", "item_id", ("outcome", "retry_count", "late_seconds")),
        Relation("At services and on platforms", "social_post", "service_post_ids", "service_post_id",
                 ("source", "status", "due", "sent", "error_class"), "sourced"),
        Relation("Figures", "social_post_stats", "service_post_ids", "service_post_id",
                 ("source", "impressions", "reactions", "comments", "reposts", "clicks"), "sourced"),
        Relation("Imported figures", "engagement", "row_ids", "row_id", ("impressions", "views", "likes", "comments", "shares", "file", "line")),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What was found for a relation: records with `time` and `_id`, oldest first; or why they are not shown."""

    relation: Relation
    rows: Sequence[Mapping[str, Any]] = ()
    more: bool = False
    refused: str = ""
