"""Whatever somebody looks at, every surface of both stores says one number, to the last digit.

The number is worked out here in plain Python: exact sums (`math.fsum`) of what lies in the range, rounded once to the
twelve digits that answers carry (`metricstore.rounding`). Fractions have the digits sources write: milliseconds, and six
decimals for announced waits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dashapp.accounts.tokens import create_token
from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore.caching import CachedStore
from metricstore.clickhouse import ClickHouseStore
from metricstore.duck import DuckStore
from metricstore.influx import InfluxStore
from metricstore.metrics import metric
from metricstore.questions import questions
from metricstore.store import Store
from tests.clickhouse.server import ClickHouseServer
from tests.contract.reference import Reference
from tests.samenumber.surfaces import Surfaces, total
from tests.samenumber.world import State, points, states
from tests.stores import InfluxServer, fresh_name

METRICS = ("generations", "ai_calls", "ai_cost", "ai_retry_wait", "service_posts")
STATES = 120
SEED = 20261123


@pytest.fixture(scope="module")
def truth() -> Reference:
    found = Reference()
    for batch in points(SEED):
        found.write(batch)
    return found


@pytest.fixture(scope="module")
def every(
    influxd: InfluxServer, clickhouse: ClickHouseServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Surfaces]]:
    bucket, databases = fresh_name(), ExitStack()
    database = databases.enter_context(clickhouse.database())
    stores: dict[str, Store] = {
        "DuckDB": DuckStore(tmp_path_factory.mktemp("duck") / "metrics.duckdb"),
        "InfluxDB": InfluxStore(influxd.url, influxd.token, influxd.org, bucket),
        "ClickHouse": ClickHouseStore(clickhouse.named(database)),
    }
    found = {}
    for name, store in stores.items():
        for batch in points(SEED):
            assert not store.write(batch).rejected
        found[name] = _surfaces(store, tmp_path_factory.mktemp("data"))
    yield found
    for surfaces in found.values():
        surfaces.store.close()
        surfaces.app.extensions["accounts"].close()
    influxd.delete_bucket(bucket)
    databases.close()


def _surfaces(store: Store, data: Path) -> Surfaces:
    app = create_app(Settings(data_dir=data, timezone="UTC", source_timezone="UTC"), store=CachedStore(store))
    accounts = app.extensions["accounts"]
    token = create_token(accounts.add("ann", "admin", "correct horse battery staple"), "tests", accounts=accounts)
    return Surfaces(app, app.test_client(), {"Authorization": f"Bearer {token}"})


def expected(truth: Reference, state: State) -> float:
    """The number, from the points themselves."""
    declared = metric(state.metric)
    (query,) = questions(declared, state.selection)
    found = truth.matching(query.measurement, query.start, query.stop, query.where)
    if query.field is None:
        return float(len(found))
    values = [columns[query.field] for _, columns in found if query.field in columns]
    return total([math.fsum(values) * declared.scale]) if values else math.nan


@pytest.mark.influx
@pytest.mark.clickhouse
@pytest.mark.timeout(900)
def test_every_surface_of_every_store_says_one_number(every: dict[str, Surfaces], truth: Reference) -> None:
    wrong = []
    for state in states(SEED, STATES, METRICS):
        right = expected(truth, state)
        for name, surfaces in every.items():
            for way, found in surfaces.numbers(state).items():
                if found != right and not (math.isnan(found) and math.isnan(right)):
                    wrong.append(f"{name}, {way}: {found!r} instead of {right!r} for {state}")
    assert not wrong, "\n".join(wrong[:20])
