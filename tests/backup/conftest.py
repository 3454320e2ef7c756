"""Places to back up from and to restore to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dashapp.settings import Settings
from tests.backup.installation import PASSPHRASE
from tests.cli.conftest import project, shell  # noqa: F401
from tests.stores import fresh_name

Make = Callable[[str, str], Settings]


@pytest.fixture
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Makes the settings of an empty installation: `duckdb`, `influxdb` or `clickhouse`, accounts in `sqlite` or `postgresql`."""
    with ExitStack() as stack:

        def made(store: str = "duckdb", accounts: str = "sqlite") -> Settings:
            given: dict[str, Any] = {"data_dir": tmp_path / fresh_name(), "backup_passphrase": PASSPHRASE}
            if store == "influxdb":
                server, bucket = request.getfixturevalue("influxd"), fresh_name()
                stack.callback(server.delete_bucket, bucket)
                given |= {name.lower(): value for name, value in server.environment(bucket).items()}
            if store == "clickhouse":
                engine = request.getfixturevalue("clickhouse")
                words = engine.environment(stack.enter_context(engine.database()))
                given |= {name.lower(): value for name, value in words.items()}
            if accounts == "postgresql":
                given["database_url"] = stack.enter_context(request.getfixturevalue("postgres").database())
            return Settings(**given)

        yield made
