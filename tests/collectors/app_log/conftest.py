"""A log that is written as a test tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.collectors.app_log.story import Story


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)
