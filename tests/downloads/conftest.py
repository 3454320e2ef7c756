"""Tables to write, a whole application to ask, and people to ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flask import Flask

from dashapp.downloads.formats import FORMATS, Options
from dashapp.downloads.formats.model import Proof
from dashapp.downloads.proof_file import proof_text
from dashapp.downloads.table import Column, Facts, Table
from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore.duck import DuckStore
from tests.browser.scene import history
from tests.web.conftest import PASSWORD, Person

TEXTS = ["plain", "=SUM(A1)", "-1", "+49 30", "@you", "\tx", "a,b;c", 'say "hi"', "two\nlines", "bell\x07", "_x0041_",
         "日本語 🎉", "<&>", " edge ", "'=1", "", None, "end"]  # fmt: skip
COLUMNS = (
    Column("time", "time", "time"),
    Column("text", "text", "text"),
    Column("whole", "posts", "int", "posts"),
    Column("part", "duration", "float", "s"),
)
FACTS = Facts(
    "A title, quoted “so”", 'http://host/events?topic=~"x"', "/api/v1/records/log_record?start=2024-03-30",
    ("Platform: LinkedIn or X", 'Topic: contains “"_proof {”'), datetime(2024, 3, 30, tzinfo=UTC),
    datetime(2024, 4, 2, tzinfo=UTC), "Europe/Berlin", "records", datetime(2024, 4, 2, 8, tzinfo=UTC),
)  # fmt: skip


def frame(rows: int, begin: int = 0) -> pd.DataFrame:
    """Rows over a change of the clock: every kind of value, some missing."""
    numbers = np.arange(begin, begin + rows)
    return pd.DataFrame(
        {
            "time": pd.to_datetime(1_711_760_000_000_000_000 + numbers * 3_600_000_000_007, utc=True),
            "text": pd.Series([TEXTS[n % len(TEXTS)] for n in numbers], dtype="str"),
            "whole": pd.array([None if n % 7 == 3 else int(n) * 10**13 for n in numbers], dtype="Int64"),
            "part": [np.nan if n % 5 == 2 else n / 10 - 3 for n in numbers],
        }
    )


def sample(rows: int = 60, pieces: int = 3) -> Table:
    size = -(-rows // pieces)
    starts = range(0, rows, max(size, 1))
    return Table(
        "sample",
        COLUMNS,
        FACTS,
        lambda: (frame(min(size, rows - start), start) for start in starts),
        rows=rows,
        exact="ns",
    )


def written(table: Table, kind: str, folder: Path, proof: Proof = "inside") -> Path:
    """The file, with what proves it in it or beside it."""
    form = Options(proof=proof).applied(FORMATS[kind])
    path = folder / f"{table.name}.{kind}"
    path.write_bytes(b"".join(form.stream(table)))
    if proof == "beside":
        path.with_name(f"{path.name}.proof.json").write_bytes(proof_text(path.name, table))
    return path


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[Callable[[DuckStore], Flask]]:
    made: list[Flask] = []

    def make(store: DuckStore) -> Flask:
        settings = Settings(data_dir=tmp_path / "var", timezone="UTC", source_timezone="UTC")
        app = create_app(settings, store)
        app.extensions["accounts"].add("ann", "viewer", PASSWORD)
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["accounts"].close()


@pytest.fixture
def app(make_app: Callable[[DuckStore], Flask]) -> Iterator[Flask]:
    """An application over three weeks of history."""
    store = DuckStore(None)
    store.write(history())
    yield make_app(store)
    store.close()


@pytest.fixture
def ann(app: Flask) -> Person:
    found = Person(app.test_client(), "ann")
    assert found.log_in().status_code == 302
    return found
