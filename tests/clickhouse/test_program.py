"""The program on ClickHouse: chosen by settings, guarded for viewers, looked at by doctor."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from dashapp.doctor import examine
from dashapp.services import demo_settings
from dashapp.settings import Settings, load_settings
from dashapp.stores import for_viewers, open_store
from metricstore.clickhouse import ClickHouseStore
from metricstore.guarded import GuardedStore
from tests.clickhouse.server import ClickHouseServer
from tests.contract.asking import START, asked, generation

pytestmark = pytest.mark.clickhouse


@pytest.fixture
def settings(clickhouse: ClickHouseServer, clickhouse_database: str, tmp_path: Path) -> Settings:
    own = {"DASHAPP_DATA_DIR": str(tmp_path / "var"), "DASHAPP_TIMEZONE": "UTC", "DASHAPP_SOURCE_TIMEZONE": "UTC"}
    return load_settings(clickhouse.environment(clickhouse_database) | own, tmp_path)


def test_settings_choose_it_and_viewers_are_guarded_from_its_silence(settings: Settings) -> None:
    with closing(open_store(settings)) as store:
        assert isinstance(store.store, ClickHouseStore)
        shown = for_viewers(settings, store)
        assert isinstance(shown.store, GuardedStore)
        assert shown.store.circuit.ask(store.store.answers) is None
        store.write([generation(START)])
        assert shown.ask(asked())["value"].tolist() == [1.0]
        store.write([generation(START, "twitter")])
        assert shown.ask(asked())["value"].tolist() == [2.0]


def test_made_up_data_stay_out_of_it(settings: Settings) -> None:
    assert not demo_settings(settings).uses_server


def test_doctor_says_what_is_there_and_what_is_wrong(settings: Settings, clickhouse: ClickHouseServer) -> None:
    with closing(open_store(settings)) as store:
        store.write([generation(START)])
    (found,) = [finding for finding in examine(settings) if finding.subject == "store"]
    assert found.level == "ok" and found.text.startswith("clickhouse 2") and "1 point," in found.text
    assert clickhouse.url in found.text
    wrong = settings.model_copy(update={"clickhouse_database": "not_there"})
    (found,) = [finding for finding in examine(wrong) if finding.subject == "store"]
    assert found.level == "fatal" and "no database 'not_there'" in found.text and "CLICKHOUSE_USER" in found.hint
    assert clickhouse.password not in repr(found)
