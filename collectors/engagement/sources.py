"""Which files hold audience figures, and what is in those that changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from collectors.base import WARNINGS, DeadLetter
from collectors.dead_items import Bad, fresh_letters, letter_identity
from collectors.engagement.bodies import FIELD_LOST
from collectors.engagement.databases import Busy, Damaged, read_database
from collectors.engagement.exports import Export, read_export, read_metrics
from collectors.engagement.rows import Rejected, Row
from collectors.engagement.snapshots import read_snapshot
from collectors.isolation import NOT_THE_RECORD, reason_of
from collectors.json_places import NotJson
from collectors.platforms import unresolved, unresolved_platforms
from collectors.reading import Stamp, Unready, Whole, read_whole, remember, same_state, short_hash, stamp_of, unchanged
from collectors.source import Source

_SNAPSHOTS = ("*TWITTER_DATA*.json", "*twitter_data_*.json", "twitter_test_results_*.json")


@dataclass
class Portion:
    """What was read from one file (or from all files of the service's own metrics), to be stored together."""

    rows: list[Row] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)
    """By file: what the checkpoint remembers once this is stored."""
    records: int = 0
    bytes: int = 0


class Reader(Protocol):
    """Reads what a file holds. Raises Later or BadFile."""

    def __call__(self, whole: Whole, source: Source, name: str) -> Export: ...


class Later(Exception):
    """The file may be somebody's half-written one; what is wrong with it as it is now is said, but nothing is set aside."""

    def __init__(self, *warnings: str) -> None:
        super().__init__(*warnings)
        self.warnings = warnings


class BadFile(Exception):
    """The file as a whole can't be used."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


def snapshot_paths(source: Source) -> list[Path]:
    return sorted({path for pattern in _SNAPSHOTS for path in source.root.glob(pattern)})


def database_paths(source: Source) -> list[Path]:
    """Databases of the two dashboards, the one whose word counts less first."""
    return [source.root / "data" / "metrics.db", source.metrics_db_path()]


def present_names(source: Source) -> set[str]:
    """Every file that is looked at, as it is remembered."""
    own = [source.metrics_csv_path(), *database_paths(source)]
    return {source.name_of(path) for path in (*own, *source.export_paths(), *snapshot_paths(source))}


def first_look(source: Source) -> list[str]:
    """What is wrong with the exports and metrics.csv, before anything of them is stored: sentences with the files' names."""
    readers: list[tuple[Path, Reader]] = [(path, _export) for path in source.export_paths()]
    found: list[str] = []
    for path, reader in [(source.metrics_csv_path(), _metrics_csv), *readers]:
        whole, name = read_whole(path), source.name_of(path)
        try:
            if isinstance(whole, Whole):
                found.extend(_wrong_with(name, _understood(reader, whole, source, name)))
            elif whole is not None and whole.hopeless:
                found.append(f"{name} can't be used: {whole.reason}")
        except Later as later:
            found.extend(f"{name} {text}" for text in later.warnings)
        except BadFile as bad:
            found.append(f"{name} can't be used: {bad}")
    return found


def changed_portions(source: Source, memory: Mapping[str, Any]) -> Iterable[Portion]:
    """One portion for each export or snapshot that changed (oldest file first), one for the service's own metrics."""
    own = _own_metrics(source, memory)
    if own is not None:
        yield own
    exports = [(path, _export) for path in source.export_paths()]
    found = [*exports, *((path, _snapshot) for path in snapshot_paths(source))]
    stamped = [(stamp, path, reader) for path, reader in found if (stamp := stamp_of(path)) is not None]
    for stamp, path, reader in sorted(stamped, key=lambda one: (one[0].mtime_ns, one[1])):
        name = source.name_of(path)
        kept = memory.get(name, {})
        if unchanged(kept, stamp):
            continue
        portion = Portion()
        rows = _read(portion, path, name, kept, source, reader)
        if rows is not None and not same_state(kept, stamp, portion.memory[name]["digest"]):
            portion.rows = rows
        yield portion


def _read(
    portion: Portion, path: Path, name: str, kept: Mapping[str, Any], source: Source, reader: Reader
) -> list[Row] | None:
    """Rows of one file; adds to `portion` what else is known of it. None: nothing can be said now."""
    whole = read_whole(path)
    if whole is None:
        return None
    try:
        if isinstance(whole, Unready):
            if not whole.hopeless:
                return None
            raise BadFile(whole.reason)
        found = _understood(reader, whole, source, name)
    except Later as later:
        if later.warnings:
            portion.memory[name] = {**kept, WARNINGS: [f"{name} {text}" for text in later.warnings]}
        return None
    except BadFile as bad:
        _set_aside(portion, name, whole.stamp, kept, bad)
        return None
    _remember(portion, name, kept, whole.stamp, whole.digest, found.rejected)
    if texts := _wrong_with(name, found):
        portion.memory[name][WARNINGS] = texts
    portion.records += len(found.rows)
    portion.bytes += len(whole.data)
    return found.rows


def _wrong_with(name: str, export: Export) -> list[str]:
    """What is wrong with a file that was read, in sentences; which of its platforms aren't known, too."""
    unknown = Counter(row.platform for row in export.rows if unresolved(row.platform))
    texts = [f"{name} {text}" for text in export.warnings]
    return [*texts, *unresolved_platforms({name: unknown}, "row")] if unknown else texts


