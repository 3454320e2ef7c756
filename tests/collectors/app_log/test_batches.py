"""Batches, posts and requests: what the records add up to."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from collectors.app_log.calls import Event, calls_in
from tests.collectors.app_log.story import (
    BEGIN,
    DONE,
    GIVEN_UP,
    RETRY,
    THREADS,
    Story,
    answer,
    post,
    thread,
)


@pytest.mark.parametrize(
    ("records", "outcome", "reason"),
    [
        ([answer()], "ok", "answered"),
        ([answer(500), RETRY, answer()], "ok", "answered"),
        ([RETRY, answer()], "ok", "answered"),
        ([answer(400)], "failed", "http_400"),
        ([answer(429), RETRY, answer(429), RETRY, answer(500), RETRY, answer(503)], "failed", "http_503"),
        (GIVEN_UP, "failed", "no_answer"),
        ([*GIVEN_UP, answer()], "ok", "answered"),
        ([answer(500), RETRY, answer(500), RETRY, answer(500), RETRY], "failed", "no_answer"),
        ([], "failed", "no_answer"),
        ([answer(), answer(500)], "unknown", "ambiguous"),
    ],
)
def test_a_posts_outcome_follows_from_its_requests(story: Story, records: list[str], outcome: str, reason: str) -> None:
    story.tell(BEGIN.format(2), *records, post(1, 2), answer(), post(2, 2), DONE).read()
    assert story.posts("outcome", "outcome_reason") == [[outcome, reason], ["ok", "answered"]]


@pytest.mark.parametrize(
    ("records", "outcome", "reason"),
    [
        ([answer()] * 3, "ok", "answered"),
        ([answer(400), answer(), answer()], "partial", "http_400"),
        ([answer(), *GIVEN_UP, answer(400)], "partial", "no_answer"),
        ([answer(), answer(), *GIVEN_UP, answer(), answer()], "unknown", "ambiguous"),
        ([*GIVEN_UP, *GIVEN_UP, *GIVEN_UP], "failed", "no_answer"),
        ([answer(429), RETRY, answer(), answer(), answer()], "ok", "answered"),
        ([answer(500), RETRY, answer(500), RETRY, answer(500), RETRY, answer(500), answer(), answer()], "partial", "http_500"),
        ([answer(401)] * 3, "failed", "http_401"),
    ],
)  # fmt: skip
def test_a_thread_is_three_calls(story: Story, records: list[str], outcome: str, reason: str) -> None:
    story.tell(THREADS.format(1), *records, thread(1, 1)).read()
    assert story.posts("outcome", "outcome_reason") == [[outcome, reason]]


def test_durations_run_from_post_to_post(story: Story) -> None:
    story.tell(BEGIN.format(2), answer(), post(1, 2), 7, answer(), post(2, 2), DONE).read()
    assert story.posts("duration_seconds") == [2.0, 9.0]
    fields = story.batches()[0].fields
    assert (fields["duration_seconds"], fields["slowest_seconds"], fields["outcome"]) == (12.0, 9.0, "completed")
    assert [point.fields["latency_seconds"] for point in story.collected.of("ai_request")] == [1.0, 8.0]


def test_the_announced_wait_is_not_latency(story: Story) -> None:
    story.tell(BEGIN.format(1), answer(500), RETRY, 2, answer(), post(1, 1)).read()
    assert [point.fields["latency_seconds"] for point in story.collected.of("ai_request")] == [1.0, 2.25]
    assert story.posts("ai_requests", "ai_retries", "retry_wait_seconds") == [[2, 1, 0.75]]


def test_a_batch_without_an_end_is_abandoned_when_the_next_has_run(story: Story) -> None:
    story.tell(BEGIN.format(9), answer(), post(1, 9), 5)
    story.tell(BEGIN.format(2), answer(), post(1, 2), answer(), post(2, 2), DONE).read()
    assert [batch.fields["outcome"] for batch in story.batches()] == ["abandoned", "completed"]
    assert [batch.fields["finished"] for batch in story.batches()] == [1, 2]


def test_a_batch_that_was_heard_of_just_now_is_running(story: Story) -> None:
    story.now = time.time() - 20
    story.tell(BEGIN.format(3), answer(), post(1, 3)).read()
    assert [batch.fields["outcome"] for batch in story.batches()] == ["running"]


def test_a_batch_told_abandoned_completes_after_all(story: Story) -> None:
    story.tell(BEGIN.format(2), answer(), post(1, 2)).read()
    assert story.batches()[0].fields["outcome"] == "abandoned"
    story.tell(answer(), post(2, 2), DONE).read()
    assert story.batches()[0].fields["outcome"] == "completed"
    assert story.posts("outcome") == ["ok", "ok"]


def test_after_a_long_silence_nothing_is_guessed(story: Story) -> None:
    story.tell(BEGIN.format(2), answer(), post(1, 2), 3600, answer(500), post(2, 2), DONE).read()
    assert story.posts("outcome") == ["ok", "unknown"]
    assert story.batches()[0].fields["outcome"] == "completed"


def test_two_batches_at_once_are_told_apart_by_their_numbers(story: Story) -> None:
    story.tell(BEGIN.format(3), BEGIN.format(2), answer(), post(1, 3), answer(), post(1, 2))
    story.tell(answer(500), RETRY, answer(), post(2, 2), DONE, answer(), post(2, 3), answer(), post(3, 3), DONE).read()
    assert [batch.fields["outcome"] for batch in story.batches()] == ["completed", "completed"]
    assert [batch.fields["finished"] for batch in story.batches()] == [3, 2]
    assert sum(batch.fields["ai_requests"] for batch in story.batches()) < 5, "only those that are surely its own"
    by_batch = sorted(story.posts("batch_size", "position", "outcome"))
    # Where all answers in question were good it does not matter whose they were.
    assert by_batch == [[2, 1, "ok"], [2, 2, "unknown"], [3, 1, "ok"], [3, 2, "unknown"], [3, 3, "ok"]]
    platforms = {point.fields.get("platform") for point in story.collected.of("ai_request")}
    assert platforms == {"linkedin"}


def test_two_batches_of_the_same_size_at_once_finish_all_their_posts(story: Story) -> None:
    story.tell(BEGIN.format(2), BEGIN.format(2), answer(), post(1, 2), answer(), post(2, 2), answer(), post(1, 2))
    story.tell(DONE, answer(), post(2, 2), DONE).read()
    assert [batch.fields["outcome"] for batch in story.batches()] == ["completed", "completed"]
    assert [batch.fields["finished"] for batch in story.batches()] == [2, 2]


def test_posts_and_threads_at_once_share_no_certainty(story: Story) -> None:
    story.tell(
        BEGIN.format(1), THREADS.format(1), answer(400), post(1, 1), answer(), answer(), answer(), thread(1, 1)
    ).read()
    assert sorted(story.posts("outcome")) == ["unknown", "unknown"]
    first = story.collected.of("ai_request")[0]
    assert "platform" not in first.fields
    assert "latency_seconds" not in first.fields


def test_a_post_whose_record_was_lost_is_counted(story: Story) -> None:
    story.tell(
        BEGIN.format(3), answer(), post(1, 3), answer(), 1, answer(500), RETRY, answer(), post(3, 3), DONE
    ).read()
    assert sorted(story.posts("position", "outcome", "ai_requests")) == [[1, "ok", 1], [2, "ok", 1], [3, "ok", 2]]


def test_the_last_posts_record_was_lost(story: Story) -> None:
    story.tell(BEGIN.format(2), answer(), post(1, 2), answer(400), DONE).read()
    assert story.posts("position", "outcome") == [[1, "ok"], [2, "failed"]]
    assert story.batches()[0].fields["finished"] == 2


def test_a_generator_that_logs_nothing_itself_is_counted_by_its_requests(story: Story) -> None:
    story.tell("Starting Twitter thread generation.", "Loaded LinkedIn calendar from file for Twitter generation.")
    story.tell(
        answer(), answer(500), RETRY, answer(), answer(400), "Twitter calendar saved to outputs/twitter_calendar.json"
    )
    story.tell("Generated 3 Twitter threads.").read()
    assert story.posts("position", "outcome", "batch_size") == [[1, "ok", 3], [2, "ok", 3], [3, "failed", 3]]
    assert story.posts("duration_seconds") == [2.0, 3.0, 1.0]
    assert [batch.fields["outcome"] for batch in story.batches()] == ["completed"]


def test_what_a_silent_batch_did_before_another_began_is_certain_whenever_it_is_read(story: Story) -> None:
    begin = ["Starting Twitter thread generation.", "Loaded LinkedIn calendar from file for Twitter generation."]
    story.tell(*begin, answer(), answer(400), answer(), RETRY).read()
    story.tell(BEGIN.format(1), answer(), answer(500), post(1, 1), DONE, "Generated 4 Twitter threads.").read()
    threads = [
        point.fields["outcome"] for point in story.collected.of("generation") if point.tags["platform"] == "twitter"
    ]
    assert threads == ["ok", "failed", "ok", "unknown"]


def test_silent_batches_of_the_same_size_right_after_each_other_or_at_once_all_complete(story: Story) -> None:
    begin = ["Starting Twitter thread generation.", "Loaded LinkedIn calendar from file for Twitter generation."]
    counted = "Generated 1 Twitter threads."
    story.tell(*begin, answer(), counted, *begin, answer(), counted, 60)
    story.tell(*begin, answer(), *begin, answer(), counted, counted).read()
    assert [(batch.fields["outcome"], batch.fields["finished"]) for batch in story.batches()] == [("completed", 1)] * 4


def test_a_crash_before_the_first_thread_is_no_batch(story: Story) -> None:
    begin = ["Starting Twitter thread generation.", "Loaded LinkedIn calendar from file for Twitter generation."]
    story.tell(*begin, 60, BEGIN.format(1), answer(400), post(1, 1), DONE).read()
    assert [batch.tags["platform"] for batch in story.batches()] == ["linkedin"]
    assert story.posts("outcome") == ["failed"]


def test_a_crash_just_before_makes_only_the_first_half_minute_doubtful(story: Story) -> None:
    story.tell("Starting Twitter thread generation.", "Loaded LinkedIn calendar from file for Twitter generation.")
    story.tell(BEGIN.format(3), answer(500), RETRY, answer(), post(1, 3), 40, answer(400), post(2, 3))
    story.tell(answer(), post(3, 3), DONE).read()
    assert story.posts("outcome") == ["unknown", "failed", "ok"]
    assert [batch.tags["platform"] for batch in story.batches()] == ["linkedin"]


def test_the_two_counts_at_the_end_of_a_thread_batch_count_once(story: Story) -> None:
    saved, counted = "Twitter calendar saved to outputs/twitter_calendar.json", "Generated 1 Twitter threads."
    story.tell("Starting Twitter thread generation.", THREADS.format(1), *[answer()] * 3, thread(1, 1))
    story.tell("Twitter thread generation complete. " + saved, counted, saved, counted).read()
    assert len(story.posts("position")) == 1
    assert len(story.batches()) == 1


def test_no_posts_are_no_batch(story: Story) -> None:
    story.tell("Starting LinkedIn post generation.", "No LinkedIn posts were generated.")
    story.tell("Starting Twitter thread generation.", "Generated 0 Twitter threads.").read()
    assert story.batches() == []


def test_a_batch_of_no_posts_completes_and_no_other_in_its_place(story: Story) -> None:
    story.tell(BEGIN.format(4), answer(), post(1, 4), 5, BEGIN.format(0), DONE, "Generated 0 LinkedIn posts.").read()
    assert [batch.fields["outcome"] for batch in story.batches()] == ["abandoned", "completed"]
    assert [batch.fields["requested"] for batch in story.batches()] == [4, 0]
    assert story.posts("position") == [1]


def test_a_stopped_batch_that_is_started_again_at_once_is_not_taken_for_the_new_one(story: Story) -> None:
    story.tell(BEGIN.format(3), answer(), post(1, 3), answer(), post(2, 3), answer(), 9)
    story.tell(BEGIN.format(3), answer(), post(1, 3), answer(400), post(2, 3), answer(), post(3, 3), DONE).read()
    assert [batch.fields["outcome"] for batch in story.batches()] == ["abandoned", "completed"]
    assert [batch.fields["finished"] for batch in story.batches()] == [2, 3]
    assert story.posts("outcome") == ["ok", "ok", "ok", "failed", "ok"]


def test_a_batch_stopped_before_its_first_post_leaves_that_to_the_one_started_again(story: Story) -> None:
    story.tell(
        BEGIN.format(2), answer(), 20, BEGIN.format(2), answer(), post(1, 2), answer(400), post(2, 2), DONE
    ).read()
    assert [(batch.fields["outcome"], batch.fields["finished"]) for batch in story.batches()] == [
        ("abandoned", 0), ("completed", 2)
    ]  # fmt: skip
    assert story.posts("outcome") == ["ok", "failed"]


def test_a_slow_batch_that_was_stopped_is_found_out_by_the_posts_of_the_new_one(story: Story) -> None:
    story.tell(BEGIN.format(4), 3, answer(), post(1, 4), 14)
    story.tell(BEGIN.format(4), answer(), post(1, 4), answer(), post(2, 4), answer(400), post(3, 4))
    story.tell(answer(400), post(4, 4), DONE).read()
    assert [batch.fields["outcome"] for batch in story.batches()] == ["abandoned", "completed"]
    assert [batch.fields["finished"] for batch in story.batches()] == [1, 4]
    assert story.posts("outcome") == ["ok", "ok", "ok", "failed", "failed"]


def test_a_batch_stopped_minutes_ago_leaves_the_threads_after_it_certain(story: Story) -> None:
    story.tell(BEGIN.format(3), answer(), post(1, 3), 120, "Starting Twitter thread generation.", THREADS.format(1))
    story.tell(answer(), answer(400), answer(), thread(1, 1)).read()
    assert story.posts("outcome") == ["ok", "partial"]


def test_threads_of_a_generator_that_logs_nothing_are_counted_when_it_is_stopped(story: Story) -> None:
    begin = ["Starting Twitter thread generation.", "Loaded LinkedIn calendar from file for Twitter generation."]
    story.tell(*begin, answer(), answer(500), RETRY, answer(), *GIVEN_UP, answer(500), answer(429), RETRY).read()
    before = story.posts("position", "outcome", "outcome_reason")
    assert before == [[1, "ok", "answered"], [2, "ok", "answered"], [3, "failed", "http_500"]]
    assert [(batch.fields["outcome"], batch.fields["finished"]) for batch in story.batches()] == [("abandoned", 3)]
    story.tell(10, *begin, answer(), "Generated 1 Twitter threads.").read()
    assert story.posts("position", "outcome", "outcome_reason")[:3] == before
    assert [batch.fields["outcome"] for batch in story.batches()] == ["abandoned", "completed"]


def test_a_log_that_begins_in_a_batch_counts_its_posts_and_no_batch(story: Story) -> None:
    story.tell(answer(), post(4, 5), answer(), post(5, 5), DONE).read()
    assert story.posts("position", "outcome") == [[4, "unknown"], [5, "ok"]]
    assert story.posts("duration_seconds") == [None, 2.0]
    assert story.batches() == []


def test_reading_record_by_record_gives_what_reading_at_once_gives(tmp_path: Path) -> None:
    records = [BEGIN.format(3), answer(), post(1, 3), BEGIN.format(2), answer(500), RETRY, answer(), post(2, 3),
               answer(), post(1, 2), answer(), post(3, 3), DONE, answer(), post(2, 2), DONE]  # fmt: skip
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    at_once, slowly = Story(tmp_path / "a"), Story(tmp_path / "b")
    at_once.tell(*records).read()
    for record in records:
        slowly.tell(record).read()
    assert slowly.collected.points == at_once.collected.points


def test_many_calls_are_split_quickly() -> None:
    events = [Event(n, status) for n, status in enumerate([0, 0, 0, 200] * 300)]
    assert calls_in(events, 300) is not None
    assert calls_in(events, 10) is None
