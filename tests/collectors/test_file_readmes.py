"""The tables in the file collectors' READMEs are the catalogue's.

`python -m tests.collectors.test_file_readmes` writes them anew.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metricstore.catalogue import measurement

HOME = Path(__file__).parents[2] / "collectors"
WRITES = {
    "calendars": ("post", "post_transition"),
    "scheduler_state": ("queue_item", "delivery", "queue_snapshot"),
    "engagement": ("engagement",),
    "ai_usage": ("gen_ai_request",),
    "journey": ("post_journey",),
    "buffer": ("social_post", "social_post_stats", "social_queue", "api_quota"),
    "buffer_classic": ("social_post", "social_post_stats", "social_queue", "social_channel_stats"),
    "x": ("social_post", "social_post_stats", "api_quota"),
    "linkedin": ("social_channel_stats", "social_post_stats"),
    "openai": ("gen_ai_usage", "gen_ai_cost"),
    "anthropic": ("gen_ai_usage", "gen_ai_cost"),
    "performance": ("post_performance", "post_growth"),
    "litellm": ("gen_ai_usage", "gen_ai_cost", "gen_ai_request"),
}
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


@pytest.mark.parametrize("name", WRITES)
def test_a_readme_lists_every_tag_and_field(name: str) -> None:
    text = (HOME / name / "README.md").read_text()
    assert text == renewed(text), "run python -m tests.collectors.test_file_readmes"
    assert tuple(match[2] for match in _BLOCK.finditer(text)) == WRITES[name]


if __name__ == "__main__":
    for folder in WRITES:
        path = HOME / folder / "README.md"
        path.write_text(renewed(path.read_text()))
