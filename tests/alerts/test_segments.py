"""A rule with a segment never judges or shows more than the segment: in rounds, when it is tried, in messages and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from alerting.backtest import backtest, document
from alerting.seeing import beyond_segment
from dashapp.accounts import Accounts
from dashapp.accounts import segments as named
from dashapp.accounts.alert_rows import AlertEpisodeRow
from dashapp.accounts.segment_rows import required_segment
from dashapp.accounts.user import Conflict
from dashapp.alerts.covering import covers, part
from dashapp.alerts.episodes import EpisodeBook
from dashapp.alerts.picturing import draw
from dashapp.alerts.rulebook import WrongRules
from dashapp.alerts.trying import attempt
from dashapp.alerts.wording import Links
from metricstore.duck import DuckStore
from metricstore.episode import concerning, seen
from metricstore.point import Point, nanoseconds
from metricstore.segment import Segment
from metricstore.selection import Selection
from tests.alerts.conftest import BEGIN, Scene, at
from tests.unit.alerting.rules import rule

RULES = """
[[rule]]
id = "many"
title = "Many posts"
metric = "generations"
every = "1h"
fire = "> 2"
segment = "linkedin team"
notify = ["ops"]

[[rule]]
id = "each"
title = "Stuck"
kind = "each"
metric = "posts_stuck"
segment = "linkedin team"
notify = ["ops"]

