"""Where the observed system keeps its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collectors.places import is_folder, is_there
from collectors.services import Services
from collectors.tailing.encodings import CODE_PAGE
from collectors.tailing.files import has_copies
from metricstore.catalogue.collectors import COLLECTORS
from metricstore.errors import CatalogueError
from metricstore.retention import KEPT_FOR_EVER, Retention

EXPORT_FOLDERS = ("exports", "analytics", "outputs")
"""Sub folders of the project in which exports are looked for."""
EXPORT_SUFFIXES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods")


@dataclass(frozen=True)
class Source:
    """The observed project's folder. Empty overrides mean: look in the usual places."""

    root: Path
    timezone: str
    log: Path | None = None
    logs: tuple[Path, ...] = ()
    """Several logs, each followed on its own; `log` is one more."""
    calendars: tuple[Path, ...] = ()
    scheduler_state: Path | None = None
    metrics_csv: Path | None = None
    metrics_db: Path | None = None
    exports: tuple[Path, ...] = field(default=())
    ai_usage: Path | None = None
    price_table: Path | None = None
    """Prices that go before the ones shipped with the product."""
    code_page: str = CODE_PAGE
    """What logs and exports are in that aren't UTF-8 or UTF-16."""
    services: Services = field(default_factory=Services)
    retention: Retention = KEPT_FOR_EVER
    given: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Settings that collectors' entries in the catalogue name, by their names."""

    def setting(self, name: str) -> Any:
        """The value of a setting; None where it isn't set. CatalogueError when no collector's entry names it."""
        if name not in (known for one in COLLECTORS for known in one.settings):
            raise CatalogueError(
                f'a collector asks for the setting "{name}", which no entry names: add settings=("{name}",) to its entry in '
                "COLLECTORS of metricstore/catalogue/collectors.py"
            )
        return self.given.get(name)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def outputs(self) -> Path:
        return self.root / "outputs"

    @property
    def usual_logs(self) -> list[Path]:
        """Where the main log is looked for when none is named."""
        return [self.root / "app.log", self.root / "logs" / "app.log"]

    def log_path(self) -> Path:
        """The main log: the one that is named, else `app.log` in the first of the usual places where there is one."""
        if self.log is not None:
            return self.log
        places = self.usual_logs
        if self.logs:
            return next((place for place in places if place in self.logs), self.logs[0])
        return next((place for place in places if is_there(place) or has_copies(place)), places[0])

    def log_paths(self) -> list[Path]:
        """All logs, the main one first."""
        return list(dict.fromkeys((self.log_path(), *self.logs)))

    def calendar_paths(self) -> list[Path]:
        """Calendar files that exist now, sorted by name."""
        if self.calendars:
            return [path for path in self.calendars if is_there(path)]
        named = ("todays_posts.json", "fast_linkedin_demo.json")
        kinds = (".json", ".jsonl", ".ndjson")
        found = [path for path in self._outputs() if path.name in named or _is_calendar(path.name, kinds)]
        return sorted([*found, *self.root.glob("production_content_calendar.json")])

    def foreign_calendar_paths(self) -> list[Path]:
        """Files that look like calendars by their names, in formats that are not read."""
        kinds = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".yaml", ".yml", ".xml", ".ics", ".toml")
        return [] if self.calendars else sorted(path for path in self._outputs() if _is_calendar(path.name, kinds))

    def scheduler_state_path(self) -> Path:
        return self.scheduler_state or self.outputs / "scheduler_state.json"

    def metrics_csv_path(self) -> Path:
        return self.metrics_csv or self.outputs / "metrics.csv"

    def metrics_db_path(self) -> Path:
        return self.metrics_db or self.outputs / "metrics.db"

    def export_folders(self) -> list[Path]:
        """Where exports lie: the folders that were named, else the usual ones; they need not exist."""
        if self.exports:
            return [path for path in self.exports if is_folder(path)]
        return [self.root, *(self.root / name for name in EXPORT_FOLDERS)]

    def export_paths(self) -> list[Path]:
        """Analytics exports people downloaded from the platforms: tables in the project's folder and its usual sub folders."""
        named = [path for path in self.exports if is_there(path) and not is_folder(path)]
        found = {path for folder in self.export_folders() for path in _tables_in(folder)}
        return [*named, *sorted(found - {self.metrics_csv_path(), *named})]

    def ai_usage_path(self) -> Path:
        """Where the observed system records its AI calls, if it does."""
        return self.ai_usage or self.outputs / "ai_usage.ndjson"

    def _outputs(self) -> list[Path]:
        try:
            return list(self.outputs.iterdir())
        except OSError:
            return []

    def path_of(self, name: str) -> Path:
        """The path that `name_of` gave that name."""
        return self.root / name

    def name_of(self, path: Path) -> str:
        """The path as people know it: relative to the project's folder where possible."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()


def _is_calendar(name: str, kinds: tuple[str, ...]) -> bool:
    plain = name.lower()
    return "calendar" in plain and plain.endswith(kinds)


def _tables_in(folder: Path) -> list[Path]:
    """Files of tables, whatever the case of their suffix; not those that editors keep beside an open one."""
    try:
        paths = list(folder.iterdir())
    except OSError:
        return []
    return [path for path in paths if path.suffix.lower() in EXPORT_SUFFIXES and not path.name.startswith((".", "~$"))]
