"""Settings: where they come from, and what a mistake sounds like."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from collectors.source import Source
from dashapp.services import demo_settings, make_source
from dashapp.settings import Settings, SettingsError, load_settings, secret_key
from dashapp.settings.given import given_settings, require_fields
from dashapp.settings.loading import load_with_origins
from dashapp.settings.secret import require_shared_key
from dashapp.settings.variables import variable
from metricstore.errors import CatalogueError


def refused(environ: dict[str, str], folder: Path) -> str:
    with pytest.raises(SettingsError) as told:
        load_settings(environ, folder)
    assert "\n" not in str(told.value)
    return str(told.value)


def test_without_anything_set_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path)
    assert (settings.host, settings.port, settings.data_dir) == ("127.0.0.1", 8050, Path("var"))
    assert not settings.uses_server
    assert not settings.has_source


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    (tmp_path / "dashapp.toml").write_text('port = 9000\nhost = "::1"\nsession_idle = "30m"\n')
    settings, origins = load_with_origins({"DASHAPP_PORT": "9001"}, tmp_path)
    assert (settings.port, settings.host, settings.session_idle) == (9001, "::1", timedelta(minutes=30))
    told = {origin.name: origin.origin for origin in origins}
    assert told["port"] == "environment"
    assert told["host"] == str(tmp_path / "dashapp.toml")
    assert told["threads"] == "default"


def test_paths_in_the_file_are_meant_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    file = tmp_path / "elsewhere.toml"
    file.write_text(
        'data_dir = "state"\nsource_dir = "project"\ncalendar_files = ["a.json", "/abs/b.json"]\nprice_table = "prices.toml"\n'
    )
    settings = load_settings({"DASHAPP_CONFIG": str(file)}, Path("/"))
    assert settings.data_dir == tmp_path / "state"
    assert settings.source_dir == tmp_path / "project"
    assert settings.calendar_files == (tmp_path / "a.json", Path("/abs/b.json"))
    assert settings.price_table == tmp_path / "prices.toml"


@pytest.mark.parametrize("name", given_settings())
def test_whatever_a_collector_is_given_is_a_source_that_demo_data_leave_out(tmp_path: Path, name: str) -> None:
    settings = load_settings({variable(name): str(tmp_path / "given")}, tmp_path)
    assert settings.has_source
    assert make_source(settings).setting(name) == getattr(settings, name)
    assert getattr(demo_settings(settings), name) == Settings.model_fields[name].default


def test_demo_data_are_kept_for_ever_whatever_is_deleted_of_measured_ones(tmp_path: Path) -> None:
    settings = load_settings({"DASHAPP_RETENTION": "log_record:7d"}, tmp_path)
    assert settings.retention and not demo_settings(settings).retention


def test_a_setting_that_only_one_side_knows_is_an_error_that_says_what_to_write_where() -> None:
    with pytest.raises(CatalogueError, match=r"log_file.*Settings in dashapp/settings/model\.py"):
        require_fields(["log_files"])
    with pytest.raises(CatalogueError, match=r"podcast_file.*metricstore/catalogue/collectors\.py"):
        Source(Path("x"), "UTC").setting("podcast_file")


def test_several_files_are_separated_like_path(tmp_path: Path) -> None:
    settings = load_settings({"DASHAPP_EXPORT_FILES": f"a.csv{os.pathsep} b.csv,c.csv"}, tmp_path)
    assert settings.export_files == (Path("a.csv"), Path("b.csv"), Path("c.csv"))


def test_several_logs_are_a_source_and_keep_the_one_that_is_named_alone(tmp_path: Path) -> None:
    settings = load_settings(
        {"DASHAPP_LOG_FILES": "a/app.log,b/scheduler.log", "DASHAPP_LOG_FILE": "c/app.log"}, tmp_path
    )
    assert settings.has_source
    assert make_source(settings).log_paths() == [Path("c/app.log"), Path("a/app.log"), Path("b/scheduler.log")]


def test_viewers_see_the_sources_zone_until_told_otherwise(tmp_path: Path) -> None:
    assert load_settings({"DASHAPP_SOURCE_TIMEZONE": "Asia/Kolkata"}, tmp_path).timezone == "Asia/Kolkata"


def test_a_misspelt_name_stops_with_the_nearest(tmp_path: Path) -> None:
    assert "did you mean DASHAPP_SOURCE_DIR?" in refused({"DASHAPP_SOURCEDIR": "/x"}, tmp_path)
    (tmp_path / "dashapp.toml").write_text("prot = 1\n")
    assert "did you mean port?" in refused({}, tmp_path)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"DASHAPP_PORT": "many"}, "DASHAPP_PORT"),
        ({"DASHAPP_PORT": "70000"}, "DASHAPP_PORT"),
        ({"DASHAPP_SOURCE_TIMEZONE": "Mars/Phobos"}, "Mars/Phobos"),
        ({"DASHAPP_SOURCE_DIR": "/no/such/folder"}, "not there"),
        ({"DASHAPP_SESSION_LIFETIME": "soon"}, "30m, 12h or 30d"),
        ({"DASHAPP_SESSION_LIFETIME": "99999999999999999d"}, "too long"),
        ({"DASHAPP_SECRET_KEY": "short"}, "too short"),
        ({"DASHAPP_DATABASE_URL": "mysql://x"}, "sqlite:/// or postgresql://"),
        ({"DASHAPP_CONFIG": "/no/such.toml"}, "not there"),
        ({"DASHAPP_LOG_LEVEL": "LOUD"}, "DASHAPP_LOG_LEVEL"),
        ({"INFLUXDB_V2_URL": "http://x"}, "INFLUXDB_V2_TOKEN, INFLUXDB_V2_ORG, INFLUXDB_V2_BUCKET"),
        ({"INFLUXDB_V2_BUCKET": "x"}, "INFLUXDB_V2_URL, INFLUXDB_V2_TOKEN, INFLUXDB_V2_ORG"),
        ({"CLICKHOUSE_URL": "clickhouse:8123"}, "CLICKHOUSE_URL must begin with http:// or https://"),
        ({"CLICKHOUSE_URL": "http://me:it@db:8123"}, "CLICKHOUSE_URL holds a login"),
        (
            {"CLICKHOUSE_URL": "https://db", "CLICKHOUSE_CA_FILE": "/no/such.pem"},
            "CLICKHOUSE_CA_FILE names /no/such.pem",
        ),
        (
            {
                "CLICKHOUSE_URL": "http://db",
                "INFLUXDB_V2_URL": "http://x",
                "INFLUXDB_V2_TOKEN": "t",
                "INFLUXDB_V2_ORG": "o",
                "INFLUXDB_V2_BUCKET": "b",
            },
            "INFLUXDB_V2_URL and CLICKHOUSE_URL name two stores",
        ),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_it(tmp_path: Path, environ: dict[str, str], says: str) -> None:
    assert says in refused(environ, tmp_path)


def test_broken_toml_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "dashapp.toml").write_text("port = = 1")
    assert "not valid TOML" in refused({}, tmp_path)


@pytest.mark.parametrize("name", ["PUBLIC_URL", "BUFFER_URL", "LITELLM_URL", "X_URL"])
def test_an_address_without_scheme_stops_the_start(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"DASHAPP_{name} must begin with http"):
        load_settings({f"DASHAPP_{name}": "proxy.example:4000"}, folder=tmp_path)


def test_influx_address_without_scheme_is_told(tmp_path: Path) -> None:
    influx = {f"INFLUXDB_V2_{name}": "x" for name in ("TOKEN", "ORG", "BUCKET")}
    assert "http://" in refused({**influx, "INFLUXDB_V2_URL": "influx:8086"}, tmp_path)


def test_a_store_whose_client_is_not_installed_is_told_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashapp.settings.loading.find_spec", lambda _: None)
    assert "pip install 'content-metrics-dashboard[clickhouse]'" in refused({"CLICKHOUSE_URL": "http://db"}, tmp_path)


def test_clickhouse_is_chosen_by_its_address_alone(tmp_path: Path) -> None:
    others = {"CLICKHOUSE_USER": "of another program", "CLICKHOUSE_PASSWORD": "another-password"}
    assert not load_settings(others, tmp_path).uses_server
    settings, origins = load_with_origins({**others, "CLICKHOUSE_URL": "https://db:8443"}, tmp_path)
    assert settings.uses_server and not settings.influxdb_v2_url
    assert "another-password" not in f"{origins} {settings!r}"


def test_secrets_are_masked_wherever_settings_are_shown(tmp_path: Path) -> None:
    secrets = {
        "DASHAPP_SECRET_KEY": "key-key-key-key-key",
        "INFLUXDB_V2_TOKEN": "tok-tok-tok",
        "DASHAPP_DATABASE_URL": "postgresql://u:pass-pass@h/d",
        "DASHAPP_LIMITER_STORAGE": "redis://:red-red@h:1",
    }
    rest = {"INFLUXDB_V2_URL": "http://x", "INFLUXDB_V2_ORG": "o", "INFLUXDB_V2_BUCKET": "b"}
    settings, origins = load_with_origins({**secrets, **rest}, tmp_path)
    shown = f"{origins} {settings!r} {settings}"
    for secret in ("key-key", "tok-tok", "pass-pass"):
        assert secret not in shown
    assert "red-red" not in str(origins)
    wrong = refused({**secrets, "DASHAPP_PORT": "x"}, tmp_path)
    assert not any(value in wrong for value in secrets.values())


def test_the_secret_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    settings = load_settings({"DASHAPP_DATA_DIR": str(tmp_path / "var")}, tmp_path)
    key = secret_key(settings)
    assert len(key) >= 32
    assert secret_key(settings) == key
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0
    (tmp_path / "var" / "secret_key").write_text("")
    with pytest.raises(SettingsError, match="damaged"):
        secret_key(settings)


def test_several_workers_need_a_key_that_was_set(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path)
    require_shared_key(settings, 1)
    with pytest.raises(SettingsError, match="DASHAPP_SECRET_KEY"):
        require_shared_key(settings, 2)
    require_shared_key(load_settings({"DASHAPP_SECRET_KEY": "k" * 32}, tmp_path), 2)


def test_what_readiness_needs_is_a_list_of_checks(tmp_path: Path) -> None:
    assert load_settings({"DASHAPP_READY_NEEDS": "store, dead_letters"}, tmp_path).ready_needs == (
        "store",
        "dead_letters",
    )
    assert "'colector' isn't a check; there are store, accounts" in refused(
        {"DASHAPP_READY_NEEDS": "colector"}, tmp_path
    )


def test_an_encoding_that_text_cannot_be_in_is_refused(tmp_path: Path) -> None:
    settings = load_settings({"DASHAPP_SOURCE_ENCODING": "shift_jis"}, tmp_path)
    assert make_source(settings).code_page == "shift_jis"
    for wrong in ("utf-16", "cp037", "rot13", "klingon"):
        assert f"{wrong!r} isn't an encoding" in refused({"DASHAPP_SOURCE_ENCODING": wrong}, tmp_path)
