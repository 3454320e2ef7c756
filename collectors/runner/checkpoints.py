"""Where each collector has got to, on disk.

A checkpoint is replaced atomically: a temporary file is written and synced, renamed over the old one, and the
folder is synced, so that a crash or power cut leaves either the old or the new one, whole.
Losing a checkpoint is harmless: reading everything again overwrites the same points.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from collectors.base import ASKED, Checkpoint, warnings_in

log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another machine collects now: what this one has read is read again there."""


class Checkpoints:
    """The checkpoints of one store and one source: another store or source has its own, in another folder.

    `scope` names both; it is only compared, never interpreted.
    """

    def __init__(self, data_dir: Path, scope: str) -> None:
        digest = hashlib.sha256(scope.encode()).hexdigest()[:12]
        self.folder = data_dir / "checkpoints" / digest
        self._scope = scope

    def require(self) -> None:
        """Before anything is stored that a checkpoint will speak of. LeaseLost where another machine collects now."""

    def load(self, name: str) -> Checkpoint:
        """The checkpoint of collector `name`; empty when there is none or it cannot be used."""
        path = self._path(name)
        try:
            envelope = json.loads(path.read_bytes())
            checkpoint = envelope["checkpoint"]
            if not isinstance(checkpoint, dict):
                raise TypeError("the checkpoint isn't an object")
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError) as problem:
            self._set_aside(name, path, problem)
            return {}
        return checkpoint

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint of `name`, durably, before returning."""
        self._keep(name, checkpoint, datetime.now(UTC).isoformat(timespec="milliseconds"))

    def _keep(self, name: str, checkpoint: Checkpoint, saved_at: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        envelope: Mapping[str, Any] = {
            "collector": name,
            "scope": self._scope,
            "saved_at": saved_at,
            "checkpoint": dict(checkpoint),
        }
        path = self._path(name)
        temporary = path.with_suffix(".json.new")
        with temporary.open("wb") as file:
            file.write(json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(self.folder)

    def drop(self, name: str) -> None:
        """Forget the checkpoint of `name`: its next run starts over."""
        self._path(name).unlink(missing_ok=True)

    def start_over(self, name: str) -> None:
        """Forget where the collector `name` got to, but not how much of a service's budget is spent."""
        budget = budget_in(self.load(name))
        self.drop(name)
        if budget:
            self.save(name, budget)

    def drop_all(self) -> bool:
        """Forget all of them; says whether there were any."""
        found = list(self.folder.glob("*.json"))
        for path in found:
            self.start_over(path.stem)
        return bool(found)

    def age_seconds(self, name: str) -> float | None:
        """Seconds since the checkpoint of `name` was saved; None when there is none."""
        try:
            return max(0.0, time.time() - self._path(name).stat().st_mtime)
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _set_aside(self, name: str, path: Path, problem: Exception) -> None:
        aside = path.with_name(f"{path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
        path.replace(aside)
        log.warning(
            "checkpoint of %s is corrupt (%s); set aside as %s, starting over: nothing is lost or doubled",
            name, problem, aside.name,
        )  # fmt: skip


def budget_in(checkpoint: Checkpoint) -> Checkpoint:
    """What is kept of a checkpoint where all is read again: how much of a service's budget is spent."""
    asked = checkpoint.get(ASKED)
    return {ASKED: {**asked, "breaker": {}}} if isinstance(asked, dict) else {}


def start_over_with(data_dir: Path, store: str) -> None:
    """Forget where all collectors got to that write to `store`, whatever they read: what it lost is read again.

    `store` is its kind and location, as scopes begin. How much of a service's budget is spent stays known.
    """
    for folder in (data_dir / "checkpoints").glob("*/"):
        scopes = {_scope(path) for path in folder.glob("*.json")}
        for scope in scopes:
            if scope.startswith(f"{store} <- "):
                Checkpoints(data_dir, scope).drop_all()


def _scope(path: Path) -> str:
    """Empty where it can't be read: the runner sets such a file aside at its next run, and starts over."""
    try:
        return str(json.loads(path.read_bytes())["scope"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def remembered_warnings(data_dir: Path, root: Path) -> dict[str, tuple[str, ...]]:
    """What the latest runs over the source at `root` warned of, by collector, whatever store they wrote to.

    For those who look from outside, without opening a store. Collectors without a warning are left out.
    """
    found = {name: warnings_in(checkpoint) for name, (_, checkpoint) in remembered(data_dir, root).items()}
    return {name: warnings for name, warnings in sorted(found.items()) if warnings}


def remembered(data_dir: Path, root: Path) -> dict[str, tuple[str, Checkpoint]]:
    """When (ISO 8601, UTC) each collector's latest checkpoint of the source at `root` was kept, and the checkpoint."""
    found: dict[str, tuple[str, Checkpoint]] = {}
    for path in (data_dir / "checkpoints").glob("*/*.json"):
        try:
            envelope = json.loads(path.read_bytes())
            name, scope, at = envelope["collector"], envelope["scope"], envelope["saved_at"]
            here = scope.endswith(f"<- {root.absolute()}") and isinstance(envelope["checkpoint"], dict)
            if here and at > found.get(name, ("", {}))[0]:
                found[name] = (at, envelope["checkpoint"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # the runner sets such a file aside at its next run
    return found


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable. Some file systems refuse to sync folders; they need no such thing."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        log.debug("cannot sync folder %s", folder)
    finally:
        os.close(descriptor)