def _understood(reader: Reader, whole: Whole, source: Source, name: str) -> Export:
    """What a file holds; whatever makes reading it fail costs this file alone."""
    try:
        return reader(whole, source, name)
    except (Later, BadFile, *NOT_THE_RECORD):
        raise
    except Exception as failure:
        raise BadFile(reason_of(failure)) from failure


def _own_metrics(source: Source, memory: Mapping[str, Any]) -> Portion | None:
    """metrics.csv and the databases it is imported into, as one: the same row in several of them is one row."""
    text, databases = source.metrics_csv_path(), database_paths(source)
    stamps = {path: _database_stamp(path) for path in databases} | {text: stamp_of(text)}
    if all(unchanged(memory.get(source.name_of(path)), stamp) for path, stamp in stamps.items() if stamp):
        return None
    portion = Portion()
    merged: dict[tuple[str, str, str], Row] = {}
    for path in databases:
        stamp = stamps[path]
        if stamp is not None:
            _merge(merged, _read_database(portion, path, stamp, memory, source))
    if stamps[text] is not None:
        name = source.name_of(text)
        _merge(merged, _read(portion, text, name, memory.get(name, {}), source, _metrics_csv) or [])
    portion.rows = list(merged.values())
    return portion


def _merge(merged: dict[tuple[str, str, str], Row], rows: list[Row]) -> None:
    """Later rows replace earlier ones; placeholders never replace figures of another file."""
    latest: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        before = latest.get(row.series)
        if before is None or row.provenance == "imported" or before.provenance == "placeholder":
            latest[row.series] = row
    for series, row in latest.items():
        if series not in merged or row.provenance == "imported" or merged[series].provenance == "placeholder":
            merged[series] = row


def _read_database(portion: Portion, path: Path, stamp: Stamp, memory: Mapping[str, Any], source: Source) -> list[Row]:
    name = source.name_of(path)
    kept = memory.get(name, {})
    try:
        table = read_database(path, source.zone, name)
    except Busy:
        return []
    except Damaged as error:
        if stamp.stale:
            _set_aside(portion, name, stamp, kept, BadFile(f"no readable SQLite database: {error}"))
        return []
    _remember(portion, name, kept, stamp, short_hash(repr(table.rows)), table.rejected)
    if texts := _wrong_with(name, Export(table.rows)):
        portion.memory[name][WARNINGS] = texts
    portion.records += len(table.rows)
    portion.bytes += stamp.size
    return table.rows


def _database_stamp(path: Path) -> Stamp | None:
    """Of the database and its write-ahead log."""
    main = stamp_of(path)
    log = stamp_of(path.with_name(f"{path.name}-wal"))
    if main is None or log is None:
        return main
    return Stamp(main.size + log.size, max(main.mtime_ns, log.mtime_ns))


def _metrics_csv(whole: Whole, source: Source, name: str) -> Export:
    export = read_metrics(whole.data, source.zone, name, code_page=source.code_page)
    if not export.known and whole.data.strip():
        if not whole.stamp.stale:
            raise Later(*export.warnings)
        raise BadFile("columns are not those of metrics.csv", 1)
    if export.unfinished and not whole.stamp.stale:
        raise Later
    return export


def _export(whole: Whole, source: Source, name: str) -> Export:
    if not whole.data.strip():
        return Export()
    export = read_export(whole.data, source.zone, name, named=bool(source.exports), code_page=source.code_page)
    if (export.unfinished or (export.warnings and not export.known)) and not whole.stamp.stale:
        raise Later(*export.warnings)
    return export


def _snapshot(whole: Whole, source: Source, name: str) -> Export:
    try:
        rows, rejected = read_snapshot(whole.text, source.zone, name)
    except NotJson as error:
        if whole.stamp.stale and whole.data.strip():
            raise BadFile(f"no complete JSON: {error.reason}", error.line) from None
        raise Later from None
    return Export(rows, rejected)


def _remember(
    portion: Portion, name: str, kept: Mapping[str, Any], stamp: Stamp, digest: str, rejected: Iterable[Bad]
) -> None:
    bad = list(rejected)
    letters, known = fresh_letters(name, stamp, bad, _reported_before(bad, kept.get("rejected", {})))
    portion.letters.extend(letters)
    portion.memory[name] = {**remember(stamp, digest), "rejected": known}


def _reported_before(rejected: Iterable[Bad], kept: Mapping[str, int]) -> dict[str, int]:
    """What was reported, also by the words that versions before 2026-11 had for it: it is not reported again."""
    found = dict(kept)
    for bad in rejected:
        former = bad.reason.removesuffix(FIELD_LOST).replace(" isn't a ", " is no ")
        time = kept.get(letter_identity(former, bad.excerpt))
        if time is not None:
            found.setdefault(letter_identity(bad.reason, bad.excerpt), time)
    return found


def _set_aside(portion: Portion, name: str, stamp: Stamp, kept: Mapping[str, Any], bad: BadFile) -> None:
    """Report a file that can't be used, once for each of its states."""
    state = short_hash(f"{bad}{stamp}")
    portion.memory[name] = {**kept, "trouble": state, WARNINGS: [f"{name} can't be used: {bad}"]}
    if kept.get("trouble") != state:
        portion.letters.extend(fresh_letters(name, stamp, (Rejected(bad.line, str(bad), ""),), {})[0])
