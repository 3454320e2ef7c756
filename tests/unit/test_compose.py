"""What can be checked of the containers without an engine: what they promise is what is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SECRETS = ("PASSWORD", "TOKEN", "SECRET")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def test_store_web_and_collector_are_services_of_their_own(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"influxdb", "web", "collector"}
    assert compose["services"]["web"]["command"] == ["web"]
    assert compose["services"]["collector"]["command"] == ["collect"]


def test_every_service_has_a_health_check_and_keeps_its_state_in_a_volume(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        named = [mount.split(":")[0] for mount in service["volumes"]]
        assert set(named) & set(compose["volumes"]), name


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    secrets = [
        (name, value)
        for service in compose["services"].values()
        for name, value in service["environment"].items()
        if any(word in name for word in SECRETS)
    ]
    assert secrets
    for name, value in secrets:
        assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), name


def test_every_required_variable_is_explained_in_the_example(compose: dict[str, Any]) -> None:
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    example = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))
    assert required <= set(example)
    assert all(not value for name, value in example.items() if any(word in name for word in SECRETS))


def test_our_services_run_without_rights_on_a_read_only_root(compose: dict[str, Any], dockerfile: str) -> None:
    for name in ("web", "collector"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    users = re.findall(r"^USER (\S+)$", dockerfile, re.M)
    assert users and users[-1] not in ("root", "0")


def test_images_are_pinned(compose: dict[str, Any], dockerfile: str) -> None:
    tags = [compose["services"]["influxdb"]["image"], *re.findall(r"^FROM (\S+)", dockerfile, re.M)]
    assert all(":" in tag and not tag.endswith(":latest") for tag in tags)
    assert compose["services"]["influxdb"]["image"].startswith("influxdb:2.7")


def test_the_image_is_built_from_the_lock_file(dockerfile: str) -> None:
    assert "pip install -r requirements.lock" in dockerfile
    assert "--no-deps" in dockerfile


def test_no_secret_and_no_data_of_this_machine_gets_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", "var", ".git"} <= set(ignored)


def test_web_waits_for_a_store_that_answers(compose: dict[str, Any]) -> None:
    for name in ("web", "collector"):
        assert compose["services"][name]["depends_on"]["influxdb"]["condition"] == "service_healthy"
