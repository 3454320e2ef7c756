"""The index of the collectors' own pages."""

from __future__ import annotations

from pathlib import Path

from dashapp.reference.markdown import table
from metricstore.catalogue.collectors import COLLECTORS
from metricstore.errors import CatalogueError

ROOM = Path(__file__).parents[2] / "collectors"


def page() -> str:
    """CatalogueError names a collector without its page."""
    rows = []
    for name in sorted(one.name for one in COLLECTORS if not one.code):
        readme = ROOM / name / "README.md"
        if not readme.is_file():
            raise CatalogueError(f"there is no collectors/{name}/README.md: write what {name} reads")
        rows.append((f"[{name}](../../collectors/{name}/README.md)", _first_sentence(readme)))
    intro = "# Collectors\n\nEach has a page of its own: what it reads, every tag and field, and an example point.\n"
    return "\n".join([intro, table(("collector", "what it reads"), rows)])


def _first_sentence(readme: Path) -> str:
    """The first paragraph after the heading, up to its first full stop."""
    paragraphs = readme.read_text(encoding="utf-8").split("\n\n")
    first = next((part for part in paragraphs if part.strip() and not part.lstrip().startswith("#")), "")
    text = " ".join(first.split())
    end = text.find(". ")
    return (text if end < 0 else text[: end + 1]).rstrip(":")
