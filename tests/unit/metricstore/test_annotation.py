"""Annotations are seen within segments, and nothing of them outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from metricstore.annotation import Annotation, concerning, seen
from metricstore.segment import Segment
from metricstore.selection import Selection

NOW = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)


def note(start: datetime = NOW - timedelta(days=1), stop: datetime | None = None, platform: str = "") -> Annotation:
    return Annotation(1, start, stop, "a launch", platform=platform)


def shown(one: Annotation, **words: str) -> list[Annotation]:
    return seen([one], [Segment.from_params(words)], NOW)


def test_without_a_segment_all_are_seen() -> None:
    assert seen([note(), note(platform="twitter")], [], NOW) == [note(), note(platform="twitter")]


def test_a_platform_outside_the_segment_is_not_seen() -> None:
    assert shown(note(platform="linkedin"), platform="linkedin,twitter")
    assert not shown(note(platform="instagram"), platform="linkedin,twitter")
    assert not shown(note(platform="linkedin"), platform="!linkedin")
    assert shown(note(platform="linkedin"), platform="~LINK")


def test_what_concerns_all_platforms_speaks_of_others_too_and_stays_closed() -> None:
    assert not shown(note(), platform="linkedin")
    assert shown(note(), platform="!linkedin"), "as records without the column"
    assert shown(note(), platform='linkedin,""')


def test_a_limit_that_annotations_do_not_tell_closes_them() -> None:
    assert not shown(note(platform="linkedin"), topic="launch", platform="linkedin")
    assert not shown(note(), weekday="mon")


def test_all_segments_must_let_it_through() -> None:
    both = [Segment.from_params({"platform": "linkedin,twitter"}), Segment.from_params({"platform": "twitter"})]
    assert not seen([note(platform="linkedin")], both, NOW)
    assert seen([note(platform="twitter")], both, NOW)


def test_a_span_is_cut_to_the_range_of_the_segment() -> None:
    long = note(NOW - timedelta(days=40), NOW - timedelta(days=1))
    (cut,) = shown(long, start="-7d", stop="-3d")
    assert (cut.start, cut.stop) == (NOW - timedelta(days=7), NOW - timedelta(days=3))
    assert not shown(note(NOW - timedelta(days=8)), start="-7d")
    assert not shown(note(NOW - timedelta(days=8), NOW - timedelta(days=7)), start="-7d"), "its stop is not in it"


def test_no_time_is_finer_than_the_finest_window() -> None:
    (one,) = shown(note(datetime(2026, 5, 20, 14, 5, tzinfo=UTC)), every="1d", tz="Europe/Berlin")
    assert one.start == datetime(2026, 5, 19, 22, tzinfo=UTC)
    (span,) = shown(note(datetime(2026, 5, 20, 14, 5, tzinfo=UTC), datetime(2026, 5, 21, tzinfo=UTC)), every="1d")
    assert (span.start, span.stop) == (datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 5, 21, tzinfo=UTC))


def test_a_page_filtered_by_platform_shows_that_platforms_and_those_of_all() -> None:
    found = [note(platform="linkedin"), note(platform="twitter"), note()]
    filters = Selection(where={"platform": ("twitter",)}).filters()
    assert [one.platform for one in concerning(found, filters)] == ["twitter", ""]


PLATFORM = st.sampled_from(["", "linkedin", "twitter", "instagram", "in,valid", "!x"])
MOMENT = st.integers(0, 60 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))


@given(
    st.lists(st.tuples(MOMENT, st.none() | st.integers(1, 20_000), PLATFORM), max_size=8),
    st.lists(PLATFORM.filter(bool), min_size=1, max_size=2),
    st.integers(1, 59),
    st.integers(0, 30),
)
def test_whatever_is_written_only_what_lies_inside_is_seen(
    written: list[tuple[datetime, int | None, str]], platforms: list[str], start: int, length: int
) -> None:
    segment = Segment(
        (("platform", tuple(platforms)),), f"-{start + length}d", f"-{max(0, start - 1)}d" if start > 1 else ""
    )
    first, last = segment.range(NOW)
    notes = [note(at, at + timedelta(minutes=more) if more else None, place) for at, more, place in written]
    for one in seen(notes, [segment], NOW):
        allowed = [f for f in segment.filters() if f.operator == "any"]
        assert all(one.platform in wanted.values for wanted in allowed)
        assert first is not None and one.start >= first
        assert last is None or one.last <= last
