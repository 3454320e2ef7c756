"""Hours that a process holds while it goes on writing to them: said once, given back, said anew when clocks jump."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Any

import pytest

from metricstore.clickhouse import ClickHouseStore, hour_marks
from metricstore.clickhouse.tables import HOURS
from metricstore.errors import StoreFailed
from tests.clickhouse.rollups.asking import right
from tests.contract.asking import START, generation, hours
from tests.contract.rollups.asking import SECONDS, made

pytestmark = pytest.mark.clickhouse


def test_an_hour_that_is_held_is_said_once(store: ClickHouseStore, other: ClickHouseStore) -> None:
    def marks() -> int:
        text = f"SELECT sum(marks) FROM {store._layout.whole(HOURS.name)} WHERE kind = 'hour'"
        return int(store._connection.query(text, ()).result_rows[0][0])

    before = marks()
    for number in range(5):
        other.write([generation(START + hours(7) + timedelta(seconds=number), **{SECONDS: 4.0})])
        right(store)
    assert marks() == before + 1
    other._hours.give_back()
    other.write([generation(START + hours(7.1), **{SECONDS: 4.0})])
    assert marks() == before + 2
    other.close()


def test_hours_that_were_not_written_to_for_a_while_are_given_back_with_the_next(
    store: ClickHouseStore, other: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hour_marks, "IDLE_SECONDS", 0.0)
    other.write([generation(START + hours(7))])
    other.write([generation(START + hours(9))])
    made(store)
    assert store.rollups.left() == 1
    monkeypatch.setattr(hour_marks, "HELD_SECONDS", -1.0)
    other.write([generation(START + hours(9.1))])
    other.close()
    made(store)
    assert store.rollups.left() == 0
    right(store)


@pytest.mark.parametrize("given", ["give_back", "a write elsewhere"])
def test_an_hour_that_is_given_back_without_an_answer_is_not_held(
    store: ClickHouseStore, other: ClickHouseStore, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    """The server has stored that it is, so the next write has to say again that it changes the hour."""
    other.write([generation(START + hours(7), **{SECONDS: 4.0})])
    stored = other._connection.insert

    def unanswered(table: str, *rows: Any) -> None:
        stored(table, *rows)
        raise StoreFailed("nobody knows", "time out")

    with monkeypatch.context() as patch:
        patch.setattr(hour_marks, "IDLE_SECONDS", 0.0)
        patch.setattr(other._connection, "insert", unanswered)
        with pytest.raises(StoreFailed):
            if given == "give_back":
                other._hours.give_back()
            else:
                other.write([generation(START + hours(9))])
    made(store)
    assert (474_799, 474_800) not in store._rollup_state.written_to("generation")
    other.write([generation(START + hours(7.1), **{SECONDS: 90.0})])
    right(store)
    other.close()
    made(store)
    right(store)
    assert store.rollups.check(random.Random(1)).wrong == {}


def test_after_a_deletion_hours_are_given_back_at_once(store: ClickHouseStore, other: ClickHouseStore) -> None:
    point = generation(START + hours(7), **{SECONDS: 1.0})
    other.write([point])
    other.delete([point])
    other.delete_range("generation", START + hours(20), START + hours(23))
    assert store._rollup_state.written_to("generation") == ()
    made(store)
    assert store.rollups.left() == 0
    right(store)


def test_an_hour_that_is_said_anew_while_another_writes_is_given_back(
    store: ClickHouseStore, other: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = hour_marks.written({"generation": ((474_797, 474_798),)})
    with monkeypatch.context() as patch, other._hours.changing(spans):
        patch.setattr(hour_marks, "HELD_SECONDS", -1.0)
        with other._hours.changing(spans):
            pass
        other._hours.give_back()
        assert store._rollup_state.written_to("generation") == ((474_797, 474_798),), "the first still writes"
    assert store._rollup_state.written_to("generation") == ()


def test_what_a_failed_write_held_is_not_given_back_by_others(store: ClickHouseStore, other: ClickHouseStore) -> None:
    spans = hour_marks.written({"generation": ((474_797, 474_798),)})
    with other._hours.changing(spans, once=True), pytest.raises(ValueError), other._hours.changing(spans):
        raise ValueError
    other.close()
    assert store._rollup_state.written_to("generation") == ((474_797, 474_798),), "it may still arrive"


@pytest.mark.parametrize("seconds", [2_000.0, -5.0])
def test_an_hour_is_said_anew_when_the_wall_clock_jumps(
    store: ClickHouseStore, other: ClickHouseStore, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """The machine slept, or its clock was set back: the server may count the hour as given back."""
    spans, clock = hour_marks.written({"generation": ((474_797, 474_798),)}), time.time
    with other._hours.changing(spans):
        pass
    before = store._rollup_state._sums("generation")
    with other._hours.changing(spans):
        pass
    assert store._rollup_state._sums("generation") == before
    monkeypatch.setattr(time, "time", lambda: clock() + seconds)
    with other._hours.changing(spans):
        pass
    assert store._rollup_state._sums("generation") != before
    other.close()
    assert store._rollup_state.written_to("generation") == ()
