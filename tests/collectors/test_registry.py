"""A collector is its folder and its entry; a part that is missing is an error that says what to write where."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.registry import COLLECTORS, load
from metricstore.catalogue import collectors as catalogue
from metricstore.errors import CatalogueError

GOOD = """
class Podcast:
    name = "podcast"
    interval_seconds = 15.0
    def validate(self): ...
    def watched(self): ...
    def collect(self, checkpoint, store): ...
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one collector, importable under the name of its folder."""
    package = tmp_path / f"p{tmp_path.name.replace('-', '_')}"
    (package / "podcast").mkdir(parents=True)
    (package / "podcast" / "__init__.py").write_text("")
    (package / "podcast" / "README.md").write_text("# podcast\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return package


def test_collectors_are_found_by_their_entries_and_keep_their_order() -> None:
    assert [one.name for one in COLLECTORS] == [one.name for one in catalogue.COLLECTORS]  # type: ignore[attr-defined]


def test_a_whole_one_is_found(folder: Path) -> None:
    (folder / "podcast" / "collector.py").write_text(GOOD)
    assert [one.__name__ for one in load(["podcast"], folder.name, folder)] == ["Podcast"]


@pytest.mark.parametrize(
    ("names", "code", "expected"),
    [
        ([], GOOD, ("podcast/collector.py", 'Registration("podcast"', "metricstore/catalogue/collectors.py")),
        (["podcast"], None, ("podcast/collector.py", "collectors/base.py")),
        (["podcast"], GOOD.replace('    name = "podcast"\n', ""), ('name = "podcast"', "podcast/collector.py")),
        (["podcast"], GOOD.replace("def watched", "def other"), ("`watched`", "Podcast", "collectors/base.py")),
    ],
)
def test_what_is_missing_is_named(folder: Path, names: list[str], code: str | None, expected: tuple[str, ...]) -> None:
    if code is not None:
        (folder / "podcast" / "collector.py").write_text(code)
    with pytest.raises(CatalogueError) as raised:
        load(names, folder.name, folder)
    for words in expected:
        assert words in str(raised.value)


@pytest.mark.parametrize("file", ["README.md", "__init__.py"])
def test_a_file_that_is_missing_is_named(folder: Path, file: str) -> None:
    (folder / "podcast" / "collector.py").write_text(GOOD)
    (folder / "podcast" / file).unlink()
    with pytest.raises(CatalogueError, match=f"podcast/{file}"):
        load(["podcast"], folder.name, folder)
