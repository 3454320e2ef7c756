"""Who has to act, by the cause of a trouble. Words for kinds of work, since nobody says here who does it."""

from __future__ import annotations

WRITERS, REVIEWERS, ADMINISTRATORS, OPERATIONS = "Writers", "Reviewers", "Administrators", "Operations"
_BY_CAUSE = {
    "content": WRITERS, "media": WRITERS,
    "nobody_accepted": REVIEWERS, "approval_missing": REVIEWERS, "draft_at_service": REVIEWERS,
    "auth": ADMINISTRATORS, "channel_disconnected": ADMINISTRATORS, "queue_paused": ADMINISTRATORS, "daily_limit": ADMINISTRATORS,
    "no_figures": ADMINISTRATORS, "no_figures_source": ADMINISTRATORS, "figures_not_reported": ADMINISTRATORS,
    "service_not_collected": ADMINISTRATORS,
}  # fmt: skip
"""What is not listed is a matter of the automation: it failed, stands still or lost something."""


def who_acts(cause: str) -> str:
    return _BY_CAUSE.get(cause, OPERATIONS)
