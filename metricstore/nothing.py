"""The kinds of nothing. A zero was counted; all others are no number, stay out of every mean and share, and say why."""

from __future__ import annotations

from typing import Final

COLUMN: Final = "why"
"""Of an answer's frame, beside `value`: "" where there is a number (zero included), else one of the kinds."""

COMPARED: Final = "comparison_why"
"""As COLUMN, beside `comparison`."""

NUMBER: Final = "n"
"""How many values stand behind `value`, where a metric says how many it needs."""

NO_RECORDS: Final = "no records"
"""Nothing happened there, so there is no mean, no share and no last value of it."""
NOT_COLLECTED: Final = "not collected"
"""Outside of what was collected so far: before the source's first record, or after it was last read."""
NOT_REPORTED: Final = "not reported"
"""There are records; their source does not tell this figure."""
LOST: Final = "lost"
"""Nobody looked at the time, and it can't be had any more."""
TOO_FEW: Final = "too few"
"""There are values, but fewer than this aggregate needs to mean anything."""

NOT_SET: Final = "not set"
"""It rests on an assumption that nobody has set: declared defaults are invented, and what follows from them is, too."""

KINDS: dict[str, str] = {
    NO_RECORDS: "nothing happened, so there is nothing to take it of",
    NOT_COLLECTED: "outside of what was collected so far, or older than it is kept",
    NOT_REPORTED: "there are records, but their source does not report this figure",
    LOST: "not recorded at the time, and it can't be had any more",
    TOO_FEW: "too few values to mean anything",
    NOT_SET: "an assumption that it rests on is not set",
}

PARTLY: Final = "partly collected"
"""Only a part of the time compared with was collected: less than the whole, and no figure to measure a change by."""
NO_WINDOW: Final = "no such window"
"""The time compared with is shorter: a month of 30 days has no 31st."""
NOT_VISIBLE: Final = "not visible"
"""The time compared with lies outside of what the viewer may see."""

COMPARED_KINDS: dict[str, str] = {
    **KINDS,
    PARTLY: "only a part of the time compared with was collected",
    NO_WINDOW: "the time compared with has no such window",
    NOT_VISIBLE: "the time compared with lies outside of what you may see",
}
