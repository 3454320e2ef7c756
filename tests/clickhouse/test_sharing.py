"""What several processes and machines share: tables, revisions, and what one wrote for all others to read."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from metricstore import revisions
from metricstore.catalogue import MEASUREMENTS, measurement
from metricstore.clickhouse import ClickHouseStore
from metricstore.clickhouse.binding import bound
from metricstore.clickhouse.tables import CHANGES, TABLES, Layout, table_of
from metricstore.clickhouse.writing import MOST_CHARACTERS
from metricstore.point import Point
from metricstore.query import Filter
from metricstore.sql.batches import batches
from tests.clickhouse.server import ClickHouseServer
from tests.contract.asking import START, STOP, asked, counts, generation, hours, listed


@pytest.fixture
def other(clickhouse: ClickHouseServer, clickhouse_database: str) -> ClickHouseStore:
    """Another process's store on the same database."""
    return ClickHouseStore(clickhouse.named(clickhouse_database))


@pytest.mark.clickhouse
def test_another_processes_change_is_seen_within_a_moment(
    clickhouse_store: ClickHouseStore, other: ClickHouseStore
) -> None:
    clickhouse_store.write([generation(START)])
    seen, unrelated = clickhouse_store.revision("generation"), clickhouse_store.revision("batch")
    assert other.revision("generation") == seen
    other.write([generation(START + hours(1))])
    deadline = time.monotonic() + 20 * revisions.SECONDS
    while clickhouse_store.revision("generation") == seen and time.monotonic() < deadline:
        time.sleep(0.05)
    assert clickhouse_store.revision("generation") == other.revision("generation") != seen
    assert clickhouse_store.revision("batch") == unrelated


@pytest.mark.clickhouse
def test_what_one_process_wrote_or_deleted_the_next_one_reads(
    clickhouse_store: ClickHouseStore, other: ClickHouseStore
) -> None:
    for number in range(20):
        clickhouse_store.write([generation(START + hours(number), position=number)])
        assert counts(other) == number + 1
    clickhouse_store.delete_range("generation", START, START + hours(10))
    assert counts(other) == 10


@pytest.mark.clickhouse
def test_fields_written_apart_stay_together_however_parts_are_merged(
    clickhouse: ClickHouseServer, clickhouse_store: ClickHouseStore
) -> None:
    """Also over a deletion in between, and after the server has put all parts into one."""
    for number in range(6):
        clickhouse_store.write([generation(START, topic=f"t{number}", **({"position": number} if number == 2 else {}))])
    clickhouse_store.write([generation(START + hours(1), topic="gone", position=9)])
    clickhouse_store.delete([generation(START + hours(1))])
    clickhouse_store.write([generation(START + hours(1), topic="new")])
    wanted = [("t5", 2), ("new", None)]
    for _ in range(2):
        frame = clickhouse_store.records(listed(descending=False, columns=("topic", "position"))).frame
        found = frame[["topic", "position"]].astype(object).where(frame[["topic", "position"]].notna(), None)
        assert [tuple(row) for row in found.to_numpy().tolist()] == wanted
        clickhouse.run(f"OPTIMIZE TABLE {clickhouse_store._layout.stored('generation')} FINAL")


@pytest.mark.clickhouse
def test_a_new_column_of_the_catalogue_is_added_to_tables_that_are_there(
    clickhouse: ClickHouseServer, clickhouse_store: ClickHouseStore, other: ClickHouseStore
) -> None:
    clickhouse_store.write([generation(START, topic="kept")])
    clickhouse.run(f"ALTER TABLE {clickhouse_store._layout.stored('generation')} DROP COLUMN position")
    other.write([generation(START, position=4)])
    frame = other.records(listed(columns=("topic", "position"))).frame
    assert (frame["topic"][0], frame["position"][0]) == ("kept", 4)


@pytest.mark.clickhouse
def test_points_of_centuries_are_written_at_once(clickhouse_store: ClickHouseStore) -> None:
    """More months than a server takes in one insert unless it is asked to."""
    moments = [START - timedelta(days=31 * number) for number in range(0, 3600, 20)]
    clickhouse_store.write([generation(moment) for moment in moments])
    assert counts(clickhouse_store, start=moments[-1]) == len(moments)


@pytest.mark.clickhouse
def test_every_measurement_is_written_read_and_deleted(clickhouse_store: ClickHouseStore) -> None:
    points = []
    for source in MEASUREMENTS.values():
        fields = {field.name: {"float": 1.5, "int": 2**53 + 1, "string": "x"}[field.type] for field in source.fields}
        points.append(Point(source.name, 1_717_200_000_000_000_000, dict.fromkeys(source.tag_names, "t"), fields))
    assert clickhouse_store.write(points).rejected == ()
    assert clickhouse_store.info().points == len(points)
    clickhouse_store.delete(points)
    assert clickhouse_store.info().points == 0


