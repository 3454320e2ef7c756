"""DASHAPP_ALERTS_FILE: rules and receivers that are kept beside the settings, applied whenever the file changes."""

from __future__ import annotations

import logging
from pathlib import Path

from dashapp.alerts.rulebook import RuleBook, WrongRules

log = logging.getLogger(__name__)

AUTHOR = "settings"


class RulesFile:
    """Without a path it does nothing. A file with mistakes changes nothing: what was applied last stays in force."""

    def __init__(self, path: Path | None, rulebook: RuleBook) -> None:
        self._path = path
        self._rulebook = rulebook
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
            self._rulebook.apply(text, str(self._path), AUTHOR)
        except WrongRules as error:
            for mistake in error.mistakes:
                log.error("alert rules: %s", mistake)
        except (OSError, UnicodeDecodeError) as error:
            problem = f"{self._path} can't be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"
            if problem != self._seen:
                log.error("alert rules: %s", problem)
            self._seen = problem
