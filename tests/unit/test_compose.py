"""docker-compose.yml, Dockerfile and .dockerignore hold what they promise. No Docker engine is needed for that."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from sqlalchemy.engine import make_url

from dashapp.monitoring.tracing import ENDPOINTS

ROOT = Path(__file__).parents[2]
SECRET = re.compile(r"PASSWORD|TOKEN|SECRET|_KEY")
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?P<operator>:?[-?+])?(?P<rest>[^}]*)\}")
GIVEN = {
    "INFLUXDB_V2_TOKEN": "t" * 32, "INFLUXDB_PASSWORD": "p" * 32, "DASHAPP_SECRET_KEY": "k" * 32, "POSTGRES_PASSWORD": "q" * 32,
    "DASHAPP_SOURCE_DIR": "/srv/content", "DASHAPP_SOURCE_TIMEZONE": "Europe/Berlin",
}  # fmt: skip

BUILD_CHECKER = ROOT / "tests" / "compose" / "build.sh"


def checkers() -> list[str]:
    """Who reads compose files: Docker's own library always, and `docker compose` where it is installed."""
    found = ["library"]
    docker = shutil.which("docker")
    if docker and not subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        found.append("docker")
    return found


@pytest.fixture(scope="module", params=checkers())
def checker(request: pytest.FixtureRequest) -> list[str]:
    """The beginning of a command that takes a compose file and prints its resolved model as JSON, or what is wrong."""
    if request.param == "docker":
        return ["docker", "compose", "--file"]
    built = subprocess.run(["bash", str(BUILD_CHECKER)], capture_output=True, text=True, timeout=280, check=False)
    assert built.returncode == 0, built.stderr
    return [built.stdout.splitlines()[-1]]


