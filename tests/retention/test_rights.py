"""Whoever may not delete is refused in a sentence, and nothing is lost."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashapp.retention.scheduled import ScheduledRetention
from dashapp.services import make_runner
from dashapp.settings import Settings
from metricstore.duck import DuckStore
from metricstore.errors import StoreDenied
from metricstore.influx import InfluxStore
from metricstore.point import Point, nanoseconds
from metricstore.retention import Retention
from tests.influx.test_trouble import limited_token
from tests.stores import InfluxServer

OLD = datetime.now(UTC) - timedelta(days=90)
LIMIT = datetime.now(UTC) - timedelta(days=30)
POINT = Point("log_record", nanoseconds(OLD), {"level": "INFO", "event": "other"}, {"message": "something"})


@pytest.mark.influx
def test_a_token_for_reading_deletes_nothing(
    influxd: InfluxServer, influx_store: InfluxStore, influx_bucket: str, tmp_path: Path
) -> None:
    influx_store.write([POINT])
    reader = InfluxStore(influxd.url, limited_token(influxd, influx_bucket, "read"), influxd.org, influx_bucket)
    with pytest.raises(StoreDenied, match="refuses the token"):
        list(reader.expire("log_record", LIMIT))
    settings = Settings(data_dir=tmp_path / "var", retention=Retention.of({"log_record": 30}))
    report = make_runner(settings, reader).run_in_place(ScheduledRetention(settings.retention, by_hand=True))
    assert (report.outcome, report.expired) == ("failed", 0)
    assert report.error is not None and "refuses the token" in report.error
    reader.close()
    assert influx_store.bounds("log_record") is not None


def test_a_file_that_is_only_read_loses_nothing(empty_duck_file: Path, tmp_path: Path) -> None:
    path = shutil.copy(empty_duck_file, tmp_path / "metrics.duckdb")
    store = DuckStore(path)
    store.write([POINT])
    store.close()
    reader = DuckStore(path, read_only=True)
    with pytest.raises(StoreDenied):
        list(reader.expire("log_record", LIMIT))
    assert reader.bounds("log_record") is not None
    reader.close()
