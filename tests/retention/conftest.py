"""A store with a record a day, of which 30 days are kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dashapp.settings import Settings
from metricstore.duck import DuckStore
from metricstore.retention import Retention
from tests.retention.looking import record


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var", retention=Retention.of({"log_record": 30}))


@pytest.fixture
def opened(settings: Settings, empty_duck_file: Path) -> Iterator[DuckStore]:
    settings.data_dir.mkdir()
    shutil.copy(empty_duck_file, settings.store_path)
    with closing(DuckStore(settings.store_path)) as store:
        store.write([record(days) for days in range(40)])
        yield store