def test_a_table_of_a_cluster_is_a_replicated_part_and_a_whole() -> None:
    one, many = Layout("metrics"), Layout("metrics", "content")
    (single,) = one.create(table_of(measurement("generation")))
    part, whole = many.create(table_of(measurement("generation")))
    assert single.startswith('CREATE TABLE IF NOT EXISTS "metrics"."generation" ("time" Int64')
    assert "ENGINE = CoalescingMergeTree() PARTITION BY toYYYYMM(fromUnixTimestamp64Nano(time)) ORDER BY (" in single
    assert part.startswith('CREATE TABLE IF NOT EXISTS "metrics"."generation_local" ON CLUSTER "content" (')
    assert "ReplicatedCoalescingMergeTree('/clickhouse/tables/{database}/{table}/{shard}', '{replica}')" in part
    assert part.partition("PARTITION BY")[2] == single.partition("PARTITION BY")[2]
    key = ", ".join(f'"{name}"' for name in ("time", *measurement("generation").tag_names))
    assert whole == (
        'CREATE TABLE IF NOT EXISTS "metrics"."generation" ON CLUSTER "content" AS "metrics"."generation_local" '
        f"ENGINE = Distributed('content', 'metrics', 'generation_local', cityHash64({key}))"
    )
    assert [*many.alter(CHANGES, "x")] == [
        'ALTER TABLE "metrics"."store_changes_local" ON CLUSTER "content" x',
        'ALTER TABLE "metrics"."store_changes" ON CLUSTER "content" x',
    ]
    assert [*one.alter(CHANGES, "x")] == ['ALTER TABLE "metrics"."store_changes" x']


def test_every_measurement_has_a_table_and_a_points_identity_is_its_key() -> None:
    assert {table.name for table in TABLES} > set(MEASUREMENTS)
    for source in MEASUREMENTS.values():
        assert table_of(source).key == ("time", *source.tag_names)


def test_values_stand_beside_the_statement_and_lists_are_sent_as_tables() -> None:
    text, values, lists = bound("a = {?} AND b IN (SELECT value FROM {?}) AND c = {?}", ("it's", [1, 2], 1.5))
    assert text == "a = {p0:String} AND b IN (SELECT value FROM list0) AND c = {p1:Float64}"
    assert values == {"p0": "it's", "p1": 1.5}
    assert lists == {"list0": ("value Int64", b"\x01" + bytes(7) + b"\x02" + bytes(7))}
    assert bound("{?}", (["x" * 300],))[2]["list0"] == ("value String", b"\xac\x02" + b"x" * 300)


@pytest.mark.clickhouse
def test_more_identities_than_a_statement_takes_are_deleted_by_several(clickhouse_store: ClickHouseStore) -> None:
    names = [f"{number:04d}" + "é'\\\"" * 200 for number in range(2 * MOST_CHARACTERS // 1000)]
    points = [generation(START, name) for name in names]
    clickhouse_store.write([*points, generation(START, "kept")])
    assert len(batches(points)) == 1
    clickhouse_store.delete(points)
    assert clickhouse_store.values("generation", "platform", START, STOP) == ["kept"]


@pytest.mark.clickhouse
def test_a_sum_beyond_64_bits_is_right(clickhouse_store: ClickHouseStore) -> None:
    clickhouse_store.write([generation(START + hours(number), position=2**63 - 1) for number in range(4)])
    for aggregate, value in (("sum", 4 * 2.0**63), ("mean", 2.0**63)):
        assert clickhouse_store.ask(asked(aggregate, field="position"))["value"].tolist() == [value]
    exactly = Filter("position", "any", (2**63 - 1,))
    assert counts(clickhouse_store, where=(exactly,)) == 4
    assert counts(clickhouse_store, where=(Filter("position", "any", (2**63 - 2,)),)) == 0


@pytest.mark.clickhouse
def test_a_wall_clock_filter_over_two_centuries_is_answered(
    clickhouse: ClickHouseServer, clickhouse_database: str
) -> None:
    """More conditions than a server takes in a question unless it is asked to."""
    store = ClickHouseStore(replace(clickhouse.named(clickhouse_database), timeout_seconds=240))
    store.write([generation(START + hours(number)) for number in range(48)])
    not_at_nine = Filter("hour", "none", ("09",), "America/New_York")
    assert counts(store, start=START.replace(year=1900), stop=START.replace(year=2140), where=(not_at_nine,)) == 46
