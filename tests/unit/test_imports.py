"""No two modules import each other, also not by imports inside functions; those that stand there give their reason."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.forkserver import ROOMS

ROOT = Path(__file__).parents[2]
REASON = "# Imports inside functions: "


def graph(*rooms: str) -> dict[str, set[str]]:
    """Each module with those it imports, wherever in it; left out is what only type checkers import."""
    found = grimp.build_graph(*rooms, exclude_type_checking_imports=True)
    return {name: set(found.find_modules_directly_imported_by(name)) for name in found.modules}


def test_no_module_imports_itself_by_way_of_others() -> None:
    try:
        TopologicalSorter(graph(*ROOMS)).prepare()
    except CycleError as error:
        pytest.fail("these modules import each other: " + " <- ".join(error.args[1]))


def test_a_circle_that_an_import_inside_a_function_hides_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "circular_room"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "one.py").write_text("from circular_room import two\n")
    (package / "two.py").write_text("def later():\n    from circular_room import one\n    return one\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = grimp.build_graph("circular_room", cache_dir=None)
    circle = {name: set(found.find_modules_directly_imported_by(name)) for name in found.modules}
    with pytest.raises(CycleError):
        TopologicalSorter(circle).prepare()


@pytest.mark.parametrize("room", ["layouts", "questions", "viewer", "callbacks", "dashapp"])
def test_imports_inside_functions_give_their_reason(room: str) -> None:
    silent = [
        f"{path.relative_to(ROOT)}: write {REASON!r} and the reason under its docstring, or import at its top"
        for path in sorted((ROOT / room).rglob("*.py"))
        if any(inside_functions(path)) and REASON not in path.read_text(encoding="utf-8")
    ]
    assert silent == []


@pytest.mark.parametrize("module", ["dashapp.cli", "dashapp.accounts"])
def test_commands_and_accounts_do_without_pandas(module: str) -> None:
    """It takes a third of a second, which every command would take longer to answer."""
    loaded = (
        f"import sys, {module}; sys.exit(any(name in sys.modules for name in ('pandas', 'numpy', 'duckdb', 'dash')))"
    )
    assert subprocess.run([sys.executable, "-c", loaded], timeout=60, check=False).returncode == 0


def inside_functions(path: Path) -> Iterator[ast.stmt]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (found for found in ast.walk(node) if isinstance(found, ast.Import | ast.ImportFrom))
