"""What made a figure change, as it was worked out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from briefing.parts import Made
from metricstore.metrics import Metric
from metricstore.selection import Selection


@dataclass(frozen=True)
class Change:
    """`why`: the kind of nothing where there is no change to tell of; `made` None then, and where nothing stands out."""

    metric: Metric
    selection: Selection
    before: float
    after: float
    start: datetime
    stop: datetime
    before_start: datetime
    before_stop: datetime
    why: str = ""
    made: Made | None = None
    by: tuple[Made, ...] = ()
    """By every column that was asked."""
