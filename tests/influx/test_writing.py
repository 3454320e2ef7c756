"""Batches on the real server: what it refuses is named, everything else is kept."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from metricstore import revisions
from metricstore.errors import StoreUnreachable
from metricstore.influx import InfluxStore, journal
from metricstore.influx.deleting import _runs
from metricstore.influx.line import line
from metricstore.influx.writing import BATCH
from metricstore.point import Point
from metricstore.query import Filter, Query, RecordQuery
from metricstore.validation import MAX_TIME, MIN_TIME
from tests import forkserver
from tests.stores import InfluxServer

pytestmark = pytest.mark.influx

ROOT = Path(__file__).parents[2]
BEGIN = 1_717_200_000_000_000_000
START, STOP = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)


def generation(number: int, platform: str = "twitter", **fields: float | int | str) -> Point:
    return Point("generation", BEGIN + number, {"platform": platform}, fields or {"duration_seconds": float(number)})


def count(store: InfluxStore, measurement: str = "generation", **parts: object) -> float:
    return float(store.ask(Query(measurement, "count", START, STOP, **parts))["value"].iloc[0])  # type: ignore[arg-type]


def test_more_points_than_a_batch_holds_are_all_there(influx_store: InfluxStore) -> None:
    points = [generation(number) for number in range(2 * BATCH + 1)]
    assert influx_store.write(iter(points)).written == len(points)
    assert count(influx_store) == len(points)


def test_a_type_conflict_in_the_bucket_is_named_and_the_others_are_kept(influx_store: InfluxStore) -> None:
    # Another program, or an older catalogue, has stored these fields with other types.
    influx_store.revision("generation")
    influx_store._connection.write(
        f'generation,platform=twitter duration_seconds="soon",position=1.5 {BEGIN + 5_000}'.encode()
    )
    good = [generation(number, ai_requests=number) for number in range(1_000)]
    floats = [generation(2_000 + number, duration_seconds=1.0, topic="a") for number in range(3)]
    ints = [generation(3_000 + number, position=number, topic="b") for number in range(3)]
    mixed = [*good[:500], *floats, *good[500:], *ints]
    result = influx_store.write([*mixed, Point("log_record", BEGIN, {"level": "INFO"}, {"message": "kept"})])
    reasons = {rejection.point.time: rejection.reason for rejection in result.rejected}
    assert set(reasons) == {point.time for point in floats + ints}
    assert {reasons[point.time] for point in floats} == {
        "generation.duration_seconds is string, but the point has float"
    }
    assert {reasons[point.time] for point in ints} == {"generation.position is float, but the point has int"}
    assert result.written == len(good) + 1
    assert count(influx_store, field="ai_requests") == len(good)
    assert count(influx_store, "log_record") == 1


def test_points_a_bucket_no_longer_keeps_are_rejected_and_not_lost_in_silence(
    influxd: InfluxServer, influx_bucket: str
) -> None:
    org = influxd.call("GET", f"/api/v2/orgs?org={influxd.org}")["orgs"][0]["id"]  # type: ignore[index]
    rules = [{"type": "expire", "everySeconds": 7 * 86_400}]
    influxd.call("POST", "/api/v2/buckets", {"orgID": org, "name": influx_bucket, "retentionRules": rules})
    store = InfluxStore(influxd.url, influxd.token, influxd.org, influx_bucket)
    now = time.time_ns()
    old = Point("generation", now - 400 * 86_400 * 10**9, {"platform": "twitter"}, {"duration_seconds": 1.0})
    new = Point("generation", now - 60 * 10**9, {"platform": "twitter"}, {"duration_seconds": 1.0})
    result = store.write([old, new])
    assert [rejection.point for rejection in result.rejected] == [old]
    assert "retention" in result.rejected[0].reason
    assert result.written == 1


@pytest.mark.parametrize("moment", [MIN_TIME, -1, 0, 1, MAX_TIME])
def test_the_first_and_the_last_nanosecond_can_be_stored(influx_store: InfluxStore, moment: int) -> None:
    point = Point("generation", moment, {"platform": "twitter"}, {"duration_seconds": 1.0})
    assert influx_store.write([point]).rejected == ()
    bounds = influx_store.bounds("generation")
    assert bounds is not None and bounds[0] == bounds[1]
    influx_store.delete([point])
    assert influx_store.bounds("generation") is None


@pytest.mark.parametrize(
    ("tags", "fields", "expected"),
    [
        ({"platform": "a b,c=d"}, {"topic": 'say "hi"\\'}, 'generation,platform=a\\ b\\,c\\=d topic="say \\"hi\\"\\\\",point=1i 7'),
        ({}, {"position": -3}, "generation position=-3i,point=1i 7"),
        ({"platform": "é"}, {"duration_seconds": 1e-9}, "generation,platform=é duration_seconds=1e-09,point=1i 7"),
    ],
)  # fmt: skip
def test_a_line_is_written_as_the_protocol_wants_it(
    tags: dict[str, str], fields: dict[str, float], expected: str
) -> None:
    assert line(Point("generation", 7, tags, fields)) == expected


def test_an_empty_text_stays_with_its_own_point(influx_store: InfluxStore) -> None:
    texts = ["0", "", "c", "", "", "é", ""]
    influx_store.write([generation(n, topic=text, outcome=text or "ok") for n, text in enumerate(texts)])
    page = influx_store.records(RecordQuery("generation", START, STOP, descending=False, columns=("topic",)))
    assert page.frame["topic"].tolist() == texts
    assert count(influx_store, field="topic") == len(texts)
    assert count(influx_store, where=(Filter("topic", "any", ("",)),)) == 4
    assert count(influx_store, where=(Filter("topic", "none", ("", "c")),)) == 2
    assert count(influx_store, where=(Filter("topic", "contains", ("",)),)) == 3
    distinct = influx_store.ask(Query("generation", "distinct", START, STOP, field="topic"))
    assert distinct["value"].tolist() == [4.0]


def test_neighbours_are_deleted_together_and_what_lies_between_them_stays(influx_store: InfluxStore) -> None:
    points = [generation(number) for number in range(3_000)]
    influx_store.write(points)
    calls: list[tuple[int, int]] = []
    delete = influx_store._connection.delete
    influx_store._connection.delete = lambda start, stop, predicate: (  # type: ignore[method-assign]
        calls.append((start, stop)), delete(start, stop, predicate),
    )[1]  # fmt: skip
    influx_store.delete([point for point in points if point.time - BEGIN not in (1_000, 2_000)])
    assert len(calls) == 3
    found = influx_store.records(RecordQuery("generation", START, STOP, columns=("duration_seconds",)))
    assert found.frame["duration_seconds"].tolist() == [2_000.0, 1_000.0]


SIBLINGS = [
    Point("generation", BEGIN, {}, {"topic": "to be deleted"}),
    Point("generation", BEGIN, {"platform": "twitter"}, {"topic": 'a "b", c=d\ne\\', "position": 2}),
    Point("generation", BEGIN, {"platform": "linkedin"}, {"topic": "", "duration_seconds": 0.5}),
    *(Point("generation", BEGIN, {"platform": f"p{n}"}, {"topic": f"{n} {'é' * 20_000}"}) for n in range(4)),
]
DIE = """
import os, signal, sys
from metricstore.influx import InfluxStore
from metricstore.influx.connection import Connection
from tests.influx.test_writing import SIBLINGS
delete = Connection.delete
def last_words(self, start, stop, predicate):
    if sys.argv[5] == "after":
        delete(self, start, stop, predicate)
    os.kill(os.getpid(), signal.SIGKILL)
