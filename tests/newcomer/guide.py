"""`docs/adding.md` as steps that can be taken: what it says to write, and where."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

_SECTION = re.compile(r"^## (.+)$", re.M)
_BLOCK = re.compile(r"```\w+\n(.*?)```\n", re.S)
_PATH = re.compile(r"`([\w./-]+\.(?:py|md|toml))`")
_EMPTY = re.compile(r"empty `([\w./-]+\.py)`")
_NAME = re.compile(r"(?:entry|entry\*\*|field) in `(\w+)`")


@dataclass(frozen=True)
class Step:
    """What is written in `path`: an entry of the list or a field of the class `name`, else the whole file."""

    section: str
    path: str
    name: str
    text: str


def steps(guide: Path) -> list[Step]:
    """In their order. The paragraph before a block of code says where it goes; of several paths the last."""
    parts = _SECTION.split(guide.read_text(encoding="utf-8"))[1:]
    found = []
    for section, text in zip(parts[::2], parts[1::2], strict=True):
        begin = 0
        for block in _BLOCK.finditer(text):
            before = text[begin : block.start()].strip().rpartition("\n\n")[2]
            begin = block.end()
            found += [Step(section, path, "", "") for path in _EMPTY.findall(before)]
            name = _NAME.search(before)
            found.append(Step(section, _PATH.findall(before)[-1], name[1] if name else "", block[1]))
    return found


def take(step: Step, root: Path) -> None:
    """Write what the step says below `root`."""
    path = root / step.path
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _added(path.read_text(encoding="utf-8"), step) if step.name else step.text
    path.write_text(text, encoding="utf-8")


def _added(text: str, step: Step) -> str:
    """A field behind the last one of its class, an entry at the beginning of its list. Lines count in ASCII here."""
    lines = text.splitlines(keepends=True)
    written = "".join(f"    {line}\n" for line in step.text.splitlines())
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and node.name == step.name:
            last = [one for one in node.body if isinstance(one, ast.AnnAssign)][-1].end_lineno
            assert last is not None
            return "".join([*lines[:last], written, *lines[last:]])
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and step.name in _targets(node):
            row, column = node.value.lineno - 1, node.value.col_offset + 1
            line = lines[row]
            return "".join(
                [*lines[:row], line[:column], "\n", written.rstrip(), ",\n", line[column:].lstrip(), *lines[row + 1 :]]
            )
    raise AssertionError(f"{step.path} has no {step.name}")


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {one.id for one in targets if isinstance(one, ast.Name)}
