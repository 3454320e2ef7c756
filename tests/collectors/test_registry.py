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


def test_a_folder_that_would_not_be_installed_is_named(folder: Path) -> None:
    (folder / "podcast" / "collector.py").write_text(GOOD)
    (folder / "podcast" / "__init__.py").unlink()
    with pytest.raises(CatalogueError, match=r"podcast/__init__\.py"):
        load(["podcast"], folder.name, folder)


def test_a_mistake_in_its_code_is_shown_as_it_is(folder: Path) -> None:
    (folder / "podcast" / "collector.py").write_text("import nowhere_at_all\n")
    with pytest.raises(ModuleNotFoundError, match="nowhere_at_all"):
        load(["podcast"], folder.name, folder)
