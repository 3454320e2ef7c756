"""docker-compose.clickhouse.yml, read together with docker-compose.yml: a whole cluster, and the dashboard on it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import Any
from xml.etree import ElementTree

import pytest

from dashapp.settings import load_settings
from metricstore.clickhouse.connection import OLDEST
from tests.unit.test_compose import GIVEN, ROOT, SECRET, VARIABLE, checker

__all__ = ["checker"]
FILE = ROOT / "docker-compose.clickhouse.yml"
SECRETS = {"CLICKHOUSE_PASSWORD": "c" * 32, "CLICKHOUSE_SECRET": "s" * 32}


def merged(checker: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    main = str(ROOT / "docker-compose.yml")
    words = [*checker[:-1], checker[-1], main] if len(checker) == 1 else [*checker, main, "--file"]
    words += [str(FILE), *(["config", "--format", "json"] if len(checker) > 1 else [])]
    path = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(words, capture_output=True, text=True, env={**path, **env}, timeout=60, check=False)


@pytest.fixture
def model(checker: list[str]) -> dict[str, Any]:
    done = merged(checker, GIVEN | SECRETS)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_cluster_has_two_shards_of_two_replicas_and_three_keepers(model: dict[str, Any]) -> None:
    servers = {name: one for name, one in model["services"].items() if name.startswith("clickhouse-")}
    keepers = [name for name in model["services"] if name.startswith("keeper-")]
    assert sorted((one["environment"]["SHARD"], one["environment"]["REPLICA"]) for one in servers.values()) == [
        ("1", "clickhouse-1-1"), ("1", "clickhouse-1-2"), ("2", "clickhouse-2-1"), ("2", "clickhouse-2-2"),
    ]  # fmt: skip
    assert len(keepers) == 3 and "influxdb" not in model["services"]
    tree = ElementTree.fromstring(model["configs"]["cluster"]["content"])
    name = model["services"]["web"]["environment"]["CLICKHOUSE_CLUSTER"]
    shards = tree.findall(f"remote_servers/{name}/shard")
    hosts = [[host.text for host in shard.findall("replica/host")] for shard in shards]
    assert hosts == [["clickhouse-1-1", "clickhouse-1-2"], ["clickhouse-2-1", "clickhouse-2-2"]]
    assert {shard.findtext("internal_replication") for shard in shards} == {"true"}
    for shard, members in enumerate(hosts, start=1):
        assert {servers[str(host)]["environment"]["SHARD"] for host in members} == {str(shard)}
    assert [host.text for host in tree.findall("zookeeper/node/host")] == sorted(keepers)
    raft = ElementTree.fromstring(model["configs"]["keeper"]["content"]).findall(
        "keeper_server/raft_configuration/server"
    )
    assert (
        {f"keeper-{one.findtext('id')}" for one in raft} == {one.findtext("hostname") for one in raft} == set(keepers)
    )


def test_the_dashboard_uses_the_cluster_and_waits_for_it(
    model: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("web", "collector"):
        service = model["services"][name]
        assert {one for one in service["depends_on"] if one.startswith("clickhouse")} == {
            one for one in model["services"] if one.startswith("clickhouse")
        }
        assert not any(variable.startswith("INFLUXDB") for variable in service["environment"])
    given = model["services"]["web"]["environment"].items()
    own = {key: value for key, value in given if value is not None and "SOURCE_DIR" not in key}
    settings = load_settings(own)
    assert settings.uses_server and settings.clickhouse_cluster == "content"
    server = model["services"]["clickhouse-1-1"]["environment"]
    assert (settings.clickhouse_user, settings.clickhouse_database) == (
        server["CLICKHOUSE_USER"],
        server["CLICKHOUSE_DB"],
    )


def test_the_cluster_is_reached_from_inside_alone_keeps_its_data_and_says_whether_it_is_healthy(
    model: dict[str, Any],
) -> None:
    for name, service in model["services"].items():
        if name.startswith(("clickhouse", "keeper")):
            assert "ports" not in service and set(service["networks"]) == {"store"}
            (volume,) = service["volumes"]
            assert volume["source"] == f"{name}-data"
            assert {"test", "interval", "timeout", "retries", "start_period"} <= set(service["healthcheck"])
            version = tuple(int(part) for part in service["image"].rpartition(":")[2].split("."))
            assert version >= OLDEST


def test_no_secret_has_a_default() -> None:
    text = FILE.read_text()
    secrets = [match for match in VARIABLE.finditer(text) if SECRET.search(match["name"])]
    assert {match["name"] for match in secrets} == set(SECRETS)
    assert all(match["operator"] == ":?" for match in secrets)
    assert all(name in text.partition("x-clickhouse")[0] for name in SECRETS)
    assert not re.search(r"<password>[^<]", text)


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_docker_refuses_to_start_without_a_required_variable(checker: list[str], missing: str) -> None:
    done = merged(checker, GIVEN | {key: value for key, value in SECRETS.items() if key != missing})
    assert done.returncode != 0 and missing in done.stderr


def test_every_service_of_the_dashboard_is_turned_to_the_cluster() -> None:
    ours = re.findall(r"^  (\w+):\n    <<: \*dashapp$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)
    assert sorted(ours) == ["alerts", "collector", "web"]
    assert sorted(re.findall(r"^  (\w+): \*dashapp$", FILE.read_text(), re.MULTILINE)) == sorted(ours)
