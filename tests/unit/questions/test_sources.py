"""Which sources count, how far their records reach, and which are quiet; in the header and on embeds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from collectors.registry import COLLECTORS
from collectors.runner.schedule import FOLLOWS
from dashapp.embeds.model import Embed, Wanted
from dashapp.embeds.showing import show, view
from layouts.freshness import mark, summary
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from questions.newest_records import RECORDS
from questions.source_states import sources

NOW = datetime.now(UTC)


def run(collector: str, points: int = 3, outcome: str = "ok") -> Point:
    """A failed one is the later one."""
    seconds = 60 if outcome == "ok" else 30
    fields = {"duration_seconds": 0.1, "records": points, "points": points, "rejected": 0}
    return Point(
        "collector_run",
        nanoseconds(NOW - timedelta(seconds=seconds)),
        {"collector": collector, "outcome": outcome},
        fields,
    )


def reported(back: int, provider: str = "openai") -> Point:
    tags = {"source": "openai", "provider": provider, "model": "gpt"}
    return Point("gen_ai_usage", nanoseconds(NOW - timedelta(days=back)), tags, {"input_tokens": 1})


def spoken(back: int) -> Point:
    moment = NOW - timedelta(days=back)
    tags = {"level": "INFO", "event": "other"}
    return Point("log_record", nanoseconds(moment), tags, {"message": "a", "line": back, "file": "app.log"})


@pytest.fixture
def filled() -> Iterator[DuckStore]:
    """A log that was written daily and stopped 21 days ago, and collectors that have nothing to read from."""
    store = DuckStore(None)
    store.write([spoken(back) for back in range(21, 60)])
    store.write([run("app_log"), run("demo_buffer", 0), run("openai", 0), run("x", 0)])
    yield store
    store.close()


def test_every_collector_with_a_source_of_its_own_has_records() -> None:
    names = {make.name for make in COLLECTORS}  # type: ignore[attr-defined]
    assert set(RECORDS) == names - set(FOLLOWS)


def test_what_has_nothing_to_read_from_is_no_source_and_silence_is_said(filled: DuckStore) -> None:
    (state,) = sources(filled, NOW, "UTC")
    assert state.collector == "app_log"
    told = f"{NOW - timedelta(days=21):%Y-%m-%d %H:%M}"
    text = summary([state], NOW, "UTC")
    assert text.startswith(f"Newest record {told} · read ") and text.endswith("· Application log quiet for 21 days")


def test_a_source_that_failed_counts_though_nothing_ever_came_of_it(filled: DuckStore) -> None:
    filled.write([run("x", 0, "failed")])
    assert {state.collector for state in sources(filled, NOW, "UTC")} == {"app_log", "x"}


def test_a_weekly_source_may_be_quiet_for_a_week(filled: DuckStore) -> None:
    filled.write([run("openai"), *(reported(back) for back in range(8, 120, 7))])
    (openai,) = (state for state in sources(filled, NOW, "UTC") if state.collector == "openai")
    assert openai.newest is not None and openai.quiet is None


def test_a_limited_viewer_learns_of_their_own_records_alone(filled: DuckStore) -> None:
    filled.write([run("openai"), reported(5), reported(9, "zai")])
    seen = sources(restricted(filled, Segment((("provider", ("zai",)),))), NOW, "UTC")
    (openai,) = (state for state in seen if state.collector == "openai")
    assert openai.newest is not None and NOW - openai.newest > timedelta(days=8)


@pytest.mark.parametrize(
    ("more", "expected", "look"),
    [
        ([], "Application log: quiet for 21 days, which is unusual for it", "warning"),
        ([run("app_log", 0, "failed")], "Application log: last run failed", "bad"),
    ],
)
def test_a_source_that_is_gone_or_quiet_is_a_warning_in_header_and_embed(
    filled: DuckStore, more: list[Point], expected: str, look: str
) -> None:
    filled.write(more)
    assert mark(sources(filled, NOW, "UTC"), NOW) == look
    embed = Embed("a", Wanted("chart", "log_records_by_level"), "", (), "")
    seen = view(embed, (), filled, {}, Selection(timezone="UTC"), NOW, ())
    assert show(seen, seen.charts[0], ("light",)).late.startswith(expected)
