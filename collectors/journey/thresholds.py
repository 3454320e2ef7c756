"""After how long a post is stuck in its step: the one place where that is said."""

from __future__ import annotations

from bisect import bisect_right

SECOND = 1_000_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND

ACCEPTED_AFTER = 3 * DAY
"""generated: by then somebody should have accepted it, and before it is due."""
SCHEDULED_AFTER = 3 * DAY
"""accepted: by then the service or the scheduler should hold it, and before it is due."""
SENT_AFTER = 15 * MINUTE
"""due: by then it should be out."""
TOLD_AFTER = 48 * HOUR
"""sent: by then somebody should tell figures."""
READ_BY = 7 * DAY
"""seen: whoever has not reacted by then will not."""
CALENDAR_AFTER = HOUR
"""A batch's calendar is there at once; so long it may take to be collected."""

WAITING_EDGES = (HOUR, 6 * HOUR, 24 * HOUR, 3 * DAY, 7 * DAY)
"""Where each of `metricstore.catalogue.journey.WAITING` ends."""


def waiting_step(nanoseconds: int) -> int:
    """Which of WAITING a time in a step is."""
    return bisect_right(WAITING_EDGES, nanoseconds)
