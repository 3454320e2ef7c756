"""A recorded run of the observed project, played back: after each step its files are as they were then."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

_STAMP = "%Y-%m-%d %H:%M:%S"


@dataclass
class Recording:
    """`folder` holds truth.json, logs/, steps/, outputs/."""

    folder: Path

    @cached_property
    def truth(self) -> dict[str, Any]:
        return json.loads((self.folder / "truth.json").read_text())

    @cached_property
    def runs(self) -> list[dict[str, Any]]:
        """In the order they began; operator's doings are left out."""
        return sorted((run for run in self.truth["runs"] if run.get("step")), key=lambda run: run["step"])

    def generation_runs(self) -> list[dict[str, Any]]:
        """Runs of main.py that generated something and whose records are in logs/."""
        return [run for run in self.runs if "generation" in run and "log_file" not in run]

    def play(self, target: Path) -> Iterator[str]:
        """Bring `target` from step to step; yields after each the step's name."""
        rotated = (self.folder / "logs" / "app.log.1").read_bytes()
        text = rotated + (self.folder / "logs" / "app.log").read_bytes()
        ends = self._ends(text)
        written = 0
        (target / "outputs").mkdir(parents=True)
        for step, name in self._steps():
            if (end := ends.get(step)) is not None and end > written:
                written = self._write(target / "app.log", text, written, end, len(rotated))
            for file in sorted((self.folder / "steps" / name / "outputs").glob("*")):
                shutil.copyfile(file, target / "outputs" / file.name)
            yield name

    def finish(self, target: Path) -> None:
        """The state at the end at once."""
        target.mkdir(parents=True, exist_ok=True)
        for file in (self.folder / "logs").iterdir():
            shutil.copyfile(file, target / file.name)
        shutil.copytree(self.folder / "outputs", target / "outputs", copy_function=shutil.copyfile)

    def _write(self, log: Path, text: bytes, begin: int, end: int, rotation: int) -> int:
        if begin < rotation < end:
            self._write(log, text, begin, rotation, rotation)
            begin = rotation
        if begin == rotation and log.exists():
            log.rename(log.with_name("app.log.1"))
        with log.open("ab") as stream:
            stream.write(text[begin:end])
        return end

    def _steps(self) -> list[tuple[int, str]]:
        """Of runs at the same time the one that ended first comes first, as truth.json has them."""
        order = [run["step"] for run in self.truth["runs"] if run.get("step")]
        names = {int(path.name[:2]): path.name for path in (self.folder / "steps").iterdir()}
        return [(step, names[step]) for step in order if step in names]

    def _ends(self, text: bytes) -> dict[int, int]:
        """Offset in the log that each step ends at: where the next one that logs begins.

        A run's first record is written within seconds of its start. Runs at the same time end together.
        """
        offsets, at = [], 0
        for line in text.split(b"\n"):
            offsets.append((line[:19].decode("ascii", "replace"), at))
            at += len(line) + 1
        begins: dict[int, int] = {}
        index, busy_until = 0, datetime.min.replace(tzinfo=UTC)
        for run in self.runs:
            start = datetime.strptime(run["clock_start_local"], _STAMP).replace(tzinfo=UTC)
            window = {f"{start + timedelta(seconds=s):{_STAMP}}" for s in range(4)}
            found = next((i for i in range(index, len(offsets)) if offsets[i][0] in window), None)
            if found is None or start < busy_until:
                continue
            begins[run["step"]] = offsets[found][1]
            index = found + 1
            busy_until = start + timedelta(seconds=min(run.get("process_wall_s") or 0, 30))
        ordered = sorted(begins.items(), key=lambda item: item[1])
        following = [offset for _, offset in ordered[1:]] + [len(text)]
        ends = {step: end for (step, _), end in zip(ordered, following, strict=True)}
        for run in self.runs:  # runs at the same time: those inside another one's stretch end with it
            if run["step"] not in ends and "generation" in run and "log_file" not in run:
                ends[run["step"]] = ends[max(step for step in ends if step < run["step"])]
        return ends
