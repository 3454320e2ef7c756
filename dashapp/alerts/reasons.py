"""Why windows were not judged, in words."""

from __future__ import annotations

REASONS = {
    "no records": "nothing happened", "too few": "too few records", "another day": "a day on which nothing is expected",
    "not collected": "not collected", "not reported": "the source does not report this figure", "lost": "not recorded at the time",
}  # fmt: skip
