"""docs/operating.md and the examples beside it name what there is, and Prometheus takes them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dashapp.monitoring.families import ASKED, COUNTED
from dashapp.monitoring.sources import SOURCES
from dashapp.reference.pages import ROOT

EXAMPLES = ROOT / "docs" / "examples"
DASHBOARD = EXAMPLES / "grafana-dashboard.json"
TEXTS = [ROOT / "docs" / "operating.md", EXAMPLES / "prometheus-alerts.yml", DASHBOARD]
FAMILIES = {
    family.name: family for family in (*COUNTED, ASKED, *(one for source in SOURCES for one in source.families))
}
PROMETHEUS_OWN = {"job", "instance", "le"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in (*EXAMPLES.glob("*.yml"), Path(__file__).with_name("alerts_test.yml")):
        shutil.copy(path, tmp_path)
    (tmp_path / "dashapp-token").write_text("dash_secret")
    return tmp_path


def ran(promtool: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([promtool, *words], cwd=folder, capture_output=True, text=True, check=False)


def test_prometheus_takes_the_configuration_and_the_rules(promtool: str, folder: Path) -> None:
    for words in (("check", "config", "prometheus-scrape.yml"), ("check", "rules", "prometheus-alerts.yml")):
        done = ran(promtool, folder, *words)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_fire_when_they_should_and_not_before(promtool: str, folder: Path) -> None:
    done = ran(promtool, folder, "test", "rules", "alerts_test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_only_names_are_used_that_the_dashboard_has(path: Path) -> None:
    names = set(re.findall(r"\bdashapp_[a-z_]+", path.read_text(encoding="utf-8")))
    assert len(names) >= 5
    for name in names:
        assert known(name), name


def test_the_dashboards_expressions_use_labels_that_their_metrics_have() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    expressions = [target["expr"] for panel in panels for target in panel["targets"]]
    assert len(expressions) >= len(FAMILIES)
    for expression in expressions:
        families = [known(name) for name in re.findall(r"\bdashapp_[a-z_]+", expression)]
        has = {label for family in families if family for label in FAMILIES[family].labels} | PROMETHEUS_OWN
        used = {word.strip() for words in re.findall(r"\bby \(([^)]*)\)", expression) for word in words.split(",")}
        used |= set(re.findall(r"(\w+)(?:=~|!=|!~|=)\"", expression))
        assert families and used <= has, expression
    shown = {known(name) for name in re.findall(r"\bdashapp_[a-z_]+", " ".join(expressions))}
    assert shown == set(FAMILIES), "each is shown somewhere"


def known(name: str) -> str | None:
    """The family that a series of this name belongs to."""
    plain = re.sub(r"_(bucket|count|sum)$", "", name)
    found = FAMILIES.get(plain)
    if found is not None and (plain == name) == (found.kind == "histogram"):
        return None
    return plain if found is not None else None
