"""Style sheets are such that browsers need not look through a page of charts after each change of it."""

from __future__ import annotations

from pathlib import Path

import pytest

ASSETS = Path(__file__).parents[3] / "assets"


@pytest.mark.parametrize("sheet", sorted(ASSETS.rglob("*.css")), ids=lambda path: path.name)
def test_a_rule_asks_for_a_class_or_an_attribute_not_for_what_is_inside(sheet: Path) -> None:
    """Rules with `:has()` took 2.3 of the Overview's 4.0 seconds; see docs/decisions/0070."""
    assert ":has(" not in sheet.read_text()
