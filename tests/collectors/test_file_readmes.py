"""The tables in the file collectors' READMEs are the catalogue's.

`python -m tests.collectors.test_file_readmes` writes them anew.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metricstore.catalogue import measurement
from metricstore.catalogue.collectors import COLLECTORS, Registration

HOME = Path(__file__).parents[2] / "collectors"
_BLOCK = re.compile(r"(<!-- catalogue: (\w+) -->\n).*?(<!-- end -->)", re.S)


def table(name: str) -> str:
    """Tags and fields of a measurement as Markdown."""
    declared = measurement(name)
    lines = [f"### `{name}`: {declared.title}", "", f"Time: {declared.time}.", "", "| name | kind | unit | meaning |", "| --- | --- | --- | --- |"]  # fmt: skip
    for tag in declared.tags:
        lines.append(f"| `{tag.name}` | tag | | {_meaning(tag.meaning, tag.values)} |")
    for field in declared.fields:
        lines.append(f"| `{field.name}` | {field.type} | {field.unit} | {_meaning(field.meaning, field.values)} |")
    return "\n".join(lines) + "\n"


def _meaning(meaning: str, values: tuple[str, ...]) -> str:
    words = meaning.replace("|", "\\|")
    return f"{words}: {', '.join(values)}" if values else words


def renewed(text: str) -> str:
    return _BLOCK.sub(lambda match: match[1] + table(match[2]) + match[3], text)


@pytest.mark.parametrize("collector", COLLECTORS, ids=lambda one: one.name)
def test_a_readme_lists_every_tag_and_field_of_what_its_collector_writes(collector: Registration) -> None:
    text = (HOME / collector.name / "README.md").read_text()
    assert text == renewed(text), "run python -m tests.collectors.test_file_readmes"
    assert {match[2] for match in _BLOCK.finditer(text)} <= {*collector.feeds, *collector.adds_to}


if __name__ == "__main__":
    for one in COLLECTORS:
        path = HOME / one.name / "README.md"
        path.write_text(renewed(path.read_text()))
