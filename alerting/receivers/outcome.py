"""What came of sending a message once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    recipient: str
    delivered: bool
    permanent: bool = False
    """Not delivered, and the same would come of sending it again."""
    retry_after: float | None = None
    """Seconds for which the receiver asked to be left alone; None: it said nothing."""
    answer: str = ""
    """The receiver's own answer, or why there is none: one line without secrets."""


class Failure(Exception):
    """It was not delivered; the text says why."""

    def __init__(self, text: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.permanent, self.retry_after = permanent, retry_after
