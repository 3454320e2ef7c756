"""What a source holds that was not understood is said by the run, kept, and gone when it no longer holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from collectors.base import WARNINGS, Batch, Checkpoint, warnings_in
from collectors.runner import Runner
from collectors.runner.checkpoints import remembered_warnings
from collectors.runner.report import RunReport
from collectors.runner.slots import Slot
from collectors.source import Source
from metricstore.store import Store
from tests.collectors.runner.troubles import LineCollector, TroubledStore

SENTENCE = "app.log: 12 lines hold no record; the first is 'hello'"


class WarningCollector(LineCollector):
    """Warns as long as its file says so."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path
        self._source = Source(path.parent, "UTC")

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        warns = self.path.read_text().startswith("bad")
        state = {"seen": self.path.read_text(), WARNINGS: [SENTENCE] if warns else []}
        if state != checkpoint:
            yield Batch(state)


def test_a_warning_stays_with_every_run_until_it_no_longer_holds(tmp_path: Path) -> None:
    lines = tmp_path / "source" / "app.log"
    lines.parent.mkdir()
    lines.write_text("bad\n")
    runner = Runner([WarningCollector(lines)], TroubledStore(), tmp_path / "data")  # type: ignore[arg-type, list-item]
    first, second = runner.run_once(), runner.run_once()
    assert [report.warnings for report in (*first, *second)] == [(SENTENCE,)] * 2
    assert all(report.outcome == "ok" for report in (*first, *second))
    assert first[0].point().fields["warnings"] == SENTENCE
    assert runner.states()[0].warnings == (SENTENCE,)
    assert remembered_warnings(tmp_path / "data", lines.parent) == {"lines": (SENTENCE,)}
    assert remembered_warnings(tmp_path / "data", tmp_path / "another") == {}
    lines.write_text("good\n")
    (third,) = runner.run_once()
    assert third.warnings == () and "warnings" not in third.point().fields
    assert remembered_warnings(tmp_path / "data", lines.parent) == {}


def test_a_run_that_warns_of_something_new_is_kept_though_it_found_nothing(tmp_path: Path) -> None:
    slot = Slot(LineCollector(tmp_path / "app.log"))
    quiet, warned = RunReport("lines", "ok"), RunReport("lines", "ok", warnings=(SENTENCE,))
    assert slot.announces(quiet, "watched", 60.0)
    assert not slot.announces(quiet, "watched", 60.0)
    assert slot.announces(warned, "watched", 60.0)
    assert not slot.announces(warned, "watched", 60.0)
    assert slot.announces(quiet, "watched", 60.0)


def test_a_checkpoint_with_something_else_in_that_place_warns_of_nothing() -> None:
    assert warnings_in({}) == warnings_in({WARNINGS: "text"}) == warnings_in({WARNINGS: None}) == ()
    assert warnings_in({WARNINGS: ["a", 5, "b"]}) == ("a", "b")
