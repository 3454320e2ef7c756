"""Files kept beside the settings that are put into the accounts database whenever they change."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from alerting.tables import Mistake
from dashapp.accounts.user import AccountError

log = logging.getLogger(__name__)

AUTHOR = "settings"


class WrongFile(AccountError):
    """A text that can't be used; nothing was changed."""

    def __init__(self, found: list[Mistake]) -> None:
        super().__init__("; ".join(map(str, found)))
        self.mistakes = sorted(found, key=lambda each: each.line)


class AppliedFile:
    """Without a path it does nothing. A file with mistakes changes nothing: what was applied last stays in force.

    `apply` takes (text, file, author) and raises WrongFile; `what` begins what is said of it in the log.
    """

    def __init__(self, path: Path | None, apply: Callable[[str, str, str], object], what: str) -> None:
        self._path = path
        self._apply = apply
        self._what = what
        self._seen: tuple[int, int] | str | None = None

    def apply(self) -> None:
        if self._path is None:
            return
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_size)
            if seen == self._seen:
                return
            text = self._path.read_text(encoding="utf-8-sig")
            self._seen = seen
            self._apply(text, str(self._path), AUTHOR)
        except WrongFile as error:
            for mistake in error.mistakes:
                log.error("%s: %s", self._what, mistake)
        except (OSError, UnicodeDecodeError) as error:
            problem = f"{self._path} can't be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"
            if problem != self._seen:
                log.error("%s: %s", self._what, problem)
            self._seen = problem
