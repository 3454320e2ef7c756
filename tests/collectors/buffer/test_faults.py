"""What goes wrong at Buffer is told in a sentence, and loses nothing."""

from __future__ import annotations

import pytest

from collectors.base import Refused, TemporaryFailure
from tests.collectors.buffer.world import HOUR, NOON, World
from tests.standins import Fault
from tests.standins.buffer import failure


@pytest.mark.parametrize("fault", [Fault(401), Fault(403), failure("UNAUTHORIZED", "no"), failure("FORBIDDEN", "no")])
def test_a_refused_key_is_asked_with_once(world: World, fault: Fault) -> None:
    world.server.spoil(fault)
    with pytest.raises(Refused, match="refused the credential"):
        world.driver.run()
    with pytest.raises(Refused, match="DASHAPP_BUFFER_API_KEY changes"):
        world.hour()
    assert len(world.server.calls) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (failure("UNEXPECTED", "Something broke"), "failed: Something broke"),
        (Fault.json(200, {"data": {"account": None}}), "account is null, not an object"),
        (Fault.json(200, {"data": None}), "data is null"),
        (Fault.json(200, []), "the answer is a list"),
        (Fault.page(), "web page"),
        (Fault.page(503), "answered 503"),
        (Fault(cut=True), "broke the answer off"),
        (failure("", "Query too deep to be answered"), "too deep"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_and_mended_by_the_next_run(
    world: World, fault: Fault, words: str
) -> None:
    world.server.spoil(fault)
    world.account.sent("one", "page", NOON - HOUR)
    with pytest.raises((TemporaryFailure, Refused), match=words):
        world.driver.run()
    world.driver.run()
    assert world.posts()["one"]["status"] == "sent"


def test_words_nobody_knows_and_fields_that_are_missing_lose_no_other_post(world: World) -> None:
    world.account.channel("new", "holonet", timezone=None, isQueuePaused=None)
    world.account.sent("fine", "page", NOON - HOUR, impressions=3, vibes=9)
    world.account.post("odd", "new", "levitating", NOON - HOUR, via="telepathy", text=None, updatedAt=None)
    world.account.post("timeless", "page", "draft", None, createdAt=None, updatedAt=None)
    world.account.failed("mute", "page", NOON - HOUR, "")
    world.driver.run()
    found = world.posts()
    assert (found["odd"]["status"], found["odd"]["platform"], found["odd"]["via"]) == ("other", "holonet", "telepathy")
    assert found["mute"]["error_class"] == "other"
    assert set(found) == {"fine", "odd", "mute"}
    assert [letter.reason for letter in world.driver.letters.values()] == ["post timeless has no time"]
    assert world.store.rows("social_post_stats")[0]["impressions"] == 3


def test_a_cursor_that_comes_again_ends_the_reading(world: World) -> None:
    endless = {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": "same"}}
    world.driver.run()
    page = Fault.json(200, {"data": {"posts": endless}})
    world.clock.time += HOUR
    world.server.spoil(Fault(), page, page)
    with pytest.raises(Refused, match="in circles"):
        world.driver.run()