def resolved(checker: list[str], file: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = [*checker, str(file), *(["config", "--format", "json"] if checker[0] == "docker" else [])]
    path = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(words, capture_output=True, text=True, env={**path, **env}, timeout=60, check=False)


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, continued lines joined, comments left out."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(word.upper(), rest) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    begin = max(number for number, (word, _) in enumerate(found) if word == "FROM")
    return found[begin:]


def test_both_databases_web_and_collector_are_separate_services() -> None:
    assert set(services()) == {"influxdb", "postgres", "web", "collector", "alerts"}
    assert services()["alerts"]["profiles"] == ["alerts"]
    assert services()["influxdb"]["image"].startswith("influxdb:2.7")
    assert services()["postgres"]["image"].startswith("postgres:17.")
    assert services()["web"]["command"] == ["dashapp", "web"]
    assert services()["collector"]["command"] == ["dashapp", "collect"]
    assert services()["alerts"]["command"] == ["dashapp", "alert", "watch"]


def test_every_image_has_a_pinned_tag() -> None:
    images = [service["image"] for service in services().values()]
    images += [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    for image in images:
        name, _, tag = image.rpartition(":")
        assert name and re.match(r"\d+\.\d+", tag), image


def test_every_service_says_whether_it_is_healthy() -> None:
    for name, service in services().items():
        check = service["healthcheck"]
        assert check["test"][0] == "CMD", name
        assert {"interval", "timeout", "retries", "start_period"} <= set(check), name
    assert "/healthz" in services()["web"]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", ["web", "collector", "alerts"])
def test_a_python_health_check_is_a_program_and_fails_when_nothing_answers(name: str, tmp_path: Path) -> None:
    code = services()[name]["healthcheck"]["test"][-1].replace("/var/lib/dashapp", str(tmp_path)).replace("8050", "1")
    python = ROOT / ".venv" / "bin" / "python"
    command = [str(python) if python.exists() else "python3", "-c", code]
    assert subprocess.run(command, capture_output=True, cwd=ROOT, timeout=60, check=False).returncode == 1


@pytest.mark.parametrize("database", ["influxdb", "postgres"])
@pytest.mark.parametrize("name", ["web", "collector", "alerts"])
def test_what_needs_a_database_waits_until_it_is_healthy(name: str, database: str) -> None:
    assert services()[name]["depends_on"][database]["condition"] == "service_healthy"
    assert services()[name]["environment"]["INFLUXDB_V2_URL"] == "http://influxdb:8086"


def test_web_and_collector_have_the_accounts_that_the_database_holds() -> None:
    urls = {services()[name]["environment"]["DASHAPP_DATABASE_URL"] for name in ("web", "collector", "alerts")}
    (address,) = (make_url(VARIABLE.sub("secret", url)) for url in urls)
    own = services()["postgres"]["environment"]
    assert (address.drivername, address.host, address.port) == ("postgresql", "postgres", 5432)
    assert (address.username, address.database) == (own["POSTGRES_USER"], own["POSTGRES_DB"])
    assert own["POSTGRES_PASSWORD"] in next(iter(urls))


def test_postgresql_is_healthy_only_when_it_can_be_reached_over_the_network() -> None:
    """Its image first starts a server that is only for setting it up and listens on a socket alone."""
    assert services()["postgres"]["healthcheck"]["test"][4] == "127.0.0.1"


def test_no_secret_has_a_default() -> None:
    found = 0
    for match in VARIABLE.finditer((ROOT / "docker-compose.yml").read_text()):
        if SECRET.search(match["name"]):
            found += 1
            assert match["operator"] == ":?" and match["rest"], f"{match['name']} must be given"
    assert found >= 6


def test_no_secret_is_written_down() -> None:
    for name, service in services().items():
        for variable, value in service["environment"].items():
            if SECRET.search(variable):
                assert VARIABLE.fullmatch(str(value)), f"{name}: {variable}"
    for word, rest in instructions():
        assert not (word in ("ENV", "ARG") and SECRET.search(rest))


def test_only_the_web_application_is_published_and_by_default_only_to_this_machine() -> None:
    assert {name for name, service in services().items() if "ports" in service} == {"web"}
    assert services()["web"]["ports"] == ["${DASHAPP_PUBLISH:-127.0.0.1:8050}:8050"]
    assert services()["influxdb"]["networks"] == services()["postgres"]["networks"] == ["store"]
    assert compose()["networks"]["store"]["internal"] is True


@pytest.mark.parametrize("name", ["web", "collector", "alerts"])
def test_our_services_run_without_root_and_on_a_read_only_file_system(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert int(service["user"].split(":")[0]) > 0
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_what_must_last_is_on_volumes_and_the_source_can_only_be_read() -> None:
    declared = set(compose()["volumes"])
    for name, place in (
        ("influxdb", "/var/lib/influxdb2"),
        ("postgres", "/var/lib/postgresql/data"),
        ("web", "/var/lib/dashapp"),
        ("collector", "/var/lib/dashapp"),
        ("alerts", "/var/lib/dashapp"),
    ):
        volumes = [volume for volume in services()[name]["volumes"] if isinstance(volume, str)]
        assert any(volume.split(":")[0] in declared and volume.split(":")[1] == place for volume in volumes), name
    (source,) = [volume for volume in services()["collector"]["volumes"] if isinstance(volume, dict)]
    assert source["target"] == services()["collector"]["environment"]["DASHAPP_SOURCE_DIR"]
    assert source["read_only"] is True


def test_web_runs_several_workers() -> None:
    default = VARIABLE.fullmatch(services()["web"]["environment"]["DASHAPP_WORKERS"])
    assert default and int(default["rest"]) > 1


def test_every_variable_of_ours_is_a_setting_the_program_knows() -> None:
    known = (ROOT / "docs" / "reference" / "settings.md").read_text()
    for service in ("web", "collector", "alerts"):
        for variable in services()[service]["environment"]:
            assert f"`{variable}`" in known or variable in ENDPOINTS, variable


def test_the_settings_compose_gives_are_accepted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from dashapp.settings import load_settings

    for name in list(os.environ):
        if name.startswith(("DASHAPP_", "INFLUXDB_V2_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    for variable, value in services()["web"]["environment"].items():
        if value is None:
            continue  # handed on only where it is given
        filled = VARIABLE.sub(lambda match: GIVEN.get(match["name"]) or match["rest"], str(value))
        monkeypatch.setenv(variable, filled)
    settings = load_settings()
    assert settings.uses_server
    assert settings.workers > 1
    assert settings.accounts_url.startswith("postgresql://dashapp:qqq")


def test_the_image_is_built_from_the_lock_file_alone() -> None:
    installs = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest]
    assert any("-r /src/requirements.lock" in rest for rest in installs)
    for rest in installs:
        assert "requirements.lock" in rest or "--no-deps" in rest


def test_the_images_lock_files_name_every_version_the_drivers_of_both_databases_and_what_traces_need() -> None:
    pinned: dict[str, str] = {}
    installed = " ".join(rest for word, rest in instructions() if word == "RUN")
    for name in re.findall(r"-r /src/(\S+)", installed):
        for line in re.findall(r"^[a-z].*==[^\\]*", (ROOT / name).read_text(), re.MULTILINE):
            locked = Requirement(line)
            if locked.marker is None or locked.marker.evaluate():
                assert pinned.setdefault(locked.name, str(locked.specifier)) == str(locked.specifier), line
    assert {
        "psycopg",
        "psycopg-binary",
        "clickhouse-connect",
        "opentelemetry-sdk",
        "opentelemetry-exporter-otlp-proto-http",
    } <= set(pinned)
    (declared,) = re.findall(r"^RUNTIME = (\[.*?^\])", (ROOT / "setup.py").read_text(), re.MULTILINE | re.DOTALL)
    needed = [("setup.py", text) for text in ast.literal_eval(declared)]
    needed += [(package, text) for package in pinned for text in requires(package) or []]
    for who, text in needed:
        wanted = Requirement(text)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            assert wanted.name.lower().replace("_", "-").replace(".", "-") in pinned, f"{who} needs {wanted}"


def test_the_image_copies_every_room_and_nothing_else_of_the_folder() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied: set[str] = set()
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            copied.update(rest.split()[:-1])
    assert copied == allowed
    rooms = {
        "metricstore",
        "collectors",
        "alerting",
        "briefing",
        "layouts",
        "questions",
        "viewer",
        "callbacks",
        "dashapp",
        "assets",
    }
    assert rooms <= copied
    assert not copied & {"tests", ".env", "var", "docs", "benchmarks"}
    for name in copied:
        assert (ROOT / name).exists(), name


def test_the_image_does_not_run_as_root_and_keeps_its_data_on_a_volume() -> None:
    stage = dict(last_stage())
    assert int(stage["USER"].split(":")[0]) > 0
    assert stage["VOLUME"] == "/var/lib/dashapp"
    assert "DASHAPP_DATA_DIR=/var/lib/dashapp" in stage["ENV"]
    assert stage["CMD"] == '["dashapp", "run"]'


def test_build_tools_stay_out_of_the_image() -> None:
    assert sum(word == "FROM" for word, _ in instructions()) == 2
    for word, rest in last_stage():
        assert not (word == "RUN" and ("pip" in rest or "apt-get" in rest))


def test_every_required_variable_is_explained_in_the_example() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    example = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert required <= set(example)
    assert not any(value for name, value in example.items() if re.search("PASSWORD|TOKEN|SECRET", name))


def test_docker_understands_the_file(checker: list[str]) -> None:
    done = resolved(checker, ROOT / "docker-compose.yml", GIVEN)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    model = json.loads(done.stdout)
    assert model["name"] == "content-metrics"
    assert set(model["services"]) == {"influxdb", "postgres", "web", "collector"}
    web, collector = model["services"]["web"], model["services"]["collector"]
    assert web["environment"]["DASHAPP_SECRET_KEY"] == GIVEN["DASHAPP_SECRET_KEY"]
    assert (web["ports"][0]["host_ip"], web["ports"][0]["published"]) == ("127.0.0.1", "8050")
    assert {volume["source"] for volume in collector["volumes"]} >= {GIVEN["DASHAPP_SOURCE_DIR"]}
    assert web["healthcheck"]["test"][0] == "CMD"


def test_what_is_optional_is_handed_on_where_it_is_given_and_else_unset(checker: list[str]) -> None:
    given = {"DASHAPP_PUBLIC_URL": "https://metrics.example.org", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://traces:4318"}
    for more in ({}, given):
        done = resolved(checker, ROOT / "docker-compose.yml", {**GIVEN, **more, "COMPOSE_PROFILES": "alerts"})
        assert done.returncode == 0, done.stderr
        model = json.loads(done.stdout)["services"]
        for name in ("web", "alerts") if "alerts" in model else ("web",):
            found = {key: model[name]["environment"].get(key) for key in given}
            assert found == {key: more.get(key) for key in given}, name


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_docker_refuses_to_start_without_a_required_variable(checker: list[str], missing: str) -> None:
    done = resolved(checker, ROOT / "docker-compose.yml", {k: v for k, v in GIVEN.items() if k != missing})
    assert done.returncode != 0
    assert missing in done.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    restart: unless-stopped\n    environment:", "    restrat: unless-stopped\n    environment:"),
        ("condition: service_healthy", "condition: service_well"),
        ("- web-data:/var/lib/dashapp", "- web-date:/var/lib/dashapp"),
        ("networks: [store, front]", "networks: [store, behind]"),
        ("      interval: 15s", "      interval: often"),
        ("  depends_on:\n    influxdb:", "  depends_on:\n    influx:"),
    ],
)
def test_a_slip_in_the_file_would_be_found(checker: list[str], tmp_path: Path, right: str, wrong: str) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert right in text
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(text.replace(right, wrong))
    done = resolved(checker, broken, GIVEN)
    assert done.returncode != 0, done.stdout
