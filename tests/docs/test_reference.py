"""What the documentation says is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashapp.api import ENDPOINTS
from dashapp.reference import stale
from dashapp.reference.pages import ROOT, texts
from layouts.pages import CHARTS
from metricstore.catalogue import MEASUREMENTS
from metricstore.metrics import METRICS

LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)(?:#[^)]*)?\)")


def test_pages_of_reference_are_up_to_date() -> None:
    assert stale() == [], "run `make docs`"


def test_everything_declared_is_on_a_page() -> None:
    pages = texts()
    for names, page in ((METRICS, "metrics.md"), (MEASUREMENTS, "measurements.md"), (CHARTS, "charts.md")):
        for name in names:
            assert name in pages[page]
    for endpoint in ENDPOINTS:
        assert f"{endpoint.method} {endpoint.path}\n" in pages["api.md"]


def test_each_collector_has_a_page_of_its_own() -> None:
    folders = {path.parent.name for path in (ROOT / "collectors").glob("*/collector.py")}
    assert {path.parent.name for path in (ROOT / "collectors").glob("*/README.md")} >= folders


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/*/README.md"), *ROOT.glob("*/README.md")]),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)  # fmt: skip
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_names_only_metrics_and_charts_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for found in re.findall(r"/api/v1/metrics/(\w+)", readme):
        assert found in METRICS
    for found in re.findall(r'Metric\("(\w+)"', readme):
        assert found in METRICS
    for found in re.findall(r'Chart\("(\w+)"', readme):
        assert found in CHARTS
