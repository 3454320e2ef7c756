"""A log that is written as a test tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.collectors.app_log.reading import Collected
from tests.collectors.app_log.story import Story


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "app.log"


@pytest.fixture
def collected(tmp_path: Path) -> Collected:
    return Collected(tmp_path)
