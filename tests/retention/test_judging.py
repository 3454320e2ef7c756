"""What is deleted by the clock, what is announced first, and what is left to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dashapp.retention.judging import Memory, judged, memories
from dashapp.retention.standing import Standing
from metricstore.retention import Retention

NOW = datetime(2026, 3, 10, 0, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def standing(
    now: datetime = NOW, days: int = 30, points: int = 1_000, older: int = 10, last: datetime | None = None
) -> Standing:
    limit = Retention((("log_record", days),)).limit("log_record", now)
    assert limit is not None
    return Standing("log_record", days, limit, limit - DAY, last or now, points, older)


AGREED = Memory(days=30, limit=standing(NOW - DAY).limit)


def test_a_new_policy_is_announced_and_carried_out_a_day_later() -> None:
    first = judged(standing(), Memory(), NOW)
    assert not first.delete
    assert (
        "log_record: what is dated before 2026-02-08 (UTC) will be deleted from 2026-03-11 00:02 UTC on"
        in first.sentence
    )
    almost = judged(standing(NOW + DAY - timedelta(seconds=1)), first.memory, NOW + DAY - timedelta(seconds=1))
    assert not almost.delete and "from 2026-03-11 00:02 UTC on" in almost.sentence, "waiting does not begin anew"
    due = judged(standing(NOW + DAY), almost.memory, NOW + DAY)
    assert due.delete and not due.sentence
    assert judged(standing(NOW + 2 * DAY), due.memory, NOW + 2 * DAY).delete, "from then on day by day"


def test_a_shorter_policy_is_announced_anew_and_a_longer_one_needs_no_notice() -> None:
    assert not judged(standing(days=20), AGREED, NOW).delete
    assert judged(standing(days=40), replace(AGREED, limit=standing(NOW - DAY, days=40).limit), NOW).delete
    begun = judged(standing(days=20), AGREED, NOW)
    again = judged(standing(NOW + DAY, days=10), begun.memory, NOW + DAY)
    assert not again.delete and "10 days" in again.sentence


def test_after_a_weekend_it_goes_on_and_after_a_jump_of_the_clock_it_asks() -> None:
    assert judged(standing(NOW + 2 * DAY), AGREED, NOW + 2 * DAY).delete
    assert not judged(standing(NOW + 30 * DAY), AGREED, NOW + 30 * DAY).delete
    assert not judged(standing(NOW - 40 * DAY, older=0), AGREED, NOW - 40 * DAY).delete


def test_an_announcement_from_a_clock_that_was_ahead_does_not_count() -> None:
    ahead = judged(standing(NOW + 400 * DAY), AGREED, NOW + 400 * DAY)
    back = judged(standing(NOW, days=20), replace(ahead.memory, announced_days=20), NOW)
    assert not back.delete and back.memory.announced == NOW


def test_nearly_all_of_it_is_deleted_only_by_hand() -> None:
    waited = Memory(announced=NOW - 9 * DAY, announced_days=30)
    most = judged(standing(older=501), waited, NOW)
    assert not most.delete and "more than half of it" in most.sentence and "dashapp retention --apply" in most.sentence
    assert judged(standing(older=500), waited, NOW).delete
    for memory in (waited, AGREED):
        whole = judged(standing(older=1_000, last=NOW - 31 * DAY), memory, NOW)
        assert not whole.delete and "all there is" in whole.sentence
    assert judged(standing(older=600), AGREED, NOW).delete, "day by day a short time may well be half of it"


def test_without_anything_to_delete_nothing_is_said_and_nothing_agreed() -> None:
    quiet = judged(standing(older=0), Memory(), NOW)
    assert (quiet.delete, quiet.sentence, quiet.memory.days) == (False, "", None)
    assert not judged(standing(NOW + DAY), quiet.memory, NOW + DAY).delete, (
        "the first deletion is announced whenever it comes"
    )


def test_what_was_begun_is_carried_on_unless_it_is_to_be_kept_now() -> None:
    begun = replace(AGREED, begun=standing().limit)
    assert judged(standing(older=900), begun, NOW).delete
    longer = judged(standing(days=300), begun, NOW)
    assert not longer.delete or longer.memory.begun is None


def test_it_is_remembered_as_it_was_and_nonsense_is_forgotten() -> None:
    memory = Memory(30, NOW, NOW - DAY, 20, NOW)
    assert memories({"kept": {"post": memory.written()}}) == {"post": memory}
    assert memories(
        {"kept": {"post": {"days": "many"}, "batch": 3, "log_record": {"limit": "never"}}}
    ) == dict.fromkeys(("post", "batch", "log_record"), Memory())
    assert memories({"kept": 4}) == memories({}) == {}
