"""What tests of receivers share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import fail_in_ci_else_skip
from tests.receivers.alertmanager import Alertmanager, Unavailable, binary, running
from tests.receivers.certificates import Certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.made(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[Alertmanager]:
    """A real one, which notifies its webhook within a second."""
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(running(binary(), tmp_path))
        except Unavailable as error:
            fail_in_ci_else_skip(f"no Alertmanager for the tests: {error}")
        yield found
