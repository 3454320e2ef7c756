"""An account with one channel, and who asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collectors.buffer.world import World
from tests.collectors.memory import MemoryStore
from tests.standins.buffer import BufferStandIn


@pytest.fixture
def server() -> Iterator[BufferStandIn]:
    with BufferStandIn() as found:
        found.account.channel("page", "linkedin")
        yield found


@pytest.fixture
def world(server: BufferStandIn, tmp_path: Path) -> World:
    return World(server, tmp_path, MemoryStore())
