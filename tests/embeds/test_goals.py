"""Goals stand in embeds as on pages, for those alone who may see them; estimates need numbers that somebody has set."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashapp.accounts.goals import EXTENSION
from metricstore.goal import Goal, Period
from tests.embeds.conftest import Wiki


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day has begun, whenever the test runs."""
    noon = datetime.now(UTC).replace(hour=12)
    monkeypatch.setattr("dashapp.embeds.asked.settled_now", lambda: noon)


def set_goal(wiki: Wiki, period: Period = "day") -> Goal:
    wiki.accounts.add("root", "admin", "correct horse battery")
    goal = Goal("generations", "at least", 9, period)
    found: Goal = wiki.app.extensions[EXTENSION].add(goal, wiki.accounts.find("root"))
    return found


def test_a_chart_has_the_goals_line_in_its_frame_and_its_picture(wiki: Wiki) -> None:
    embed = wiki.embed("generations_by_outcome", words={"start": "-7d", "every": "1d"})
    before = wiki.get(embed, ".svg")
    assert "goal" not in before.text
    goal = set_goal(wiki)
    assert "Goal (dashed line): at least 9 posts a day." in wiki.get(embed).text
    picture = wiki.get(embed, ".svg", headers={"If-None-Match": before.headers["ETag"]})
    assert "goal ≥ 9 posts</text>" in picture.text and "Goal (dashed line)" in picture.text
    names = [shape.get("name") for shape in wiki.get(embed, ".json").get_json()[embed.wanted.name]["layout"]["shapes"]]
    assert names.count("goal") == 1
    wiki.app.extensions[EXTENSION].remove(goal.id, wiki.accounts.find("root"))
    assert "goal" not in wiki.get(embed, ".svg").text


def test_a_pages_key_figures_say_how_far_their_goals_are_reached(wiki: Wiki) -> None:
    set_goal(wiki)
    embed = wiki.embed("generation", kind="page", words={"start": "-7d"})
    assert "of 9 posts today, " in wiki.get(embed).text
    assert "of 9 posts" in wiki.get(embed, ".svg").text


def test_an_embed_of_less_than_the_period_does_not_say_how_far_its_goal_is_reached(wiki: Wiki) -> None:
    set_goal(wiki, "year")
    for words, narrow, chosen in (({"start": "-1h"}, (), ""), ({"start": "-400d"}, ("range",), "&start=-1d")):
        embed = wiki.embed("generation", kind="page", words=words, narrow=narrow)
        assert "of 9 posts" not in wiki.client.get(wiki.path(embed) + chosen).text, words
    text = wiki.get(wiki.embed("generation", kind="page", words={"start": "-400d"})).text
    assert "of 9 posts this year" in text


def test_a_goal_for_everything_is_not_shown_to_those_who_see_a_part(wiki: Wiki) -> None:
    set_goal(wiki)
    part = wiki.embed("generations_by_outcome", words={"start": "-7d", "every": "1d", "platform": "linkedin"})
    assert "Goal" not in wiki.get(part).text


@pytest.mark.parametrize("kind", ["", ".svg"])
def test_an_estimate_is_shown_once_its_numbers_are_set(wiki: Wiki, kind: str) -> None:
    unset = wiki.embed("time_saved_trend")
    assert "needs numbers that are not set yet: Writing by hand" in wiki.get(unset, kind).text
    known = wiki.embed("time_saved_trend", words={"assume": "manual_minutes:45,review_minutes:10"})
    assert "not set yet" not in wiki.get(known, kind).text