Connection.delete = last_words
InfluxStore(*sys.argv[1:5]).delete(SIBLINGS[:1])
"""


def everything(store: InfluxStore) -> list[dict[str, object]]:
    frame = store.records(RecordQuery("generation", START, STOP, order="topic", limit=100)).frame
    return [row.dropna().to_dict() for _, row in frame.iterrows()]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_while_a_point_without_its_tag_is_deleted_loses_no_sibling(
    influxd: InfluxServer, influx_store: InfluxStore, influx_bucket: str, moment: str
) -> None:
    influx_store.write(SIBLINGS[1:])
    expected = everything(influx_store)
    influx_store.write(SIBLINGS[:1])
    words = [influxd.url, influxd.token, influxd.org, influx_bucket, moment]
    killed = forkserver.run(DIE, words, env=forkserver.environment(), cwd=ROOT)
    assert killed.returncode == -signal.SIGKILL
    assert (count(influx_store) == 0) == (moment == "after")
    again = InfluxStore(influxd.url, influxd.token, influxd.org, influx_bucket)
    again.delete(SIBLINGS[:1])
    assert everything(again) == everything(influx_store) == expected
    assert influx_store._connection.query(journal._SCRIPT).strip() == b"", "nothing is left to settle"
    again.close()


def test_a_deletion_that_failed_halfway_loses_no_sibling_when_it_is_tried_again(influx_store: InfluxStore) -> None:
    influx_store.write(SIBLINGS)
    write = influx_store._connection.write
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(influx_store._connection, "write", lambda body: write(body) if b"store_" in body else fail())
        with pytest.raises(StoreUnreachable):
            influx_store.delete(SIBLINGS[:1])
    assert count(influx_store) == 0
    influx_store.delete(SIBLINGS[:1])
    assert count(influx_store) == len(SIBLINGS) - 1


def fail() -> None:
    raise StoreUnreachable("gone for a moment")


def test_runs_never_hold_a_time_that_stays() -> None:
    assert _runs([1, 2, 5, 9], [1, 2, 3, 5, 9]) == [(1, 2), (5, 9)]
    assert _runs([1, 4], [2, 3]) == []
    assert _runs([4], [4]) == [(4, 4)]


def test_another_processes_change_is_seen_within_a_moment(
    influxd: InfluxServer, influx_store: InfluxStore, influx_bucket: str
) -> None:
    other = InfluxStore(influxd.url, influxd.token, influxd.org, influx_bucket)
    influx_store.write([generation(1)])
    seen = influx_store.revision("generation")
    unrelated = influx_store.revision("batch")
    assert other.revision("generation") == seen
    other.write([generation(2)])
    deadline = time.monotonic() + 20 * revisions.SECONDS
    while influx_store.revision("generation") == seen and time.monotonic() < deadline:
        time.sleep(0.05)
    assert influx_store.revision("generation") == other.revision("generation") != seen
    assert influx_store.revision("batch") == unrelated


@pytest.mark.parametrize("values", [3, 30])
def test_counting_by_a_field_is_the_same_however_many_values_it_has(influx_store: InfluxStore, values: int) -> None:
    influx_store.write([generation(n, outcome_reason=f"reason {n % values:02}") for n in range(90)])
    influx_store.write([generation(90 + n, "linkedin", position=n) for n in range(7)])
    asked = Query("generation", "count", START, STOP, by=("platform", "outcome_reason"))
    found = influx_store.ask(asked)
    assert found["value"].tolist() == [7.0] + [90 / values] * values
    assert found["outcome_reason"].tolist() == [""] + [f"reason {n:02}" for n in range(values)]
    narrowed = influx_store.ask(
        Query("generation", "count", START, STOP, by=("outcome_reason",),
              where=(Filter("outcome_reason", "contains", ("REASON 01",)),))
    )  # fmt: skip
    assert narrowed["outcome_reason"].tolist() == ["reason 01"]


def test_a_page_of_records_scattered_over_many_others_is_complete(influx_store: InfluxStore) -> None:
    second = 1_000_000_000
    influx_store.write(
        Point(
            "generation",
            BEGIN + n * second,
            {"platform": "twitter"},
            {"position": n * 7919 % 30_011, "topic": f"topic {n}"},
        )
        for n in range(30_011)
    )
    for limit in (50, 400):
        page = influx_store.records(RecordQuery("generation", START, STOP, order="position", limit=limit))
        assert page.frame["position"].tolist() == list(range(30_010, 30_010 - limit, -1))
        numbers = [(time - BEGIN) // second for time in page.frame["time"].astype("int64")]
        assert page.frame["topic"].tolist() == [f"topic {number}" for number in numbers]
