"""Reads the made-up OpenAI reports of a demo folder, through the parsing that real answers go through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from collectors.ai_reports.tally import Tally
from collectors.base import Batch, Checkpoint, Problem
from collectors.demo.reports import FILE
from collectors.openai.parse import PROVIDER, cost_bucket, usage_bucket
from collectors.places import is_there
from collectors.source import Source
from metricstore.store import Store


class DemoOpenAiCollector:
    """Does nothing unless there is a demo folder's organisation."""

    name = "demo_openai"
    interval_seconds = 3600.0

    def __init__(self, source: Source) -> None:
        self._path = source.root / FILE

    def validate(self) -> list[Problem]:
        return []

    def watched(self) -> list[Path]:
        return [self._path]

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """The days that came since the last time."""
        if not is_there(self._path):
            return
        begin = int(checkpoint.get("bytes", 0))
        if begin >= self._path.stat().st_size:
            return
        tally, end = Tally(PROVIDER), begin
        with self._path.open("rb") as file:
            file.seek(begin)
            for line in file:
                if not line.endswith(b"\n"):  # half written
                    break
                told = json.loads(line)
                for bucket in told["usage"]:
                    usage_bucket(bucket, tally)
                cost_bucket(told["costs"], tally)
                end += len(line)
        yield Batch({"bytes": end}, tally.finished(), [], tally.letters, tally.records)
