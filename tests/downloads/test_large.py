"""Two million rows: streamed in constant memory, the first byte at once, complete to the last."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dashapp.downloads.verify import verify
from metricstore.duck import DuckStore

ROWS = 2_000_000
MOST_MB = 150
_WRITE = """
import json, os, sys, time
from pathlib import Path
from dashapp.downloads.formats import FORMATS, Options
from dashapp.downloads.sources import Asked, records_table
from metricstore.duck import DuckStore
from metricstore.selection import Selection, settled_now

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

path, kind, out = sys.argv[1:]
store = DuckStore(Path(path))
selection = Selection(start="2024-12-31T00:00:00Z", stop="2026-12-31T00:00:00Z")
table = records_table(store, Asked("log_record"), selection, settled_now(), title="Log", name="log")
store.bounds("log_record")
before = most = resident()
begin, first = time.monotonic(), None
with open(out, "wb") as file:
    for number, piece in enumerate(Options(proof="inside").applied(FORMATS[kind]).stream(table)):
        first = first if first is not None else time.monotonic() - begin
        file.write(piece)
        if number % 20 == 0:
            most = max(most, resident())
store.close()
print(json.dumps({"over": most - before, "first": first}))
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "metrics.duckdb"
    DuckStore(path).close()
    with duckdb.connect(str(path)) as database:
        database.execute(
            f"""insert into log_record by name select 1735689600000000000 + i * 15000000000 + (i % 1000) as time,
            case when i % 10 = 0 then 'WARNING' else 'INFO' end as level, 'other' as event,
            'Generated post ' || i || ' in ' || (i % 97) || ' seconds' as message, 'app.log' as file, i as line,
            i * 120 as "offset", 1 as lines from range({ROWS}) t(i)"""
        )
    return path


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_two_million_rows_need_no_more_memory_than_a_few(large: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"log.{kind}"
    done = subprocess.run(
        [sys.executable, "-c", _WRITE, str(large), kind, str(out)],
        capture_output=True,
        text=True,
        check=True,
        timeout=280,
    )
    found = json.loads(done.stdout)
    assert found["over"] < MOST_MB
    assert found["first"] < 10, "the first byte comes long before the last"
    whole = verify(out)
    assert (whole.state, whole.rows) == ("complete", ROWS)
    assert whole.sums["line"] == ROWS * (ROWS - 1) // 2
