"""Passwords in addresses are seen nowhere, and what is in the data folder belongs to its owner alone."""

from __future__ import annotations

import json
import logging
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from dashapp.cli import application
from dashapp.doctor import examine
from dashapp.logs import Record
from dashapp.settings import Settings, SettingsError, load_settings, secret_key
from dashapp.settings.loading import load_with_origins
from dashapp.settings.private_files import make_private

PASSWORD = "hunter2-hunter2"
ADDRESSES = {
    "DASHAPP_DATABASE_URL": f"postgresql://dash:{PASSWORD}@127.0.0.1:9/metrics?sslpassword={PASSWORD}",
    "DASHAPP_LIMITER_STORAGE": f"redis://:{PASSWORD}@127.0.0.1:9/0",
    "DASHAPP_OPENAI_URL": f"http://me:{PASSWORD}@127.0.0.1:9/v1",
    "DASHAPP_LITELLM_URL": f"http://me:a@{PASSWORD}@127.0.0.1:9",
    "DASHAPP_WATCHDOG_URL": f"https://me:{PASSWORD}@hc.example/x",
    "INFLUXDB_V2_URL": f"http://me:{PASSWORD}@127.0.0.1:9",
    "INFLUXDB_V2_TOKEN": PASSWORD,
    "INFLUXDB_V2_ORG": "o",
    "INFLUXDB_V2_BUCKET": "b",
}


def test_no_setting_is_shown_with_its_password(tmp_path: Path) -> None:
    _, origins = load_with_origins(ADDRESSES, tmp_path)
    shown = {origin.variable: origin.value for origin in origins}
    assert PASSWORD not in json.dumps(shown)
    for name in ADDRESSES:
        assert shown[name], name
    assert shown["DASHAPP_DATABASE_URL"].startswith("postgresql://dash:***@127.0.0.1:9/metrics")


def test_no_finding_of_doctor_has_a_password(tmp_path: Path) -> None:
    settings = load_settings(ADDRESSES | {"DASHAPP_DATA_DIR": str(tmp_path)}, tmp_path)
    found = list(examine(settings))
    assert any(finding.level == "fatal" for finding in found)
    assert PASSWORD not in repr(found)


def test_a_wrong_setting_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"DASHAPP_DATABASE_URL": f"mysql://me:{PASSWORD}@db/x"}, tmp_path)
    assert PASSWORD not in str(caught.value)
    assert PASSWORD not in str(SettingsError(f"http://me:{PASSWORD}@h is no address"))


def _failed() -> Any:
    try:
        raise ValueError(f"can't connect to postgresql://me:{PASSWORD}@db/x")
    except ValueError:
        return sys.exc_info()


def test_logs_and_tracebacks_are_without_passwords(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, "proxy http://me:%s@proxy", (PASSWORD,), _failed())
    for as_json in (True, False):
        assert PASSWORD not in Record(as_json=as_json).format(record)
    application._trace(*_failed())
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert PASSWORD not in said


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_data_folder_that_was_open_to_all_is_made_private_with_all_that_is_in_it(tmp_path: Path) -> None:
    data, project, elsewhere = tmp_path / "data", tmp_path / "data" / "project", tmp_path / "elsewhere.txt"
    (data / "embeds").mkdir(parents=True, mode=0o755)
    project.mkdir()
    for path in (data / "metrics.duckdb", data / "embeds" / "a.json", project / "app.log", elsewhere):
        path.write_text("x")
        path.chmod(0o644)
    (data / "link").symlink_to(elsewhere)
    data.chmod(0o755)
    project.chmod(0o755)
    secret_key(Settings(data_dir=data, source_dir=project))
    assert [mode(data), mode(data / "embeds")] == [0o700, 0o700]
    assert {mode(data / name) for name in ("metrics.duckdb", "embeds/a.json", "secret_key")} == {0o600}
    assert [mode(project), mode(project / "app.log"), mode(elsewhere)] == [0o755, 0o644, 0o644]


def test_a_project_that_is_the_data_folder_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("x")
    (tmp_path / "app.log").chmod(0o644)
    make_private(Settings(data_dir=tmp_path, source_dir=tmp_path))
    assert mode(tmp_path / "app.log") == 0o644
