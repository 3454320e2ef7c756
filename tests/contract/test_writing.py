"""Writing and deleting: identity, merging, what is refused, and that the rest is kept."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from metricstore.errors import UnknownName
from metricstore.point import Point
from metricstore.store import Store
from tests.contract.asking import START, STOP, any_of, asked, counts, generation, hours, listed, value
from tests.contract.reference import ns

MOMENT = datetime(2024, 3, 10, 12, tzinfo=UTC)


def test_the_same_point_written_twice_is_one_point(store: Store) -> None:
    store.write([generation(MOMENT)])
    store.write([generation(MOMENT)])
    assert counts(store) == 1


def test_points_one_nanosecond_apart_are_two_points(store: Store) -> None:
    store.write([generation(ns(MOMENT)), generation(ns(MOMENT) + 1), generation(ns(MOMENT) + 2)])
    assert counts(store) == 3


def test_the_same_time_under_other_tags_is_another_point(store: Store) -> None:
    store.write([generation(MOMENT, "linkedin"), generation(MOMENT, "twitter"), generation(MOMENT, "")])
    assert counts(store) == 3
    assert counts(store, where=(any_of("platform", ""),)) == 1


def test_an_empty_tag_value_is_the_same_as_an_absent_tag(store: Store) -> None:
    store.write([Point("generation", ns(MOMENT), {"platform": ""}, {"position": 1})])
    store.write([Point("generation", ns(MOMENT), {}, {"batch_size": 2})])
    frame = store.records(listed()).frame
    assert len(frame) == 1
    assert frame["position"].tolist() == [1]
    assert frame["batch_size"].tolist() == [2]
    assert frame["platform"].isna().all()


def test_writing_again_replaces_fields_of_the_same_name_and_keeps_the_others(store: Store) -> None:
    store.write([generation(MOMENT, topic="first", position=1, duration_seconds=2.5)])
    store.write([generation(MOMENT, topic="second", batch_size=7)])
    frame = store.records(listed(columns=("topic", "position", "duration_seconds", "batch_size"))).frame
    assert frame.drop(columns=["time", "_id"]).values.tolist() == [["second", 1, 2.5, 7]]


def test_a_point_twice_in_one_batch_is_merged_in_order(store: Store) -> None:
    result = store.write(
        [
            generation(MOMENT, topic="first", position=1),
            generation(MOMENT + hours(1), topic="between"),
            generation(MOMENT, topic="second", batch_size=3),
        ]
    )
    assert result.written == 3
    frame = store.records(listed(descending=False, columns=("topic", "position", "batch_size"))).frame
    assert frame["topic"].tolist() == ["second", "between"]
    assert (frame["position"][0], frame["batch_size"][0]) == (1, 3)


def test_a_late_point_is_found_in_its_window(store: Store) -> None:
    store.write([generation(MOMENT), generation(MOMENT + timedelta(days=2))])
    store.write([generation(MOMENT - timedelta(days=3))])
    days = store.ask(asked(every="1d", start=MOMENT - timedelta(days=4), stop=MOMENT + timedelta(days=3)))
    assert days["value"].tolist() == [0, 1, 0, 0, 1, 0, 1, 0]


def test_deleting_takes_the_point_with_that_identity_alone(store: Store) -> None:
    store.write([generation(MOMENT, "linkedin"), generation(MOMENT, "twitter"), generation(ns(MOMENT) + 1)])
    store.delete([Point("generation", ns(MOMENT), {"platform": "linkedin"})])
    assert store.records(listed(descending=False)).frame["_id"].tolist() == [
        f"{ns(MOMENT)},platform=twitter",
        f"{ns(MOMENT) + 1},platform=linkedin",
    ]


def test_deleting_what_is_not_there_is_no_error(store: Store) -> None:
    store.delete([generation(MOMENT)])
    store.write([generation(MOMENT)])
    store.delete([generation(MOMENT, "twitter"), generation(MOMENT + hours(1))])
    assert counts(store) == 1


def test_a_deleted_point_can_be_written_again_without_its_old_fields(store: Store) -> None:
    store.write([generation(MOMENT, topic="old", position=4)])
    store.delete([generation(MOMENT)])
    store.write([generation(MOMENT, topic="new")])
    frame = store.records(listed(columns=("topic", "position"))).frame
    assert frame["topic"].tolist() == ["new"]
    assert frame["position"].isna().all()


def test_deleting_a_point_without_tags_leaves_those_with_tags(store: Store) -> None:
    store.write([generation(MOMENT, ""), generation(MOMENT, "linkedin")])
    store.delete([Point("generation", ns(MOMENT))])
    assert store.values("generation", "platform", START, STOP) == ["linkedin"]
    assert counts(store) == 1


def test_delete_range_is_half_open_and_leaves_other_measurements(store: Store) -> None:
    other = Point("ai_retry", ns(MOMENT), {"endpoint": "/v1"}, {"wait_seconds": 1.0})
    store.write([generation(MOMENT + hours(n)) for n in range(5)] + [other])
    store.delete_range("generation", MOMENT + hours(1), MOMENT + hours(3))
    assert counts(store) == 3
    assert counts(store, measurement="ai_retry") == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"position": "x"}, ("generation", "position", "int", "string")),
        ({"position": 1.5}, ("generation", "position", "int", "float")),
        ({"position": True}, ("generation", "position", "int", "bool")),
        ({"topic": 5}, ("generation", "topic", "string", "int")),
        ({"duration_seconds": "1"}, ("generation", "duration_seconds", "float", "string")),
        ({"duration_seconds": float("nan")}, ("generation", "duration_seconds")),
        ({"duration_seconds": float("inf")}, ("generation", "duration_seconds")),
        ({"position": 2**63}, ("generation", "position", "64")),
        ({"nonsense": 1}, ("generation", "nonsense")),
    ],
)
def test_a_wrong_field_is_refused_by_name_and_the_rest_of_the_batch_kept(
    store: Store, fields: dict[str, object], words: tuple[str, ...]
) -> None:
    wrong = Point("generation", ns(MOMENT), {"platform": "linkedin"}, {"line": 1, **fields})  # type: ignore[arg-type]
    result = store.write([generation(MOMENT + hours(1)), wrong, generation(MOMENT + hours(2))])
    assert result.written == 2
    assert [rejection.point for rejection in result.rejected] == [wrong]
    assert all(word in result.rejected[0].reason for word in words)
    assert counts(store) == 2


def test_unknown_measurements_and_tags_are_refused_by_name(store: Store) -> None:
    points = [
        Point("weather", ns(MOMENT), {}, {"line": 1}),
        Point("generation", ns(MOMENT), {"colour": "red"}, {"line": 1}),
        Point("generation", ns(MOMENT), {"platform": "twitter"}, {}),
    ]
    result = store.write([*points, generation(MOMENT)])
    assert result.written == 1
    assert [rejection.point for rejection in result.rejected] == points
    assert "weather" in result.rejected[0].reason
    assert "colour" in result.rejected[1].reason


def test_an_int_in_a_float_field_is_stored_as_that_number(store: Store) -> None:
    store.write([generation(MOMENT, duration_seconds=3), generation(MOMENT + hours(1), duration_seconds=4.5)])
    assert value(store, asked("sum", field="duration_seconds")) == 7.5


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0])
def test_the_largest_ints_come_back_exactly(store: Store, number: int) -> None:
    store.write([generation(MOMENT, position=number)])
    assert store.records(listed(columns=("position",))).frame["position"].tolist() == [number]


def test_every_change_gives_another_revision(store: Store) -> None:
    seen = [store.revision("generation")]
    assert store.revision("generation") == seen[0]
    for change in (
        lambda: store.write([generation(MOMENT)]),
        lambda: store.write([generation(MOMENT, topic="changed")]),
        lambda: store.delete([generation(MOMENT)]),
        lambda: store.delete_range("generation", START, STOP),
    ):
        change()
        seen.append(store.revision("generation"))
    assert len(set(seen)) == len(seen)
    other = store.revision("batch")
    store.write([generation(MOMENT)])
    assert store.revision("batch") == other


def test_nothing_written_is_nothing_stored(store: Store) -> None:
    assert store.write([]).written == 0
    store.delete([])
    assert store.bounds("generation") is None


def test_bounds_are_the_first_and_the_last_point(store: Store) -> None:
    store.write([generation(MOMENT + hours(n)) for n in (3, 1, 2)])
    assert store.bounds("generation") == (MOMENT + hours(1), MOMENT + hours(3))


def test_threads_that_write_and_ask_at_once_lose_nothing(store: Store) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                store.write([generation(MOMENT + hours(turn), f"p{number}", position=turn)])
                store.ask(asked(every="1d"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert counts(store) == 30


def test_unknown_names_are_said_to_be_unknown(store: Store) -> None:
    with pytest.raises(UnknownName, match="weather"):
        store.ask(asked(measurement="weather"))
    with pytest.raises(UnknownName, match="colour"):
        store.ask(asked(by=("colour",)))
    with pytest.raises(UnknownName, match="topic"):
        store.values("generation", "topic", START, STOP)
    with pytest.raises(UnknownName, match="weather"):
        store.bounds("weather")