[[receiver]]
name = "ops"
kind = "webhook"
url = "http://127.0.0.1:9/hook"
"""


@pytest.fixture
def limited(tmp_path: Path, database_url: str) -> Iterator[tuple[Scene, Accounts]]:
    """Three posts of LinkedIn and ninety of X in the first hour; one stuck post of each."""
    store, accounts = DuckStore(tmp_path / "metrics.duckdb"), Accounts.open(database_url)
    points = []
    for platform, count in (("linkedin", 3), ("twitter", 90)):
        tags = {"platform": platform}
        points += [Point("generation", nanoseconds(at(0)) + 10**9 * n, tags, {"topic": "t", "file": "app.log", "line": n + 1}) for n in range(count)]  # fmt: skip
        fields = {
            "post_id": platform,
            "topic": f"A post of {platform}",
            "state": "stuck",
            "step": "due",
            "cause": "auth",
        }
        points.append(Point("post_journey", nanoseconds(at(0)), {**tags, "time_kind": "time"}, fields))
    ends = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
    points += [Point("collector_run", nanoseconds(at(1.1)), {"collector": name, "outcome": "ok"}, ends) for name in ("outcomes", "journey")]  # fmt: skip
    assert not store.write(points).rejected
    named.create(accounts, "linkedin team", Segment.of_platforms(("linkedin",)))
    found = Scene(store, accounts.database)
    found.rulebook.apply(RULES, "rules.toml", "test")
    yield found, accounts
    accounts.close()
    store.close()


def test_rounds_and_messages_hold_nothing_of_others(limited: tuple[Scene, Accounts]) -> None:
    scene, _ = limited
    scene.read_until(at(1.1))
    assert scene.round(at(1.1)).failed == {}
    messages = {one["message"].rule: one["message"] for one in scene.outbox.latest()}
    assert messages["many"].value == "3 posts"
    assert "93" not in str(messages["many"]) and "90" not in messages["many"].sentence
    assert "platform=linkedin" in messages["many"].link
    assert messages["each"].sentence == "Stuck: A post of linkedin, auth."


def test_trying_it_and_its_picture_hold_nothing_of_others(limited: tuple[Scene, Accounts]) -> None:
    scene, _ = limited
    scene.read_until(at(1.1))
    scene.round(at(1.1))
    many, each = scene.rulebook.read().rules
    found = backtest(scene.store, many, BEGIN - timedelta(days=1), at(1.1))
    assert [one.first.value for one in found.episodes] == [3]
    assert [
        one["records"] for one in document(backtest(scene.store, each, BEGIN - timedelta(days=1), at(1.1)))["episodes"]
    ] == [["A post of linkedin, auth"]]
    for one in (many, each):
        assert "twitter" not in str(attempt(scene.store, one, at(1.1), 5, Links())) and "90" not in str(
            attempt(scene.store, one, at(1.1), 5, Links())["groups"]
        )
    message = next(one["message"] for one in scene.outbox.latest() if one["message"].rule == "many")
    assert draw(scene.store, many, message).startswith(b"\x89PNG")


def test_its_band_is_drawn_beside_the_data_it_is_about_and_says_so(limited: tuple[Scene, Accounts]) -> None:
    scene, _ = limited
    scene.read_until(at(1.1))
    scene.round(at(1.1))
    (found,) = EpisodeBook(scene.database).within(["generations"], at(0), at(2))
    assert found.name == "Many posts (only platform: LinkedIn)"
    for shown, words in ((True, ()), (True, ("linkedin",)), (False, ("twitter",)), (False, ("!linkedin",))):
        filters = Selection(where={"platform": words} if words else {}).filters()
        assert concerning([found], filters) == ([found] if shown else []), words
    assert seen([found], (Segment.of_platforms(("linkedin",)),), at(2)) == [found]
    assert seen([found], (Segment.of_platforms(("twitter",)),), at(2)) == []


@pytest.mark.parametrize(
    ("where", "limit", "said"),
    [
        ("platform=linkedin,twitter", {"platform": "linkedin"}, "only platform: LinkedIn"),
        ("outcome=!ok", {"platform": "linkedin"}, "only outcome: not ok, platform: LinkedIn"),
        ("platform=!twitter", {"platform": "linkedin"}, "only platform: LinkedIn, not X"),
        ("platform=twitter", {"platform": "linkedin"}, ""),
        ("", {"hour": "09", "tz": "Europe/Berlin"}, ""),
        ("weekday=mon", {"weekday": "tue"}, ""),
        ("hour=08", {"hour": "09"}, ""),
    ],
)
def test_filters_and_segment_are_taken_together(where: str, limit: dict[str, str], said: str) -> None:
    one = replace(rule(metric="generations", where=where or None, segment="s"), within=Segment.from_params(limit))
    assert part(one, ()) == said
    covered = Segment.from_params(covers(one, ()))
    own_clock = limit.get("tz", "UTC") == one.timezone
    assert all(
        covered.lies_within(Segment.from_params({key: text}))
        for key, text in limit.items()
        if key == "platform" or own_clock
    )


def test_what_an_alert_is_about_is_named_with_its_brackets() -> None:
    one = rule(by=["model"])
    assert part(one, ("gpt-4o (old)",)) == "model gpt-4o (old)"
    assert part(one, ("(none) x",)) == "model (none) x"


def test_a_row_that_no_longer_reads_counts_as_about_all_data(limited: tuple[Scene, Accounts]) -> None:
    scene, accounts = limited
    scene.read_until(at(1.1))
    scene.round(at(1.1))
    for written in ('{"weekday": ""}', '{"a column of old": "x"}', '{"tz": "Nowhere/Town", "hour": "9"}'):
        with accounts.database.connection() as connection:
            connection.execute(update(AlertEpisodeRow).values(covers=written))
        (found,) = EpisodeBook(scene.database).within(["generations"], at(0), at(2))
        assert seen([found], (Segment.of_platforms(("linkedin",)),), at(2)) == []
        assert concerning([found], Selection(where={"platform": ("twitter",)}).filters()) == [found], written


def test_a_segment_that_changes_changes_what_is_judged_and_one_that_is_gone_closes_the_rule(
    limited: tuple[Scene, Accounts],
) -> None:
    scene, accounts = limited
    scene.read_until(at(1.1))
    named.update(accounts, "linkedin team", Segment.of_platforms(("twitter",)))
    (many, _) = scene.rulebook.read().rules
    assert [one.first.value for one in backtest(scene.store, many, BEGIN - timedelta(days=1), at(1.1)).episodes] == [90]
    with pytest.raises(Conflict, match="is what the alert rules many, each may see"):
        named.delete(accounts, "linkedin team")
    with accounts.database.session() as session:
        session.delete(required_segment(session, "linkedin team"))
    failed = scene.round(at(1.1)).failed
    assert set(failed) == {"many", "each"} and "there is no segment 'linkedin team'" in failed["many"]


def test_a_segment_that_is_not_there_or_does_not_go_with_the_rule_is_said(limited: tuple[Scene, Accounts]) -> None:
    scene, _ = limited
    with pytest.raises(WrongRules, match="there is no segment 'linkedin taem'; did you mean 'linkedin team'"):
        scene.rulebook.apply(RULES.replace("linkedin team", "linkedin taem"), "rules.toml", "test")
    team, daily = Segment.of_platforms(("linkedin",)), Segment(every="1d")
    for one, segment, says in (
        (rule(metric="errors", segment="s"), team, "limited by platform, which “Log records” does not know"),
        (rule(metric="generations", segment="s"), daily, "every = '1h' is finer"),
        (rule(kind="each", metric="posts_stuck", every=None, fire=None, clear=None, segment="s"), daily, "single records are finer"),
    ):  # fmt: skip
        assert [says in each.text for each in beyond_segment(one, {"s": segment})] == [True], says
